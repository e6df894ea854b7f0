"""Sounds and videos from outside: decoded in a process of their own, kept as samples alone, refused with a sentence."""

import io
import os
import re
import subprocess
import sys

import av
import numpy as np
import pytest
from django.core.files.base import ContentFile

from runwayweb.assets import footage
from runwayweb.assets.footage import DECODER, BadFootage, read_footage, read_recording
from runwayweb.assets.models import RECORDING, Asset
from runwayweb.assets.pictures import frames_of
from runwayweb.assets.sounds import PEAKS, samples_of

RATE = 44_100


def tone(seconds=1.0, channels=2, rate=RATE):
    """A sound that grows louder: float32 (channels, N)."""
    time = np.arange(round(seconds * rate)) / rate
    swell = np.sin(2 * np.pi * 440 * time) * np.linspace(0, 0.8, len(time))
    return np.repeat(swell[None], channels, axis=0).astype(np.float32)


def sound_file(container, codec, samples=None, rate=RATE):
    """The bytes of a file with a tone in it."""
    samples = tone() if samples is None else samples
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(samples)]
    data = io.BytesIO()
    with av.open(data, "w", format=container) as written:
        stream = written.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
        frame.sample_rate = rate
        converted = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate, frame_size=1024)
        for part in [*converted.resample(frame), *converted.resample(None)]:
            written.mux(stream.encode(part))
        written.mux(stream.encode(None))
    return data.getvalue()


def read(data):
    return read_recording(ContentFile(data, name="tone"))


@pytest.mark.parametrize(
    ("container", "codec", "late_by"),
    [
        ("wav", "pcm_s16le", 0),
        ("mp3", "libmp3lame", 0),
        ("flac", "flac", 0),
        ("ipod", "aac", 2048),
        ("matroska", "aac", 2048),
    ],
)
def test_what_people_have_becomes_flac_as_long_and_as_loud(container, codec, late_by):
    recording = read(sound_file(container, codec))
    samples, rate = samples_of(io.BytesIO(recording.data), RECORDING)
    assert (rate, samples.shape[1]) == (RATE, 2)
    assert 0 <= len(samples) - RATE <= late_by, "an encoder's own blocks may fill it up"
    assert recording.duration_seconds == pytest.approx(len(samples) / RATE)
    assert np.abs(samples).max() == pytest.approx(0.8, abs=0.06)
    peaks = recording.peaks
    assert len(peaks) in range(90, PEAKS + 1) and max(peaks) == 100
    assert peaks[5] < peaks[40] < peaks[80], "it grows louder"


def test_more_channels_become_two():
    recording = read(sound_file("wav", "pcm_s16le", tone(channels=6)))
    assert samples_of(io.BytesIO(recording.data), RECORDING)[0].shape[1] == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a sound",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
        os.urandom(4000),
        sound_file("wav", "pcm_s16le")[:60],
    ],
    ids=["empty", "words", "playlist", "list of files", "address", "noise", "cut off"],
)
def test_what_is_no_sound_is_refused_with_a_sentence(data):
    with pytest.raises(BadFootage, match=r"This is no sound in MP3|There is no sound"):
        read(data)


def film_file(num_frames=10, fps=10, width=320, height=180, container="mp4", codec="libx264"):
    """The bytes of a video that grows brighter from frame to frame, its left half dark."""
    data = io.BytesIO()
    with av.open(data, "w", format=container) as written:
        stream = written.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(num_frames):
            pixels = np.full((height, width, 3), 20 + 200 * index // num_frames, np.uint8)
            pixels[:, : width // 2] = 0
            written.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        written.mux(stream.encode(None))
    return data.getvalue()


def watch(data, **limits):
    limits = {"fps": 10, "most_pixels": 512 * 288, "most_seconds": 10} | limits
    footage = read_footage(ContentFile(data, name="film"), **limits)
    return footage, frames_of(io.BytesIO(footage.data))


def test_a_video_is_taken_at_another_rate_cut_and_shrunk():
    footage, frames = watch(film_file(num_frames=20, fps=20), fps=5)
    assert (footage.num_frames, footage.fps, footage.duration_seconds) == (5, 5, 1)
    assert frames.shape == (5, 176, 320, 3)
    assert (np.diff(frames[:, :, 200:].mean((1, 2, 3))) > 20).all() and frames[:, :, :120].mean() < 5
    assert watch(film_file(num_frames=10, fps=5), fps=10)[0].num_frames == 20, "slower ones are seen as long"
    assert watch(film_file(num_frames=40), most_seconds=1.5)[0].num_frames == 15
    small = watch(film_file(width=640, height=360), most_pixels=200 * 120)[0]
    assert small.width * small.height <= 200 * 120 and small.width % 16 == small.height % 16 == 0
    assert small.width / small.height == pytest.approx(16 / 9, rel=0.15)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"not a video", "no video in MP4"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "no video in MP4"),
        (film_file()[:400], "no video in MP4"),
        (sound_file("ipod", "aac"), "no picture in this file"),
        (film_file(width=48, height=48), "64 to 8,192 pixels"),
    ],
    ids=["words", "playlist", "cut off", "a sound", "small"],
)
def test_what_is_no_video_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(BadFootage, match=sentence):
        watch(data)


def test_a_video_without_a_sound_a_long_one_and_a_large_one_are_refused(monkeypatch):
    with pytest.raises(BadFootage, match="There is no sound in this file"):
        read(film_file())
    with pytest.raises(BadFootage, match="longer than 10 minutes"):
        read(sound_file("flac", "flac", np.zeros((1, 601 * 8000), np.float32), rate=8000))
    monkeypatch.setattr(footage, "MOST_BYTES", 1000)
    with pytest.raises(BadFootage, match="larger than"):
        read(sound_file("wav", "pcm_s16le"))


def test_samples_that_are_not_a_number_are_refused():
    samples = tone()
    samples[:, 20_000:20_100] = np.nan
    with pytest.raises(BadFootage, match="no sound in MP3"):
        read(sound_file("wav", "pcm_f32le", samples))


def test_a_decoder_that_takes_too_much_is_ended_and_the_file_refused(tmp_path, monkeypatch):
    hungry = tmp_path / "hungry.py"
    limits = re.search(r"    resource\.setrlimit.*?\n(?=    try)", DECODER.read_text(), re.S)[0]
    constants = "\n".join(re.findall(r"^[A-Z_]+ = .*", DECODER.read_text(), re.M))
    hungry.write_text(f"import resource\n{constants}\nif True:\n{limits}\nx = bytearray(4 * 1024**3)\nprint('{{}}')\n")
    assert subprocess.run([sys.executable, str(hungry)], capture_output=True, check=False).returncode != 0
    monkeypatch.setattr(footage, "DECODER", hungry)
    with pytest.raises(BadFootage):
        read(sound_file("wav", "pcm_s16le"))


@pytest.mark.django_db
def test_a_recording_is_kept_under_a_name_of_our_own(ada):
    asset = Asset.objects.keep_recording(
        read(sound_file("mp3", "libmp3lame")), workspace=ada.open_workspace(), name="../x.mp3"
    )
    assert (asset.name, asset.file_name, asset.is_sound, asset.has_sound) == ("../x.mp3", "recording.flac", True, True)
    assert asset.file.name == f"recordings/{str(asset.pk)[:2]}/{asset.pk}/recording.flac"
    samples, rate = asset.samples()
    assert (rate, samples.dtype) == (RATE, np.float32)

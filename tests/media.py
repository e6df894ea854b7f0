"""Small sounds and videos for stories, as bytes. Needs no Django."""

import io
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 48_000


def tone(seconds=1.0, channels=2, rate=RATE):
    """A sound that grows louder: float32 (channels, N)."""
    time = np.arange(round(seconds * rate)) / rate
    swell = np.sin(2 * np.pi * 440 * time) * np.linspace(0, 0.8, len(time))
    return np.repeat(swell[None], channels, axis=0).astype(np.float32)


def media_file(
    container="mp4",
    frames=24,
    fps=24,
    size=(320, 180),
    codec="libx264",
    sound="aac",
    samples=None,
    times=None,
    shape=None,
    **options,
):
    """A video that grows brighter, its left half dark, with a tone; without either where `codec` or `sound` is None.

    `shape`: how wide a pixel is, of its height. `times`: when each frame is seen, in thousandths of a second, for one
    whose frames are not evenly apart.
    """
    with tempfile.NamedTemporaryFile() as file, av.open(file.name, "w", format=container, options=options) as written:
        video = voice = None
        if codec:
            video = written.add_stream(codec, rate=fps)
            video.width, video.height, video.pix_fmt = *size, "yuv420p"
            if shape:
                video.codec_context.sample_aspect_ratio = shape
        if sound:
            samples = tone(frames / fps) if samples is None else samples
            voice = written.add_stream(sound, rate=RATE, layout="mono" if len(samples) == 1 else "stereo")
        if video:
            for index in range(frames):
                pixels = np.full((size[1], size[0], 3), 20 + 200 * index // frames, np.uint8)
                pixels[:, : size[0] // 2] = 0
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                if times:
                    video.codec_context.time_base = frame.time_base = Fraction(1, 1000)
                    frame.pts = times[index]
                written.mux(video.encode(frame))
            written.mux(video.encode(None))
        if voice:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=voice.layout.name)
            frame.sample_rate = RATE
            converted = av.AudioResampler(voice.codec_context.format, voice.layout.name, RATE, frame_size=1024)
            for part in [*converted.resample(frame), *converted.resample(None)]:
                written.mux(voice.encode(part))
            written.mux(voice.encode(None))
        written.close()
        return Path(file.name).read_bytes()


def cut_off(data, share=0.6):
    """The beginning of a file."""
    return data[: int(len(data) * share)]


def many_tracks(count=60):
    """A file with so many sounds in it."""
    data = io.BytesIO()
    with av.open(data, "w", format="matroska") as written:
        voices = [written.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(count)]
        for voice in voices:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
            frame.sample_rate = 8000
            written.mux(voice.encode(frame))
    return data.getvalue()

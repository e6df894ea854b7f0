"""A cut becomes a file: its frames are those of its takes, its sound as loud as asked."""

import os
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from generation.engine.clip import Audio
from generation.engine.encode import write_mp4
from generation.engine.likeness import psnr
from projects.cut import Clip, Cut, Source, Track, Transition
from projects.export.formats import FORMATS
from projects.export.pictures import Footage, Pictures
from projects.export.render import Order, render
from projects.export.sound import RATE, Loudness, gain_for, mixed
from projects.subtitles import as_srt, as_vtt
from tests.pictures import frames_of
from tests.screening import decoded, loudness_of

A, B = (Source("asset", f"00000000-0000-0000-0000-00000000000{n}") for n in (1, 2))


def tone(seconds, volume=0.1, rate=44_100):
    wave = volume * np.sin(2 * np.pi * 997 * np.arange(int(seconds * rate)) / rate)
    return Audio(np.stack([wave, wave], 1).astype(np.float32), rate)


@pytest.fixture(scope="module")
def footage(tmp_path_factory):
    """Two clips of 64 x 48: one of 24 frames at 12 a second, silent; one of 48 at 24, with a tone."""
    folder = tmp_path_factory.mktemp("footage")
    write_mp4(frames_of(1, 24), 12, folder / "a.mp4", metadata={})
    write_mp4(frames_of(2, 48), 24, folder / "b.mp4", audio=tone(2), metadata={})
    return {A: Footage(folder / "a.mp4", "mp4", 12), B: Footage(folder / "b.mp4", "mp4", 24, has_sound=True)}


def cut_of(*clips, kind="video", fps=24):
    return Cut(fps=fps, width=64, height=48, tracks=(Track("v1", kind, clips=clips),))


def made(cut, footage, folder, **order):
    given = Order(**{"height": 48, "loudness": None} | order)
    return render(cut, footage, given, folder, lambda done, total: None)


def test_frames_at_every_cut_are_those_of_the_takes(footage, tmp_path):
    cut = cut_of(Clip("a", 0, 30, A, in_frame=4), Clip("b", 30, 24, B, in_frame=7), Clip("c", 60, 12, A, speed=2.0))
    film = decoded(made(cut, footage, tmp_path))
    assert len(film) == 72
    first, second = decoded(footage[A].path), decoded(footage[B].path)
    for number, source in {0: first[4], 1: first[4], 29: first[18], 30: second[7], 53: second[30]}.items():
        assert psnr(film[number][None], source[None]) >= 30, number
    assert film[54:60].max() < 12, "a gap is black"
    assert psnr(film[71][None], first[11][None]) >= 30, "twice as fast"


def test_a_film_of_a_plan_with_a_watermark_has_it_in_its_corner(footage, tmp_path):
    cut = cut_of(Clip("a", 0, 24, A))
    plain = decoded(made(cut, footage, tmp_path / "plain", height=480)).astype(int)
    with_mark = decoded(made(cut, footage, tmp_path / "marked", height=480, marked=True)).astype(int)
    changed = np.abs(plain - with_mark).max(-1) > 40
    assert changed[:, 440:, 400:].any(axis=(1, 2)).all(), "in every frame"
    assert changed[:, :400].mean() < 0.001


def test_a_clip_that_is_too_short_holds_its_last_frame_and_dissolves_show_both(footage, tmp_path):
    dissolve = Transition("dissolve", 5)
    cut = cut_of(Clip("a", 0, 54, A), Clip("b", 54, 12, B, transition=dissolve), Clip("c", 66, 12, B, fade_to_black=6))
    film = decoded(made(cut, footage, tmp_path))
    last = decoded(footage[A].path)[23]
    assert psnr(film[53][None], last[None]) >= 30
    half = (last.astype(float) + decoded(footage[B].path)[2]) / 2
    assert psnr(film[56][None], half.round().astype(np.uint8)[None]) >= 28
    assert film[77].mean() < film[70].mean() / 3


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_every_rate_keeps_the_length(footage, tmp_path, fps):
    path = made(cut_of(Clip("a", 0, 48, A)), footage, tmp_path, fps=fps)
    with av.open(str(path)) as container:
        pictures, sound = container.streams.video[0], container.streams.audio[0]
        assert (pictures.frames, pictures.average_rate) == (2 * fps, fps)
        assert float(pictures.duration * pictures.time_base) == pytest.approx(2, abs=0.001)
        assert float(sound.duration * sound.time_base) == pytest.approx(2, abs=0.001)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"png", "wav"}))
def test_every_format_opens_with_its_streams(footage, tmp_path, name):
    path = made(cut_of(Clip("a", 0, 12, A), Clip("b", 12, 12, B)), footage, tmp_path, format=name)
    codecs = {"mp4": "h264", "h265": "hevc", "av1": "av1", "prores": "prores", "prores4444": "prores"}
    with av.open(str(path)) as container:
        codec = container.streams.video[0].codec_context.codec.canonical_name
        assert (codec, len(container.streams.audio)) == (codecs[name], 1)
        assert sum(1 for _frame in container.decode(video=0)) == 24


def test_an_encoder_that_would_have_the_machine_for_itself_takes_turns(footage, tmp_path):
    """SVT-AV1, run by root, makes its process a real-time one, and with it all that is started from there."""
    seen = set()

    def look(done, total):
        seen.update(os.sched_getscheduler(int(task.name)) for task in Path("/proc/self/task").iterdir())

    cut = cut_of(Clip("a", 0, 24, A))
    render(cut, footage, Order(format="av1", height=48, loudness=None), tmp_path, look)
    assert seen == {os.SCHED_OTHER}


def test_pictures_alone_and_sound_alone(footage, tmp_path):
    cut = cut_of(Clip("b", 0, 24, B))
    with zipfile.ZipFile(made(cut, footage, tmp_path / "png", format="png", name="fox")) as archive:
        assert archive.namelist()[0] == "fox-000000.png" and len(archive.namelist()) == 24
    with av.open(str(made(cut, footage, tmp_path / "wav", format="wav"))) as container:
        samples = np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in container.decode(audio=0)])
    assert len(samples) == RATE


@pytest.mark.parametrize("target", [-14.0, -23.0])
def test_a_film_is_as_loud_as_asked(footage, tmp_path, target):
    cut = cut_of(Clip("b", 0, 48, B))
    heard = loudness_of(made(cut, footage, tmp_path, format="wav", loudness=target))
    assert heard.integrated == pytest.approx(target, abs=0.5)
    assert heard.peak <= 0.9


def test_loudness_is_measured_as_the_norm_says():
    """A stereo tone of 997 Hz at -23 dBFS in both channels is -23 LUFS: EBU Tech 3341, case 1."""
    heard = Loudness()
    for _ in range(5):
        heard.hear(tone(1, volume=10 ** (-23 / 20), rate=RATE).samples)
    assert heard.integrated == pytest.approx(-23, abs=0.1)
    silent = Loudness()
    silent.hear(np.zeros((RATE, 2), np.float32))
    assert silent.integrated == float("-inf") and gain_for(silent, -14) == 1


def test_volumes_fades_and_mutes_are_heard(footage, tmp_path):
    def level(**more):
        path = made(cut_of(Clip("b", 0, 48, B, **more)), footage, tmp_path / str(more), format="wav")
        with av.open(str(path)) as container:
            samples = np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in container.decode(audio=0)])
        return np.abs(samples.astype(float) / 2**31).reshape(4, -1).max(1)

    plain, quiet, faded, silent = level(), level(volume_db=-12.0), level(fade_in=48), level(muted=True)
    assert quiet == pytest.approx(plain / 3.98, rel=0.05)
    assert faded[0] < 0.3 * plain[0] and faded[3] > 0.9 * plain[3]
    assert silent.max() == 0


def test_a_long_film_holds_no_more_files_open_than_a_short_one(footage):
    def most_open(clips):
        """Files that are open at once while so many clips are heard, one after the other, half a second each."""
        heard = tuple(Clip(f"a{n}", n * 12, 12, B) for n in range(clips))
        return max(len(os.listdir("/proc/self/fd")) for _second in mixed(cut_of(*heard, kind="audio"), footage))

    assert most_open(60) <= most_open(6)


def test_captions_are_drawn_where_asked_and_leave_as_files(footage, tmp_path):
    words = Track("c1", "caption", clips=(Clip("s", 12, 24, text="She <waited> & slept.\n\nŠkoda"),))
    cut = Cut(fps=24, width=64, height=48, tracks=(*cut_of(Clip("a", 0, 48, A)).tracks, words))

    def drawn(captions):
        pictures = Pictures(cut, footage, width=64, height=48, fps=24, captions=captions)
        return [planes.y.copy() for planes in pictures.drawn(11, 13)]

    (before, with_words), (plain_before, without) = drawn(True), drawn(False)
    assert (before == plain_before).all() and (with_words != without).any()
    assert as_srt(cut) == "1\n00:00:00,500 --> 00:00:01,500\nShe <waited> & slept.\nŠkoda\n"
    assert "She &lt;waited&gt; &amp; slept.\nŠkoda\n" in as_vtt(cut) and as_vtt(cut).startswith(
        "WEBVTT\n\n00:00:00.500"
    )


def test_what_is_rendered_already_is_not_rendered_again(footage, tmp_path, monkeypatch):
    """Stopped after the first piece, it goes on with the second, and the film looks like one that was not."""
    monkeypatch.setattr("projects.export.render.PIECE_SECONDS", 1)
    cut = cut_of(Clip("a", 0, 48, A), Clip("b", 48, 24, B))
    whole = decoded(made(cut, footage, tmp_path / "whole"))

    def stop(done, total):
        if done > 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(cut, footage, Order(height=48, loudness=None), tmp_path / "stopped", stop)
    pieces = list((tmp_path / "stopped").glob("piece-*"))
    first = {piece.name: piece.stat().st_mtime_ns for piece in pieces}
    assert list(first) == ["piece-00000.mp4"]
    again = decoded(made(cut, footage, tmp_path / "stopped"))
    # The encoder's threads may round a picture otherwise; what is seen is the same.
    assert len(again) == len(whole) and psnr(again, whole) > 38
    assert (tmp_path / "stopped" / "piece-00000.mp4").stat().st_mtime_ns == first["piece-00000.mp4"]


def test_source_frames_between_two_of_the_cut(footage):
    """At 60 a second a slow source is asked for moments between the cut's frames."""
    assert Clip("a", 0, 9, A).source_frame(Fraction(5, 2), 24, 24) == 2

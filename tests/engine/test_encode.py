"""A clip becomes a file that browsers play, that says how it was made, and that is the same every time."""

import hashlib
from fractions import Fraction

import av
import numpy as np
import pytest

from generation.engine.clip import Audio
from generation.engine.encode import DIGITAL_SOURCE_TYPE, read_recipe, scale_frames, write_mp4

RECIPE = {"engine": "animatic", "request": {"prompt": "Ein Fuchs läuft 🦊", "seed": 7}}


def drifting_bars(num_frames=24, height=96, width=160):
    """Coloured bars that move two pixels a frame: uint8 (F, H, W, 3)."""
    colors = np.array([[220, 40, 30], [30, 180, 60], [40, 60, 220], [240, 240, 240]], dtype=np.uint8)
    columns = (np.arange(width)[None] + 2 * np.arange(num_frames)[:, None]) // 40 % len(colors)
    return np.repeat(colors[columns][:, None], height, axis=1)


def decoded(path):
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


@pytest.mark.parametrize(("num_frames", "fps"), [(24, 12), (25, 16), (7, 24), (1, 12)])
def test_a_clip_has_exactly_the_frames_and_the_length_it_was_given(tmp_path, num_frames, fps):
    write_mp4(drifting_bars(num_frames), fps, tmp_path / "clip.mp4", metadata=RECIPE)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        video = container.streams.video[0]
        assert video.frames == num_frames
        assert video.average_rate == fps
        assert video.duration * video.time_base == Fraction(num_frames, fps)
        assert container.duration == pytest.approx(num_frames / fps * av.time_base, abs=1000)
        assert (video.codec_context.name, video.pix_fmt) == ("h264", "yuv420p")
        assert len(list(container.decode(video))) == num_frames


def test_colours_survive_and_are_tagged_bt709(tmp_path):
    frames = drifting_bars()
    write_mp4(frames, 12, tmp_path / "clip.mp4", metadata=RECIPE)
    assert np.abs(decoded(tmp_path / "clip.mp4").astype(int) - frames).mean() < 4
    with av.open(str(tmp_path / "clip.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)


def test_the_index_lies_before_the_pictures_so_playing_starts_at_once(tmp_path):
    write_mp4(drifting_bars(), 12, tmp_path / "clip.mp4", metadata=RECIPE)
    data = (tmp_path / "clip.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_the_recipe_can_be_read_back(tmp_path):
    write_mp4(drifting_bars(), 12, tmp_path / "clip.mp4", metadata=RECIPE)
    recipe = read_recipe(tmp_path / "clip.mp4")
    assert recipe == {**RECIPE, "digital_source_type": DIGITAL_SOURCE_TYPE}
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert container.metadata["title"] == "Ein Fuchs läuft 🦊"


def test_the_file_says_that_a_machine_made_it(tmp_path):
    write_mp4(drifting_bars(), 12, tmp_path / "clip.mp4", metadata=RECIPE)
    data = (tmp_path / "clip.mp4").read_bytes()
    box = data.index(bytes.fromhex("be7acfcb97a942e89c71999491e3afac")) - 8
    assert data[box + 4 : box + 8] == b"uuid"
    assert box + int.from_bytes(data[box : box + 4]) == len(data)
    assert DIGITAL_SOURCE_TYPE.encode() in data[box:]


def test_equal_clips_are_equal_bytes(tmp_path):
    for name in ("one.mp4", "two.mp4"):
        write_mp4(drifting_bars(), 12, tmp_path / name, metadata=RECIPE)
    one, two = (hashlib.sha256((tmp_path / name).read_bytes()).digest() for name in ("one.mp4", "two.mp4"))
    assert one == two


@pytest.mark.parametrize(("seconds", "channels"), [(2.0, 1), (0.4, 2), (5.0, 2)])
def test_sound_is_as_long_as_the_picture(tmp_path, seconds, channels):
    times = np.arange(round(seconds * 48_000)) / 48_000
    tone = np.repeat(np.sin(2 * np.pi * 440 * times)[:, None] * 0.5, channels, axis=1).astype(np.float32)
    write_mp4(drifting_bars(24), 12, tmp_path / "clip.mp4", audio=Audio(tone, 48_000), metadata=RECIPE)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        sound = container.streams.audio[0]
        assert (sound.codec_context.name, sound.codec_context.channels) == ("aac", channels)
        assert float(sound.duration * sound.time_base) == pytest.approx(2.0, abs=0.03)
        assert container.streams.video[0].frames == 24
        heard = np.concatenate([frame.to_ndarray() for frame in container.decode(sound)], axis=1)
    assert np.abs(heard[:, 4_800:14_400]).max() == pytest.approx(0.5, abs=0.1)
    if seconds < 1:
        assert np.abs(heard[:, 48_000:]).max() < 0.01


def test_frames_may_come_one_at_a_time(tmp_path):
    write_mp4((frame for frame in drifting_bars(5)), 12, tmp_path / "clip.mp4", metadata=RECIPE)
    assert len(decoded(tmp_path / "clip.mp4")) == 5


@pytest.mark.parametrize(
    ("frames", "complaint"),
    [
        (np.zeros((0, 64, 64, 3), np.uint8), "at least one frame"),
        (np.zeros((2, 63, 64, 3), np.uint8), "must be even"),
        (np.zeros((2, 64, 64, 3), np.float32), "8-bit RGB"),
    ],
)
def test_what_cannot_be_a_clip_leaves_no_file_behind(tmp_path, frames, complaint):
    with pytest.raises(ValueError, match=complaint):
        write_mp4(frames, 12, tmp_path / "clip.mp4", metadata=RECIPE)
    assert list(tmp_path.iterdir()) == []


def test_a_clip_that_breaks_halfway_keeps_the_older_file(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"older")

    def breaking():
        yield from drifting_bars(3)
        raise RuntimeError("the renderer died")

    with pytest.raises(RuntimeError):
        write_mp4(breaking(), 12, tmp_path / "clip.mp4", metadata=RECIPE)
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]
    assert (tmp_path / "clip.mp4").read_bytes() == b"older"


def test_other_files_have_no_recipe(tmp_path):
    (tmp_path / "notes.txt").write_text("not a film")
    with pytest.raises(ValueError, match=r"notes\.txt is not a media file"):
        read_recipe(tmp_path / "notes.txt")


def test_frames_scale_to_the_size_asked_for():
    frames = drifting_bars(3, height=96, width=160)
    scaled = scale_frames(frames, 80, 48)
    assert scaled.shape == (3, 48, 80, 3)
    assert np.abs(scaled[:, 10, 10].astype(int) - frames[:, 20, 20]).max() < 8
    assert scale_frames(frames, 160, 96) is frames

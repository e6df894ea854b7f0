"""A picture from elsewhere, moved: as sharp as it is, as far as it reaches, and nobody in it acts."""

import numpy as np
import pytest
import torch

from generation.engine import catalogue
from generation.engine.clip import Cancelled, EngineError
from generation.engine.painter.guide import guide_of, nearness
from generation.engine.painter.relief import moved, reach
from generation.engine.request import Blocking, VideoRequest
from generation.engine.training import relief as training
from generation.engine.training import scenes
from generation.engine.world.reading import read
from generation.engine.world.render import render
from tests.engine.tiny_pipelines import save_tiny_painter

PICTURE = np.random.default_rng(1).integers(0, 255, (64, 96, 3), dtype=np.uint8)
OTHER = np.full((64, 96, 3), (40, 90, 200), np.uint8)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = save_tiny_painter(tmp_path_factory.mktemp("painter"))
    return catalogue.load_engine(catalogue.card_for(str(folder)), device="cpu")


def made(engine, prompt="a red fox in a forest", **given):
    size = {"width": 96, "height": 64, "num_frames": 9, "fps": 12, "seed": 5}
    return engine.generate(VideoRequest(prompt=prompt, **(size | given)), lambda *step: None)


@pytest.mark.parametrize("move", ["dollies in 0.8 metres", "trucks left 0.4 metres", "orbits right 10 degrees"])
def test_with_its_true_nearness_a_picture_is_what_another_camera_sees(move):
    drawn = render(
        [read(f"a green frog stands on a beach, camera {move}", seed=4).scene],
        [4], width=256, height=144, num_frames=5, fps=12,
    )  # fmt: skip
    picture = drawn.rgb[0, 0].permute(2, 0, 1).float() / 127.5 - 1
    near = nearness(drawn.depth[0, 0])
    frames = torch.stack(list(moved(picture, near, drawn.camera_to_world[0], drawn.intrinsics[0])))
    truth = drawn.rgb[0].permute(0, 3, 1, 2).float() / 127.5 - 1
    assert torch.equal(frames[0], picture)
    missed = (frames.clamp(-1, 1) - truth).square().mean((1, 2, 3))
    if_it_stood_still = (picture - truth).square().mean((1, 2, 3))
    assert (missed[1:] < 0.7 * if_it_stood_still[1:]).all(), missed / if_it_stood_still


def test_what_does_not_move_stays_and_a_pan_leaves_the_picture():
    drawn = render(
        [read("a green frog stands on a beach, camera pans left 30 degrees", seed=4).scene],
        [4], width=128, height=80, num_frames=3, fps=12,
    )  # fmt: skip
    near, (cameras, lenses) = nearness(drawn.depth[0, 0]), (drawn.camera_to_world[0], drawn.intrinsics[0])
    still = cameras[:1].expand(3, -1, -1)
    picture = drawn.rgb[0, 0].permute(2, 0, 1).float() / 127.5 - 1
    last = list(moved(picture, near, still, lenses))[-1]
    assert (last - picture).abs().mean() < 0.01
    inside, bent = reach(near, still, lenses)
    assert inside > 0.99 and bent == 0
    assert 0.3 < reach(near, cameras, lenses)[0] < 0.8


def test_it_begins_or_ends_with_the_very_picture(engine):
    first = made(engine, first_frame=PICTURE)
    assert np.array_equal(first.frames[0], PICTURE)
    assert not np.array_equal(first.frames[-1], PICTURE), "it moves"
    last = made(engine, last_frame=PICTURE)
    assert np.array_equal(last.frames[-1], PICTURE)
    both = made(engine, first_frame=PICTURE, last_frame=OTHER)
    assert np.array_equal(both.frames[0], PICTURE) and np.array_equal(both.frames[-1], OTHER)
    assert not np.array_equal(both.frames[4], PICTURE) and not np.array_equal(both.frames[4], OTHER)
    assert np.array_equal(first.frames, made(engine, first_frame=PICTURE).frames), "equal requests, equal bytes"


def test_it_says_how_far_the_camera_went(engine):
    def said(prompt, **given):
        return made(engine, prompt, first_frame=PICTURE, **given).understood

    unasked = said("a red fox waves in a forest")
    assert unasked["camera"] == {"move": "dolly in", "amount": 0.6, "words": None}
    assert "Nothing was said of the camera" in unasked["sentence"] and "Nobody in a picture" in unasked["sentence"]
    assert unasked["guided"] is False and not unasked["assumed"]
    far = said("camera pans left 60 degrees")
    assert far["camera"]["move"] == "pan left" and 0 < far["camera"]["amount"] < 30
    assert "The picture reaches no farther" in far["sentence"]
    near = said("a fox", camera="zoom in")
    assert near["camera"]["move"] == "zoom in" and "reaches" not in near["sentence"]
    still = made(engine, "a fox, static camera", first_frame=PICTURE)
    assert np.array_equal(still.frames[-1], PICTURE)
    assert "static camera" in still.understood["sentence"]


def test_it_holds_nobody_to_a_scene_and_takes_nothing_beside(engine):
    clip = made(engine, first_frame=PICTURE)
    assert clip.recipe["words"]["place"] == "forest" and clip.recipe["camera"]["move"] == "dolly in"
    assert Blocking.of_recipe(clip.recipe) is None and clip.cast == ()
    with pytest.raises(EngineError, match="moves a first or last frame from elsewhere as it is"):
        made(engine, first_frame=PICTURE, references=(OTHER,))
    assert engine.card.usable({"first_frame"}) == {"first_frame", "last_frame"}
    assert engine.card.usable({"first_frame", "blocking"}) == engine.card.usable(set()) == engine.card.inputs


def test_it_stops_within_a_frame_and_tells_each(engine):
    told = []

    def stop(step, steps, preview):
        told.append((step, steps, preview is not None))
        if step == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(
            VideoRequest(prompt="a fox", width=96, height=64, num_frames=9, fps=12, seed=5, first_frame=PICTURE), stop
        )
    assert told == [(1, 9, True), (2, 9, False), (3, 9, False)]


@pytest.mark.parametrize("shape", [(64, 96), (96, 64), (288, 512), (20, 300)])
def test_pictures_of_any_shape_have_a_nearness(engine, shape):
    near = engine.pipeline.relief.nearness_of(torch.zeros(3, *shape))
    assert near.shape == shape and 0 <= near.min() and near.max() <= 1


def test_it_learns_from_the_nearness_that_was_drawn():
    scene = read("a green frog stands on a beach", seed=4).scene
    drawn = render([scene], [4], width=128, height=80, num_frames=1, fps=12)
    guide = guide_of(drawn, scenes.ENTITIES)
    clips = scenes.Clips(
        (scene,), (4,), drawn.rgb, drawn.mask, guide.surface, guide.cover, guide.detail, guide.owner, guide.part,
        drawn.camera_to_world, drawn.intrinsics, torch.empty(0), torch.empty(0),
    )  # fmt: skip
    near = training.nearness_in(clips)
    assert (near - nearness(drawn.depth)).abs().mean() < 0.005
    assert training.missed(near[0], near[0]) == 0 < training.missed(near[0], near[0].flip(-1))

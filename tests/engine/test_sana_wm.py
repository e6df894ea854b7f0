"""SANA-WM through the engine's contract, with tiny random weights: everything but beauty is real."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from generation.engine.catalogue import card_for, load_engine
from generation.engine.clip import Cancelled, EngineError
from generation.engine.pipelines.camera_path import path_of
from generation.engine.pipelines.sana_wm import _first_frame, _path
from generation.engine.published import PUBLISHED
from generation.engine.request import CAMERA_MOVES, CameraKey, VideoRequest
from tests.engine.tiny_sana_wm import save_tiny_sana_wm


def sign(height=64, width=96):
    """A picture with a red left and a blue right half."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = (230, 30, 30), (30, 30, 230)
    return pixels


FOX = VideoRequest(
    "a red fox walks", width=96, height=64, num_frames=9, seed=7, num_inference_steps=2, first_frame=sign()
)


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def drawn(engine, request):
    return engine.generate(request, nothing).frames


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_sana_wm(tmp_path_factory.mktemp("models") / "tiny-sana-wm")


def loaded(folder, max_pixels=96 * 64):
    # It draws at its card's size whatever is asked for; the published one's would take a minute here.
    return load_engine(replace(card_for(str(folder)), max_pixels=max_pixels), device="cpu")


@pytest.fixture(scope="module")
def engine(folder):
    return loaded(folder)


@pytest.fixture(scope="module")
def fox(engine):
    return drawn(engine, FOX)


def test_its_card_asks_for_a_picture_and_promises_the_camera(folder):
    card = card_for(str(folder))
    assert (card.required, card.inputs) == ({"first_frame"}, {"first_frame"})
    assert card.tasks == {"image_to_video", "extend", "camera"}
    published = next(card for card in PUBLISHED if card.id == "sana-wm")
    assert "LTX-2 autoencoder" in published.licence.forbids


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "a blue robot dances"},
        {"negative_prompt": "blurry"},
        {"seed": 8},
        {"num_inference_steps": 3},
        {"guidance_scale": 1.0},
        {"first_frame": 255 - sign()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_asked_for_reaches_the_picture(engine, fox, change):
    assert not np.array_equal(drawn(engine, replace(FOX, **change)), fox)


@pytest.mark.slow
def test_every_camera_move_draws_another_clip_and_standing_still_is_none(engine, fox):
    clips = {move: drawn(engine, replace(FOX, camera=move)).tobytes() for move in CAMERA_MOVES}
    assert len(set(clips.values())) == len(CAMERA_MOVES)
    assert clips["static"] == fox.tobytes()


def test_without_a_first_frame_it_cannot_begin(engine):
    with pytest.raises(EngineError, match="needs a first frame") as refusal:
        engine.generate(replace(FOX, first_frame=None), nothing)
    assert refusal.value.code == "INPUT.MISSING"


@pytest.mark.parametrize("name", ["last_frame", "references", "video"])
def test_other_pictures_are_refused(engine, name):
    given = {"video": np.stack([sign()] * 5), "references": (sign(),)}.get(name, sign())
    with pytest.raises(EngineError, match="cannot use") as refusal:
        engine.generate(replace(FOX, **{name: given}), nothing)
    assert refusal.value.code == "INPUT.UNSUPPORTED"


def test_every_step_is_told_with_a_preview(engine):
    calls = []
    engine.generate(replace(FOX, num_inference_steps=4), lambda *call: calls.append(call))
    seen = [(step, steps) for step, steps, preview in calls if preview is not None]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert all(preview.shape == (171, 256, 3) for _, _, preview in calls if preview is not None)
    assert all(preview.dtype == np.uint8 and preview.std() > 1 for _, _, preview in calls if preview is not None)
    assert [call for call in calls if call[2] is None] == [(4, 4, None)]


@pytest.mark.parametrize("stop_at", [1, 3])
def test_cancelling_stops_within_one_step_and_leaves_the_engine_well(engine, fox, stop_at):
    steps_run = []

    def stop(step, steps, preview):
        steps_run.append(step)
        if step == stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(replace(FOX, num_inference_steps=8), stop)
    assert steps_run == list(range(1, stop_at + 1))
    assert np.array_equal(drawn(engine, FOX), fox)


def test_cancelling_stops_while_it_decodes(engine, fox):
    asked = []

    def stop(step, steps, preview):
        if preview is None:
            asked.append(step)
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(replace(FOX, num_frames=17), stop)
    assert asked == [2]
    assert np.array_equal(drawn(engine, FOX), fox)


def test_a_long_clip_is_decoded_in_several_stretches(folder):
    calls = []
    small = replace(FOX, width=64, num_frames=105, num_inference_steps=1)
    clip = loaded(folder, max_pixels=64 * 64).generate(small, lambda *call: calls.append(call))
    assert clip.frames.shape == (105, 64, 64, 3)
    assert [call for call in calls if call[2] is None] == [(1, 1, None)] * 2


@pytest.mark.parametrize(("asked", "native"), [(1, 1), (2, 9), (9, 9), (10, 17)])
def test_a_clip_is_drawn_in_whole_chunks_and_cut(engine, asked, native):
    clip = engine.generate(replace(FOX, num_frames=asked, num_inference_steps=1), nothing)
    assert len(clip.frames) == asked
    assert clip.recipe["native"]["num_frames"] == native


@pytest.mark.parametrize(
    ("asked", "native"), [((96, 64), (96, 64)), ((64, 96), (64, 96)), ((64, 64), (64, 64)), ((80, 64), (96, 64))]
)
def test_a_clip_keeps_the_shape_that_was_asked_for(engine, asked, native):
    request = replace(FOX, width=asked[0], height=asked[1], num_inference_steps=1)
    clip = engine.generate(request, nothing)
    assert clip.frames.shape == (9, asked[1], asked[0], 3)
    assert (clip.recipe["native"]["width"], clip.recipe["native"]["height"]) == native


def test_a_small_clip_is_drawn_at_the_size_the_model_knows(folder):
    clip = loaded(folder, max_pixels=192 * 128).generate(replace(FOX, num_inference_steps=1), nothing)
    assert clip.frames.shape == (9, 64, 96, 3)
    assert clip.recipe["native"] == {"width": 192, "height": 128, "num_frames": 9}


def test_a_move_ends_with_the_last_frame_that_was_asked_for():
    request = replace(FOX, num_frames=6, camera="zoom in")
    cameras, intrinsics = _path(request, {"width": 192, "height": 64, "num_frames": 9})
    assert (cameras.shape, intrinsics.shape) == ((9, 4, 4), (9, 4))
    assert np.array_equal(intrinsics[5:], np.repeat(intrinsics[5:6], 4, axis=0))
    # The lens is told in native pixels, here half as wide as they are high.
    asked = path_of("zoom in", 6, width=96, height=64)[1]
    assert np.allclose(intrinsics[:6], asked * [2, 1, 2, 1])


def test_a_path_of_the_creators_own_is_followed(engine, fox):
    keys = (CameraKey(0), CameraKey(0.5, orbit=30), CameraKey(1, orbit=-30, zoom=2))
    asked = replace(FOX, camera_path=keys)
    cameras, intrinsics = _path(asked, {"width": 96, "height": 64, "num_frames": 9})
    assert np.array_equal(cameras, path_of(None, 9, width=96, height=64, keys=keys)[0])
    assert cameras[4, 0, 3] > 1 and cameras[8, 0, 3] < -1, "to the right of the subject, then to its left"
    assert intrinsics[-1, 0] == pytest.approx(2 * intrinsics[0, 0])
    assert not np.array_equal(drawn(engine, asked), fox)


def test_the_first_frame_is_cropped_around_its_middle():
    tall = np.zeros((300, 90, 3), np.uint8)
    tall[120:180] = (230, 30, 30)
    shown = np.asarray(_first_frame(replace(FOX, first_frame=tall), {"width": 96, "height": 64}))
    assert shown.shape == (64, 96, 3)
    assert (shown[:, :, 0] > 128).all()


def test_the_recipe_tells_everything_and_no_paths(engine):
    clip = engine.generate(replace(FOX, camera="orbit left"), nothing)
    recipe = json.loads(json.dumps(clip.recipe))
    assert (recipe["engine"], recipe["pipeline_class"]) == ("diffusers", "SanaWMPipeline")
    assert recipe["request"] == replace(FOX, camera="orbit left").as_recipe()
    assert (recipe["num_inference_steps"], recipe["guidance_scale"]) == (2, 5.0)
    assert recipe["native"] == {"width": 96, "height": 64, "num_frames": 9}
    assert (recipe["field_of_view"], recipe["subject_distance"]) == (60.0, 3.0)
    assert recipe["scheduler"]["class"] == "FlowMatchEulerDiscreteScheduler"
    assert str(engine.folder.parent) not in json.dumps(recipe)


def test_running_out_of_memory_is_said_in_a_sentence(engine, fox):
    hook = engine.pipeline.transformer.register_forward_pre_hook(lambda *_: torch.empty(2**50))
    try:
        with pytest.raises(EngineError, match="not enough memory") as failure:
            engine.generate(FOX, nothing)
    finally:
        hook.remove()
    assert failure.value.code == "INTERNAL.OUT_OF_MEMORY"
    assert np.array_equal(drawn(engine, FOX), fox)


def test_a_model_that_loses_the_picture_is_noticed_at_once(folder):
    engine = loaded(folder)
    with torch.no_grad():
        engine.pipeline.transformer.final_layer.linear.bias.fill_(torch.nan)
    calls = []
    with pytest.raises(EngineError, match="not-a-number") as failure:
        engine.generate(replace(FOX, num_inference_steps=8), lambda *call: calls.append(call))
    assert failure.value.code == "INTERNAL.BAD_OUTPUT"
    assert calls == []

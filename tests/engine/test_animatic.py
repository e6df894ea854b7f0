"""The built-in engine, from a prompt to a clip."""

import json
import random

import numpy as np
import pytest

from generation.engine import catalogue
from generation.engine.animatic import Animatic, animatic
from generation.engine.clip import Cancelled, EngineError
from generation.engine.request import Blocking, VideoRequest
from generation.engine.world import vocabulary
from generation.engine.world.scene import Character, Scene

PROMPT = "a red fox walks through a forest in the evening, pan left"
SMALL = {"width": 128, "height": 80, "num_frames": 12, "fps": 12}


@pytest.fixture(scope="module")
def engine():
    return catalogue.load_engine(catalogue.ANIMATIC, device="cpu")


def generated(engine, prompt=PROMPT, **changes):
    steps = []
    clip = engine.generate(VideoRequest(prompt=prompt, **SMALL | changes), lambda *step: steps.append(step))
    return clip, steps


def test_a_prompt_becomes_a_moving_clip(engine):
    clip, _ = generated(engine)
    assert clip.frames.shape == (12, 80, 128, 3) and clip.frames.dtype == np.uint8
    assert clip.fps == 12 and clip.duration_seconds == 1.0
    assert np.abs(np.diff(clip.frames.astype(int), axis=0)).mean() > 1
    assert clip.understood["place"]["name"] == "forest"
    assert clip.understood["characters"][0]["species"] == "fox"


def test_the_recipe_is_json_and_holds_the_scene(engine):
    clip, _ = generated(engine)
    recipe = json.loads(json.dumps(clip.recipe))
    assert recipe["engine"] == "animatic" and recipe["world_version"] == 1
    assert recipe["request"]["prompt"] == PROMPT and recipe["request"]["seed"] == 0
    assert recipe["scene"]["characters"][0]["color"] == "red"
    assert recipe["scene"]["camera"]["move"] == "pan left"


def test_equal_seeds_give_equal_bytes(engine):
    one, two, other = generated(engine, seed=5)[0], generated(engine, seed=5)[0], generated(engine, seed=6)[0]
    assert one.frames.tobytes() == two.frames.tobytes()
    assert one.frames.tobytes() != other.frames.tobytes()
    again, _ = generated(Animatic(device="cpu"), seed=5, num_inference_steps=3)
    assert one.frames.tobytes() == again.frames.tobytes(), "how often it reports changes nothing"


def test_progress_moves_and_its_preview_sharpens(engine):
    clip, steps = generated(engine)
    assert [step for step, _, _ in steps] == list(range(1, len(steps) + 1))
    assert {of for _, of, _ in steps} == {len(steps)} and len(steps) >= 8
    previews = [preview for _, _, preview in steps]
    assert all(preview.shape == (80, 128, 3) and preview.dtype == np.uint8 for preview in previews)
    middle = clip.frames[6].astype(int)
    errors = [np.abs(preview.astype(int) - middle).mean() for preview in previews[:3]]
    assert errors[0] > errors[1] > errors[2] > 0
    assert np.array_equal(previews[-1], clip.frames[-1])


@pytest.mark.parametrize(
    ("steps", "frames", "expected"), [(1, 12, 1), (5, 12, 5), (50, 12, 12), (None, 1, 4), (3, 1, 1)]
)
def test_steps_are_groups_of_frames(engine, steps, frames, expected):
    _, reported = generated(engine, num_inference_steps=steps, num_frames=frames)
    assert len(reported) == expected


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 4, 9])
def test_it_stops_at_the_step_that_cancels(engine, at):
    seen = []

    def on_step(step, steps, preview):
        seen.append(step)
        if step == at:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.generate(VideoRequest(prompt=PROMPT, **SMALL), on_step)
    assert seen == list(range(1, at + 1))
    assert len(generated(engine)[0].frames) == 12, "and can be used again"


def test_the_camera_of_the_request_wins_over_the_prompt(engine):
    clip, _ = generated(engine, camera="zoom in")
    assert clip.recipe["scene"]["camera"]["move"] == "zoom in"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("first_frame", np.zeros((80, 128, 3), np.uint8)),
        ("last_frame", np.zeros((80, 128, 3), np.uint8)),
        ("references", (np.zeros((64, 64, 3), np.uint8),)),
        ("video", np.zeros((4, 80, 128, 3), np.uint8)),
        ("mask", np.zeros((80, 128), np.uint8)),
        ("blocking", Blocking({"place": "meadow"}, 7)),
    ],
)
def test_pictures_it_cannot_use_are_refused_in_words(engine, name, value):
    with pytest.raises(EngineError, match="cannot use") as refused:
        generated(engine, **{name: value})
    assert refused.value.code == "INPUT.UNSUPPORTED"
    assert name.split("_")[-1].rstrip("s") in str(refused.value)


def test_what_is_too_large_or_too_long_is_refused_in_words(engine):
    with pytest.raises(EngineError, match="921,600 pixels") as refused:
        generated(engine, width=1920, height=1088)
    assert refused.value.code == "INPUT.SIZE"
    with pytest.raises(EngineError, match="10 seconds") as refused:
        generated(engine, num_frames=121)
    assert refused.value.code == "INPUT.LENGTH"


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(64, 64), (80, 128), (1280, 720), (64, 256), (256, 64)])
def test_any_size_is_drawn_as_it_is(engine, width, height):
    clip, _ = generated(engine, width=width, height=height, num_frames=1)
    assert clip.frames.shape == (1, height, width, 3)
    assert clip.frames.std() > 10


def test_a_scene_can_be_had_as_a_guide():
    scene = Scene(place="lake", characters=(Character("frog"),))
    guide = animatic(scene, 3, width=128, height=80, num_frames=3, fps=12, camera="orbit right")
    assert guide.rgb.shape == (1, 3, 80, 128, 3) and guide.depth.shape == guide.mask.shape == (1, 3, 80, 128)
    assert guide.camera_to_world.shape == (1, 3, 4, 4) and guide.intrinsics.shape == (1, 3, 3, 3)
    assert (guide.mask == 1).any((2, 3)).all()


@pytest.mark.slow
def test_whatever_the_vocabulary_can_say_is_drawn(engine):
    """Forty scenes drawn by lot from all words together."""
    lot = random.Random(3)
    for seed in range(40):
        prompt = (
            f"a {lot.choice(vocabulary.COLORS)} {lot.choice(vocabulary.SPECIES)} "
            f"with a {lot.choice(vocabulary.ACCESSORIES)} and a {lot.choice(vocabulary.SPECIES)} "
            f"with a {lot.choice(vocabulary.OBJECTS)}, {lot.choice(vocabulary.PLACES)}, "
            f"{lot.choice(vocabulary.TIMES_OF_DAY)}, {lot.choice(vocabulary.WEATHERS)}, {lot.choice(vocabulary.LOOKS)}"
        )
        clip, _ = generated(engine, prompt, seed=seed, num_frames=1, num_inference_steps=1)
        assert clip.frames.std() > 8, prompt

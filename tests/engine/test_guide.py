"""A shot that is kept by a model that takes a control video: its animatic, seen by the camera that was asked for."""

import json
from dataclasses import replace

import numpy as np
import pytest

from generation.engine.animatic import Animatic
from generation.engine.catalogue import card_for, load_engine
from generation.engine.clip import Cancelled, EngineError
from generation.engine.pipelines.guide import guided, shot_kept_by
from generation.engine.pipelines.wan import Native, vace_conditions
from generation.engine.request import Blocking, CameraKey, VideoRequest
from tests.engine.test_wan import drawn, nothing, sign
from tests.engine.tiny_pipelines import save_tiny_vace

FOX = VideoRequest("a red fox walks in a meadow", width=64, height=64, num_frames=9, seed=7, num_inference_steps=2)
PATH = (CameraKey(0, orbit=-30), CameraKey(1, orbit=30, rise=1))


@pytest.fixture(scope="module")
def vace(tmp_path_factory):
    return load_engine(card_for(str(save_tiny_vace(tmp_path_factory.mktemp("models") / "tiny-vace"))), device="cpu")


@pytest.fixture(scope="module")
def shot():
    """A clip of the animatic, for others to keep to."""
    return Animatic(device="cpu").generate(FOX, nothing)


@pytest.fixture(scope="module")
def kept(shot):
    """The same shot, asked for once more."""
    return replace(FOX, blocking=Blocking.of_recipe(shot.recipe), seed=3)


def given(request, size=(64, 64), num_frames=9):
    """What the pipeline is given: control frames uint8 (F, H, W, 3) and masks uint8 (F, H, W)."""
    how = {"size": size, "num_frames": num_frames, "device": "cpu", "on_frame": lambda done, of: None}
    conditions = vace_conditions(guided(request, shot_kept_by(request), **how), Native(*size, num_frames))
    return (np.stack([np.asarray(frame) for frame in conditions[name]]) for name in ("video", "mask"))


def test_the_control_video_is_the_shots_own_animatic_and_all_of_it_is_painted(shot, kept):
    video, mask = given(kept)
    assert np.array_equal(video, shot.frames)
    assert mask.min() == 255


@pytest.mark.slow
@pytest.mark.parametrize("asked", [{"camera": "orbit left"}, {"camera_path": PATH}], ids=["move", "path"])
def test_another_camera_is_another_control_video_and_another_clip(vace, shot, kept, asked):
    seen_otherwise = replace(kept, **asked)
    video, _ = given(seen_otherwise)
    difference = np.abs(video.astype(int) - shot.frames).max(-1) > 40
    assert difference[0].mean() > 0.05 and difference[-1].mean() > 0.05
    frames = drawn(vace, seen_otherwise)
    assert not np.array_equal(frames, drawn(vace, kept))
    assert drawn(vace, seen_otherwise).tobytes() == frames.tobytes()


def test_a_camera_asked_for_is_where_the_animatic_would_have_it(kept):
    """The same scene with that move in it, drawn by the animatic alone."""
    asked = replace(kept, camera="dolly in")
    scene = replace(shot_kept_by(kept).guide, camera=shot_kept_by(asked).guide.camera)
    assert shot_kept_by(asked).guide == scene and scene.camera.move == "dolly in"


def test_new_words_are_drawn_over_the_same_blocking(shot, kept):
    moon = shot_kept_by(replace(kept, prompt="a blue robot on the moon"))
    assert (moon.guide.place, moon.guide.characters[0].species, moon.guide.characters[0].action) == (
        "moon",
        "robot",
        "walk",
    )
    video, _ = given(replace(kept, prompt="a blue robot on the moon"))
    assert not np.array_equal(video, shot.frames)


def test_the_control_video_has_the_size_and_length_that_are_really_drawn(shot, kept):
    video, mask = given(replace(kept, num_frames=7), size=(96, 80), num_frames=9)
    assert video.shape == (9, 80, 96, 3) and mask.shape == (9, 80, 96)


def test_a_first_frame_and_references_are_given_as_ever(kept):
    video, mask = given(replace(kept, first_frame=sign(64, 64), references=(sign(),)))
    assert mask[0].max() == 0 and mask[1:].min() == 255
    assert video[0, 32, 5].tolist() == [230, 30, 30]


def test_its_recipe_keeps_the_shot_so_that_it_can_be_taken_again(vace, kept):
    first = vace.generate(replace(kept, camera="orbit left"), nothing)
    recipe = json.loads(json.dumps(first.recipe))
    assert recipe["guide"]["camera"]["move"] == "orbit left"
    again = Blocking.of_recipe(recipe)
    assert (again.seed, again.scene) == (7, recipe["guide"])
    video, _ = given(replace(FOX, blocking=again, seed=1))
    before, _ = given(replace(kept, camera="orbit left"))
    assert np.array_equal(video, before), "the same bodies, the same camera"


def test_a_shot_that_goes_on_begins_where_it_ended(shot, kept):
    following = replace(kept, blocking=Blocking.of_recipe(shot.recipe, continuing=True), first_frame=shot.frames[-1])
    video, mask = given(following)
    assert np.array_equal(video[0], shot.frames[-1]) and mask[0].max() == 0
    assert shot_kept_by(following).goes_on
    with pytest.raises(EngineError, match="keeps its camera"):
        shot_kept_by(replace(following, camera="pan left"))


def test_somebody_of_the_shot_is_painted_anew_and_the_rest_of_the_clip_is_given(shot, kept):
    edit = replace(kept, prompt="a green frog walks in a meadow", video=shot.frames, subject=1)
    video, mask = given(edit)
    assert 0.01 < (mask > 0).mean() < 0.5
    assert np.array_equal(video[mask == 0], shot.frames[mask == 0])
    changed = np.abs(video.astype(int) - shot.frames).max(-1) > 40
    assert changed.any() and not changed[mask == 0].any(), "where it may paint it is shown the frog"


def test_around_a_clip_it_is_shown_how_its_shot_goes_on(vace, shot, kept):
    wide = replace(kept, width=96, video=shot.frames, placed=(16, 0, 64, 64))
    clip = vace.generate(wide, nothing)
    assert np.array_equal(clip.frames[:, :, 16:80], shot.frames)
    assert clip.recipe["request"]["placed"] == [16, 0, 64, 64]
    assert Blocking.of_recipe(clip.recipe).framed == pytest.approx((1 / 6, 0, 2 / 3, 1))
    with pytest.raises(EngineError, match="keeps its camera"):
        vace.generate(replace(wide, camera="pan left"), nothing)


def test_every_frame_of_the_animatic_asks_whether_to_go_on_and_is_one_step_more(vace, kept):
    calls = []
    vace.generate(kept, lambda step, steps, preview: calls.append((step, steps, preview is not None)))
    assert calls[:9] == [(1, 3, False)] * 9
    assert [call for call in calls if call[2]] == [(2, 3, True), (3, 3, True)]

    def stop(step, steps, preview):
        raise Cancelled

    with pytest.raises(Cancelled):
        vace.generate(kept, stop)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"blocking": Blocking({"place": "atlantis"}, 7)}, "another version of the world"),
        ({"video": np.stack([sign()] * 9)}, "Give one of them"),
        ({"video": np.stack([sign()] * 9), "subject": 9}, "nobody of that number"),
        ({"video": np.stack([sign()] * 9), "subject": 1, "blocking": None}, "told by the shot's blocking"),
        ({"subject": 1}, "give the video too"),
    ],
)
def test_what_a_shot_cannot_be_kept_with_is_said(vace, kept, change, sentence):
    with pytest.raises(EngineError, match=sentence) as refusal:
        vace.generate(replace(kept, **change), nothing)
    assert refusal.value.code.startswith("INPUT.")


@pytest.mark.slow
def test_what_is_painted_over_one_frame_is_followed_through_a_video(vace):
    from tests.engine.test_follow import film, marked

    frames, discs = film()
    edit = VideoRequest("a ball of glass", width=160, height=96, num_frames=13, num_inference_steps=1)
    edit = replace(edit, video=frames, mask=marked(discs[0]), mask_at=0)
    calls = []
    clip = vace.generate(edit, lambda step, steps, preview: calls.append((step, steps)))
    assert calls.count((1, 2)) == 12, "each frame asks whether to go on"
    assert clip.recipe["request"]["mask_at"] == 0
    assert not np.array_equal(clip.frames, drawn(vace, replace(edit, mask_at=None)))
    assert not np.array_equal(clip.frames, drawn(vace, replace(edit, mask_at=12)))


def test_without_a_shot_a_path_cannot_be_followed(vace):
    with pytest.raises(EngineError, match="cannot follow a path"):
        vace.generate(replace(FOX, camera_path=PATH), nothing)

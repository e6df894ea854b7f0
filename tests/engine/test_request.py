"""What an engine may be asked: every value outside its limits is named, with the limit."""

import dataclasses
import json

import numpy as np
import pytest

from generation.engine.catalogue import ANIMATIC, ModelNotFound, card, cards
from generation.engine.request import Blocking, InvalidRequest, Keyframe, VideoRequest

PICTURE = np.zeros((64, 64, 3), np.uint8)
SCENE = {"place": "meadow", "characters": [{"species": "fox", "action": "walk"}]}


@pytest.mark.parametrize(
    ("field", "value", "limit"),
    [
        ("prompt", "", None),
        ("prompt", " \n\t ", None),
        ("prompt", "\u202e\u200b", None),
        ("prompt", "?!...", None),
        ("prompt", "x" * 1001, 1000),
        ("prompt", "🦊" * 501, 1000),
        ("prompt", "a\x00fox", None),
        ("prompt", "a\ud83efox", None),
        ("prompt", 7, None),
        ("negative_prompt", "x" * 1001, 1000),
        ("width", 500, 16),
        ("height", 281, 16),
        ("width", 48, (64, 4096)),
        ("height", 4112, (64, 4096)),
        ("width", 512.0, (64, 4096)),
        ("num_frames", 0, (1, 1441)),
        ("num_frames", -24, (1, 1441)),
        ("fps", 0, (1, 60)),
        ("fps", 1_000_000, (1, 60)),
        ("seed", 2**32, (0, 2**32 - 1)),
        ("seed", -1, (0, 2**32 - 1)),
        ("seed", True, (0, 2**32 - 1)),
        ("num_inference_steps", 0, (1, 100)),
        ("guidance_scale", 31.0, (0.0, 30.0)),
        ("guidance_scale", float("nan"), (0.0, 30.0)),
        ("first_frame", PICTURE.astype(float), None),
        ("last_frame", PICTURE[..., :1], None),
        ("video", PICTURE, None),
        ("mask", PICTURE[None, None], None),
        ("references", (PICTURE,) * 10, 9),
        ("reference_roles", ("character",), 0),
        ("blocking", SCENE, None),
    ],
)
def test_a_value_outside_its_limits_is_named(field, value, limit):
    with pytest.raises(InvalidRequest) as refused:
        VideoRequest(**{"prompt": "a fox"} | {field: value})
    assert refused.value.field == field
    assert refused.value.limit == limit
    assert str(refused.value).endswith((".", "it.", "again.", "happens."))
    assert "%" not in str(refused.value)


def test_a_camera_that_is_none_is_answered_with_those_there_are():
    with pytest.raises(InvalidRequest, match="static, pan left, .*zoom out"):
        VideoRequest(prompt="a fox", camera="barrel roll")


@pytest.mark.parametrize(
    "prompt", ["🦊", "狐", "fox " * 250, "العربية", "<script>", "'; DROP TABLE x; --", "e\u0301" * 10]
)
def test_text_of_any_kind_is_a_prompt(prompt):
    assert VideoRequest(prompt=prompt).prompt


def test_a_request_is_frozen_and_described_as_json_with_pictures_by_hash():
    request = VideoRequest(prompt=" a fox ", first_frame=PICTURE, references=(PICTURE,))
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.seed = 1
    recipe = json.loads(json.dumps(request.as_recipe()))
    assert recipe["prompt"] == "a fox"
    assert recipe["first_frame"]["shape"] == [64, 64, 3]
    assert recipe["references"] == [recipe["first_frame"]]
    other = VideoRequest(prompt="a fox", first_frame=PICTURE + 1)
    assert other.as_recipe()["first_frame"] != recipe["first_frame"]


def test_references_are_characters_unless_told_otherwise():
    assert VideoRequest("a fox", references=(PICTURE, PICTURE)).reference_roles == ("character", "character")
    asked = VideoRequest("a fox", references=(PICTURE, PICTURE), reference_roles=("place", "object"))
    assert asked.as_recipe()["reference_roles"] == ["place", "object"]
    with pytest.raises(InvalidRequest, match="2 references and 1 roles") as refused:
        VideoRequest("a fox", references=(PICTURE, PICTURE), reference_roles=("place",))
    assert (refused.value.field, refused.value.limit) == ("reference_roles", 2)
    with pytest.raises(InvalidRequest, match="character, place, object. “villain” is none of them"):
        VideoRequest("a fox", references=(PICTURE,), reference_roles=("villain",))


@pytest.mark.parametrize(
    ("scene", "seed", "sentence"),
    [
        ({}, 7, "no scene"),
        ("meadow", 7, "no scene"),
        ({"place": {1, 2}}, 7, "no scene"),
        ({"x": float("nan")}, 7, "no scene"),
        (SCENE, -1, "whole number from 0 to 4294967295"),
        (SCENE, None, "whole number"),
    ],
)
def test_blocking_is_a_scene_and_the_seed_that_placed_it(scene, seed, sentence):
    with pytest.raises(InvalidRequest, match=sentence) as refused:
        Blocking(scene, seed)
    assert refused.value.field == "blocking"


def test_blocking_is_read_from_the_recipe_of_the_shot_it_began_with():
    drawn = VideoRequest("a fox", seed=7).as_recipe()
    kept = Blocking.of_recipe({"scene": SCENE, "request": drawn})
    assert kept == Blocking(SCENE, 7)
    in_snow = {"scene": SCENE | {"place": "snow"}, "request": VideoRequest("a fox", seed=8, blocking=kept).as_recipe()}
    assert json.loads(json.dumps(in_snow))["request"]["blocking"] == {"scene": SCENE, "seed": 7}
    assert Blocking.of_recipe(in_snow) == Blocking(SCENE | {"place": "snow"}, 7), "placed by the first shot's seed"
    assert Blocking.of_recipe({"request": drawn}) is None, "an engine without scenes"
    assert Blocking.of_recipe({}) is None


def recipe_of(scene=SCENE, **asked):
    """What a run leaves, as it is read again."""
    return json.loads(json.dumps({"scene": scene, "request": VideoRequest("a fox", **asked).as_recipe()}))


def test_a_shot_goes_on_from_the_last_frame_of_the_run_before():
    first = recipe_of(seed=7, num_frames=24)
    second = Blocking.of_recipe(first, continuing=True)
    assert second == Blocking(SCENE, 7, start=23, shot_frames=24)
    assert second.at_rest(24) and not Blocking.of_recipe(first).at_rest(24)
    follows = recipe_of(seed=8, num_frames=36, blocking=second)
    assert follows["request"]["blocking"] == {"scene": SCENE, "seed": 7, "start": 23, "shot_frames": 24}
    assert Blocking.of_recipe(follows, continuing=True) == Blocking(SCENE, 7, start=58, shot_frames=24)
    assert Blocking.of_recipe(follows) == second, "the same part of the shot in another world"


def test_what_leads_up_to_a_run_ends_with_its_first_frame():
    first = recipe_of(seed=7, num_frames=24)
    before = Blocking.of_recipe(first, leading_up=36)
    assert before == Blocking(SCENE, 7, start=-35, shot_frames=24)
    assert before.at_rest(36) and not before.at_rest(37), "the camera waits for the shot to begin"
    leads_up = recipe_of(seed=8, num_frames=36, blocking=before)
    assert Blocking.of_recipe(leads_up, leading_up=9) == Blocking(SCENE, 7, start=-43, shot_frames=24)
    assert Blocking.of_recipe(leads_up, continuing=True) == Blocking(SCENE, 7, start=0, shot_frames=24)
    with pytest.raises(InvalidRequest, match="how long that shot is"):
        Blocking(SCENE, 7, start=-1)


def test_a_longer_take_of_a_shot_goes_on_after_its_own_end():
    taken_again = recipe_of(seed=8, num_frames=48, blocking=Blocking(SCENE, 7))
    assert Blocking.of_recipe(taken_again, continuing=True) == Blocking(SCENE, 7, start=47, shot_frames=48)
    still = recipe_of(seed=8, num_frames=1)
    assert Blocking.of_recipe(still, continuing=True) == Blocking(SCENE, 8, start=0, shot_frames=1)


@pytest.mark.parametrize(
    "harm", [{"num_frames": None}, {"num_frames": "24"}, {"seed": None}, {"blocking": {"seed": 7, "start": -7201}}]
)
def test_a_damaged_recipe_is_not_gone_on_with(harm):
    recipe = recipe_of(seed=7)
    with pytest.raises(InvalidRequest, match="whole number"):
        Blocking.of_recipe(recipe | {"request": recipe["request"] | harm}, continuing=True)


@pytest.mark.parametrize("wrong", [{"start": -7201}, {"start": 1.5}, {"start": 7201}, {"shot_frames": 0}])
def test_where_a_run_begins_in_a_shot_is_checked(wrong):
    with pytest.raises(InvalidRequest, match="whole number"):
        Blocking(SCENE, 7, **wrong)


@pytest.mark.parametrize(
    "wrong", [(0, 0, 513, 288), (-1, 0, 64, 64), (0, 0, 0, 64), (0, 0, 64), "wide", (0, 0, 9.5, 9)]
)
def test_a_video_is_placed_within_the_frame(wrong):
    with pytest.raises(InvalidRequest) as refused:
        VideoRequest("a fox", placed=wrong)
    assert refused.value.field == "placed"
    assert VideoRequest("a fox", placed=[0, 0, 64, 64]).as_recipe()["placed"] == [0, 0, 64, 64]
    with pytest.raises(InvalidRequest, match="painted anew"):
        VideoRequest("a fox", placed=(0, 0, 64, 64), mask=PICTURE[..., 0])


@pytest.mark.parametrize(
    ("frames", "num_frames", "sentence"),
    [
        ([0], 9, "whole number from 1 to 7"),
        ([8], 9, "whole number from 1 to 7"),
        ([3, 3], 9, "cannot be at the same frame"),
        ([1], 2, "clip this short"),
        (range(1, 10), 24, "At most 8"),
    ],
)
def test_keyframes_lie_between_the_first_frame_and_the_last(frames, num_frames, sentence):
    with pytest.raises(InvalidRequest, match=sentence) as refused:
        VideoRequest("a fox", num_frames=num_frames, keyframes=tuple(Keyframe(PICTURE, at) for at in frames))
    assert refused.value.field == "keyframes"


def test_a_keyframe_is_told_with_its_place():
    asked = VideoRequest("a fox", num_frames=9, keyframes=(Keyframe(PICTURE, 4),), first_frame=PICTURE)
    recipe = asked.as_recipe()
    assert recipe["keyframes"] == [recipe["first_frame"] | {"at": 4}]
    assert asked.given == {"first_frame", "keyframes"}


def test_what_a_request_brings_besides_words_is_named():
    assert VideoRequest("a fox").given == frozenset()
    asked = VideoRequest("a fox", last_frame=PICTURE, references=(PICTURE,), blocking=Blocking(SCENE, 7))
    assert asked.given == {"last_frame", "references", "blocking"}


def test_a_size_beyond_a_model_is_drawn_smaller_in_the_same_shape():
    native = ANIMATIC.native(VideoRequest(prompt="a fox", width=2560, height=1440))
    assert (native.width, native.height) == (1280, 720)
    same = VideoRequest(prompt="a fox")
    assert ANIMATIC.native(same) is same
    placed = VideoRequest(prompt="a fox", width=2560, height=1440, placed=(875, 0, 810, 1440))
    assert ANIMATIC.native(placed).placed == (438, 0, 404, 720)


def test_a_model_nobody_has_is_answered_with_those_there_are():
    with pytest.raises(ModelNotFound, match="Installed: animatic"):
        card("sora-2")


def test_the_model_an_operator_names_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNWAYWEB_MODELS", f"first={tmp_path},second={tmp_path}")
    monkeypatch.delenv("RUNWAYWEB_DEFAULT_MODEL")
    usual = cards()
    monkeypatch.setenv("RUNWAYWEB_DEFAULT_MODEL", "second")
    assert [card.id for card in cards()] == ["second", *(card.id for card in usual if card.id != "second")]
    monkeypatch.setenv("RUNWAYWEB_DEFAULT_MODEL", "nobody")
    monkeypatch.delenv("RUNWAYWEB_MODELS")
    assert cards()[0].id in ("built-in", "animatic")


def test_a_broken_model_folder_is_left_out_and_named(tmp_path, monkeypatch, caplog):
    for number, index in enumerate(("not json", "[]", '{"_class_name": ["WanPipeline"]}', "{}")):
        folder = tmp_path / f"broken{number}"
        folder.mkdir()
        (folder / "model_index.json").write_text(index)
        monkeypatch.setenv("RUNWAYWEB_MODELS", f"broken={folder}")
        with pytest.raises(ModelNotFound):
            card("broken")
        assert str(folder) in caplog.text


def test_what_is_followed_is_one_mask_of_one_frame():
    mask = np.zeros((64, 64), np.uint8)
    assert VideoRequest("a fox", num_frames=5, mask=mask, mask_at=4).as_recipe()["mask_at"] == 4
    for asked in (
        {"mask_at": 5},
        {"mask_at": -1},
        {"mask_at": 0.5},
        {"mask_at": 1, "mask": np.zeros((5, 64, 64), np.uint8)},
        {"mask_at": 1, "subject": 1},
        {"mask_at": 1, "placed": (0, 0, 64, 64)},
    ):
        with pytest.raises(InvalidRequest) as refusal:
            VideoRequest("a fox", num_frames=5, **asked)
        assert refusal.value.field == "mask_at"

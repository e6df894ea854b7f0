"""What an engine may be asked: every value outside its limits is named, with the limit."""

import dataclasses
import json

import numpy as np
import pytest

from generation.engine.catalogue import ANIMATIC, ModelNotFound, card
from generation.engine.request import InvalidRequest, VideoRequest

PICTURE = np.zeros((64, 64, 3), np.uint8)


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


def test_a_size_beyond_a_model_is_drawn_smaller_in_the_same_shape():
    native = ANIMATIC.native(VideoRequest(prompt="a fox", width=2560, height=1440))
    assert (native.width, native.height) == (1280, 720)
    same = VideoRequest(prompt="a fox")
    assert ANIMATIC.native(same) is same


def test_a_model_nobody_has_is_answered_with_those_there_are():
    with pytest.raises(ModelNotFound, match="Installed: animatic"):
        card("sora-2")


def test_a_broken_model_folder_is_left_out_and_named(tmp_path, monkeypatch, caplog):
    for number, index in enumerate(("not json", "[]", '{"_class_name": ["WanPipeline"]}', "{}")):
        folder = tmp_path / f"broken{number}"
        folder.mkdir()
        (folder / "model_index.json").write_text(index)
        monkeypatch.setenv("RUNWAYWEB_MODELS", f"broken={folder}")
        with pytest.raises(ModelNotFound):
            card("broken")
        assert str(folder) in caplog.text

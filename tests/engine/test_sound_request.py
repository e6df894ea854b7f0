"""What may be asked of an engine that makes sounds: every value outside its limits is named, with the limit."""

import dataclasses
import json

import pytest

from generation.engine.request import InvalidRequest
from generation.engine.sound_request import SoundRequest

RAIN = {"prompt": "rain on a tin roof", "duration_seconds": 5, "seed": 7}


@pytest.mark.parametrize(
    ("field", "value", "limit"),
    [
        ("prompt", "", None),
        ("prompt", "x" * 1001, 1000),
        ("prompt", 7, None),
        ("negative_prompt", "x" * 1001, 1000),
        ("negative_prompt", None, None),
        ("lyrics", None, None),
        ("lyrics", "la\x00la", None),
        ("lyrics", "la\ud83ela", None),
        ("lyrics", "la" * 2001, 4000),
        ("lyrics", "🎵" * 2001, 4000),
        ("duration_seconds", 0.4, (0.5, 600.0)),
        ("duration_seconds", 601, (0.5, 600.0)),
        ("duration_seconds", float("nan"), (0.5, 600.0)),
        ("duration_seconds", float("inf"), (0.5, 600.0)),
        ("duration_seconds", "5", (0.5, 600.0)),
        ("duration_seconds", True, (0.5, 600.0)),
        ("seed", -1, (0, 2**32 - 1)),
        ("seed", 2**32, (0, 2**32 - 1)),
        ("seed", True, (0, 2**32 - 1)),
        ("seed", None, (0, 2**32 - 1)),
        ("num_inference_steps", 0, (1, 100)),
        ("num_inference_steps", 2.0, (1, 100)),
        ("guidance_scale", 31, (0.0, 30.0)),
        ("guidance_scale", float("nan"), (0.0, 30.0)),
        ("guidance_scale", True, (0.0, 30.0)),
    ],
)
def test_a_value_outside_its_limits_is_named(field, value, limit):
    with pytest.raises(InvalidRequest) as refused:
        SoundRequest(**RAIN | {field: value})
    assert refused.value.field == field
    assert refused.value.limit == limit
    assert str(refused.value).endswith((".", "it.", "happens."))
    assert "%" not in str(refused.value)


@pytest.mark.parametrize("seconds", [0.5, 1, 7.25, 600])
def test_sounds_last_from_half_a_second_to_ten_minutes(seconds):
    assert SoundRequest(**RAIN | {"duration_seconds": seconds}).duration_seconds == seconds


def test_lyrics_keep_their_lines():
    request = SoundRequest(**RAIN, lyrics="[verse]\r\nRegen fa\u0308llt 🌧\r\n\r\n[chorus]\nla\n")
    assert request.lyrics == "[verse]\nRegen fällt 🌧\n\n[chorus]\nla"
    assert SoundRequest(**RAIN, lyrics="la" * 2000).lyrics == "la" * 2000


def test_a_request_is_frozen_and_described_as_json():
    request = SoundRequest(" rain ", 2.5, 7, lyrics="la", guidance_scale=2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.seed = 1
    assert json.loads(json.dumps(request.as_recipe())) == {
        "prompt": "rain",
        "duration_seconds": 2.5,
        "seed": 7,
        "lyrics": "la",
        "negative_prompt": "",
        "num_inference_steps": None,
        "guidance_scale": 2,
    }
    assert SoundRequest(**request.as_recipe()) == request

"""Voices by API: made of those that are installed, renamed, heard, taken away; what cannot be made is said."""

import pytest

from generation.engine.cards import offline_sound
from generation.models import Generation
from projects.models import Voice
from runwayweb.api.models import Key
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_asset

pytestmark = pytest.mark.django_db
ODD = {"model": "eleven_ttv_v3", "prompt": "A calm woman who tells stories at night"}
SILENCE = "data:audio/wav;base64,UklGRgAAAABXQVZF"


def make(program, **fields):
    body = {"from": {"type": "preset", "presetId": "hibari", "speed": 0.8}, "name": "Nova"}
    return program.post("/v1/voices", body | fields)


def test_a_voice_is_made_told_renamed_and_taken_away(program, stranger, hibari):
    id = make(program, description="slow and warm").json()["id"]
    path = f"/v1/voices/{id}"
    told = program.get(path).json()
    assert told == {
        "id": id,
        "name": "Nova",
        "description": "slow and warm",
        "createdAt": told["createdAt"],
        "status": "READY",
        "previewUrl": None,
    }
    assert program.get("/v1/voices").json() == {"data": [told]}
    changed = program.call("PATCH", path, {"name": "Old Nova", "description": None}).json()
    assert (changed["name"], changed["description"]) == ("Old Nova", None)
    assert program.call("PATCH", path, {"name": None}).status_code == 400
    for wrong in ("GET", "DELETE"):
        assert stranger.call(wrong, path).status_code == 404
    assert stranger.get("/v1/voices").json() == {"data": []}
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == program.delete(path).status_code == 404


def test_the_list_comes_in_pages(program, hibari):
    for number in range(3):
        make(program, name=f"Voice {number}")
    first = program.get("/v1/voices?limit=2").json()
    rest = program.get(f"/v1/voices?limit=2&cursor={first['nextCursor']}").json()
    assert [one["name"] for one in first["data"] + rest["data"]] == ["Voice 2", "Voice 1", "Voice 0"]
    assert "nextCursor" not in rest


def test_what_no_model_can_do_is_said_and_nothing_is_kept(program, hibari):
    for source, path, sentence in (
        ({"type": "audio", "audio": SILENCE}, ["from", "audio"], "speaks with a voice from a recording"),
        ({"type": "text", **ODD}, ["from", "model"], "makes a voice from a description"),
        (
            {"type": "preset", "presetId": "nobody"},
            ["from", "presetId"],
            "No voice is called “nobody” here. Installed: hibari",
        ),
    ):
        answer = make(program, **{"from": source})
        (issue,) = answer.json()["issues"]
        assert (answer.status_code, issue["path"]) == (400, path) and sentence in issue["message"]
    assert not Voice.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"name": ""}, {"name": " "}, {"name": "x" * 61}, {"name": "a\x00b"}, {"from": {"type": "humming"}}, {"name": 5}],
    ids=str,
)
def test_nonsense_is_refused(program, hibari, fields):
    assert make(program, **fields).status_code == 400 and not Voice.objects.exists()


def test_without_an_engine_that_speaks_the_command_that_adds_one_is_said(program, monkeypatch):
    monkeypatch.setattr(offline_sound, "installed", tuple)
    for answer in (make(program), program.post("/v1/voices/preview", ODD)):
        assert answer.status_code == 400 and "make run EXTRAS=offline" in answer.json()["issues"][0]["message"]


def test_a_voice_whose_engine_went_away_has_failed_and_says_why(program, hibari, monkeypatch):
    id = make(program).json()["id"]
    monkeypatch.setattr(offline_sound, "installed", tuple)
    told = program.get(f"/v1/voices/{id}").json()
    assert told["status"] == "FAILED" and "hibari" in told["failureReason"] and "previewUrl" not in told


def test_a_sample_is_spoken_once_and_then_kept(program, ada, hibari):
    wallet = Wallet.objects.of(ada.open_workspace())
    before = wallet.available
    id = make(program).json()["id"]
    asked = ODD | {"voice": {"type": "custom", "id": id}}
    waiting = program.post("/v1/voices/preview", asked)
    assert (waiting.status_code, waiting["Retry-After"]) == (503, "5"), "no worker is there to speak it"
    run = Generation.objects.get()
    assert (run.task, run.request["speed"]) == ("text_to_speech", 0.8)
    sample = make_asset(run.workspace, media_type="audio/mp4", duration_seconds=4.5)
    Generation.objects.update(status="succeeded", asset=sample)
    heard = program.post("/v1/voices/preview", asked).json()
    assert heard["durationSecs"] == 4.5 and f"/media/{sample.pk}/" in heard["url"]
    assert program.get(f"/v1/voices/{id}").json()["previewUrl"].split("?")[0] == heard["url"].split("?")[0]
    wallet.refresh_from_db()
    assert (wallet.available, Generation.objects.count()) == (before - 1, 1)
    assert Key.objects.get().credits_used == 1, "and once off the budget of its key"
    assert program.post("/v1/voices/preview", ODD | {"prompt": "too short"}).status_code == 400

"""What every call has in common: the key, the version, JSON both ways, and nothing but JSON."""

import base64
import json
import time
import uuid
from datetime import date

import pytest

from generation.engine import catalogue
from runwayweb.api.deprecation import DEPRECATED, Deprecated
from runwayweb.api.keys import new_key
from runwayweb.api.reference.examples import EXAMPLES
from runwayweb.subscriptions.models import Wallet
from tests.api.conftest import HEADERS

pytestmark = pytest.mark.django_db
NO_KEY = {"error": "Missing or invalid API key"}


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer x", "Basic dTpw", "Bearer UNKNOWN", "Bearer é"])
def test_without_a_key_that_opens_something_everybody_hears_the_same(client, authorization):
    authorization = authorization and authorization.replace("UNKNOWN", new_key())
    headers = HEADERS | ({"Authorization": authorization} if authorization is not None else {})
    for path in ("/v1/tasks", "/v1/nothing/of/the/kind"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 401 and answer.json() == NO_KEY


@pytest.mark.parametrize("version", [None, "", "2023-01-01", "latest"])
def test_the_version_of_the_contract_is_asked_for(program, version):
    answer = program.get("/v1/tasks", X_Runway_Version=version)
    assert answer.status_code == 400
    assert answer.json()["error"] == "The API version that was provided in the X-Runway-Version header is not valid."


NO_BODIES = {
    "nothing": b"",
    "half": b"{",
    "a list": b"[]",
    "a text": b'"text"',
    "null": b"null",
    "a mark of order": b"\xef\xbb\xbf{}",
    "no UTF-8": b"\xff\xfe",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "1e400": b'{"a": 1e400}',
    "5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "a million fields": b"{" + b",".join(b'"k%d":0' % number for number in range(10**6)) + b"}",
    "a million values": b'{"a": [' + b"0," * 10**6 + b"0]}",
    "100,000 lists deep": b"[" * 100_000,
    "100,000 objects deep": b'{"a":' * 100_000,
}


@pytest.mark.parametrize("body", NO_BODIES.values(), ids=NO_BODIES)
def test_a_body_that_is_no_json_object_is_refused_at_once(program, body):
    program.get("/v1/tasks")  # what is loaded at the first call is loaded now
    began = time.monotonic()
    headers = HEADERS | {"Authorization": f"Bearer {program.plain}"}
    answer = program.client.post("/v1/text_to_video", body, content_type="application/json", headers=headers)
    assert answer.status_code == 400 and answer.json()["error"]
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_told_what_to_be(program, fox, kind):
    headers = HEADERS | {"Authorization": f"Bearer {program.plain}"}
    answer = program.client.generic("POST", "/v1/text_to_video", json.dumps(fox), content_type=kind, headers=headers)
    assert answer.status_code == 415 and "application/json" in answer.json()["error"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"model": "nothing-like-this"}, ["model"]),
        ({"model": 7}, ["model"]),
        ({"model": "gen4.5", "duration": 5}, ["ratio"]),
        ({"model": "gen4.5", "ratio": "1280:720", "duration": 7.3}, ["duration"]),
        ({"duration": -1}, ["duration"]),
        ({"duration": "5"}, ["duration"]),
        ({"ratio": "wide"}, ["ratio"]),
        ({"seed": 2**32}, ["seed"]),
        ({"seed": "abc"}, ["seed"]),
        ({"promptText": ""}, ["promptText"]),
        ({"promptText": "   "}, ["promptText"]),
        ({"promptText": "🦊" * 501}, ["promptText"]),
        ({"promptText": "a\x00b"}, ["promptText"]),
        ({"promptText": "a\ud800b"}, ["promptText"]),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_its_place(program, fox, wrong, path):
    answer = program.post("/v1/text_to_video", fox | wrong)
    assert answer.status_code == 400, answer.content
    told = answer.json()
    assert told["error"] == "Validation of body failed" and told["docUrl"].endswith("/developers/")
    assert path in [issue["path"] for issue in told["issues"]]
    assert all(issue["message"] and issue["code"] for issue in told["issues"])


def test_of_a_model_that_is_not_here_it_is_said_which_are(program, fox):
    (issue,) = program.post("/v1/text_to_video", fox | {"model": "nothing-like-this"}).json()["issues"]
    installed = [card.id for card in catalogue.cards() if "text_to_video" in card.tasks]
    assert installed and f"Installed for text_to_video: {', '.join(installed)}." in issue["message"]
    assert "No model is called “nothing-like-this” here." in issue["message"] and "gen4.5" in issue["message"]


@pytest.mark.parametrize(
    ("kind", "wrong", "path"),
    [
        ("text_to_speech", {"voice": {"type": "preset"}}, ["voice", "presetId"]),
        ("text_to_speech", {"voice": {"type": "custom", "id": 7}}, ["voice", "id"]),
        ("text_to_speech", {"voice": {"type": "nobody"}}, ["voice"]),
        ("speech_to_speech", {"voice": "Maya"}, ["voice"]),
        ("image_to_video", {"promptImage": [{"uri": 7, "position": "first"}]}, ["promptImage", 0, "uri"]),
        ("image_to_video", {"promptImage": [{"uri": "a", "position": "middle"}]}, ["promptImage", 0, "position"]),
        ("voices", {"from": {"type": "preset"}}, ["from", "presetId"]),
    ],
)
def test_a_place_is_one_of_the_body_and_names_nothing_that_nobody_sent(program, kind, wrong, path):
    for where, body in ((f"/v1/{kind}", wrong), ("/v1/quotes", wrong | {"endpoint": kind})):
        answer = program.post(where, body)
        if kind != "voices" or "quotes" not in where:
            assert path in [issue["path"] for issue in answer.json()["issues"]], answer.content


@pytest.mark.parametrize(
    ("kind", "wrong", "path"),
    [
        ("text_to_video", {"outputFormat": "hdr_exr_sequence"}, ["outputFormat"]),
        ("video_upscale", {"targetFramerate": "23_98"}, ["targetFramerate"]),
        ("voice_dubbing", {"targetLang": "fr"}, ["targetLang"]),
        ("text_to_speech", {"voice": {"type": "reference-audio", "audioUri": "https://example.org/a.wav"}}, ["voice"]),
        (
            "speech_to_speech",
            {"voice": {"type": "reference-audio", "audioUri": "https://example.org/a.wav"}},
            ["voice"],
        ),
        ("sound_effect", {"referenceAudios": ["https://example.org/a.wav"]}, ["referenceAudios"]),
    ],
)
def test_what_is_not_built_says_so_whatever_is_installed(program, kind, wrong, path):
    """And does not send somebody to install what would not help."""
    answer = program.post(f"/v1/{kind}", EXAMPLES[kind]["body"] | wrong)
    assert answer.status_code == 400, answer.content
    [issue] = answer.json()["issues"]
    assert (issue["path"], issue["code"]) == (path, "not_built") and "To install it" not in issue["message"]


def test_what_is_missing_is_named_all_at_once(program):
    told = program.post("/v1/text_to_video", {"model": "animatic"}).json()
    assert [issue["path"] for issue in told["issues"]] == [["promptText"], ["ratio"], ["duration"]]


@pytest.mark.parametrize(
    "prompt", ['<img src=x onerror="x">', "{{7*7}}", "'; DROP TABLE x; --", "=cmd|' /C calc'!A0", "‮abc"]
)
def test_words_are_only_words(program, fox, prompt):
    assert program.post("/v1/text_to_video", fox | {"promptText": prompt}).status_code == 200


def test_fields_that_nobody_knows_are_left_alone(program, fox):
    assert program.post("/v1/text_to_video", fox | {"fromTheFuture": {"a": [1]}}).status_code == 200


def test_without_credits_existing_programs_find_the_words_they_look_for(program, ada, fox):
    wallet = Wallet.objects.of(ada.open_workspace())
    wallet.take_back(wallet.available, reference="test")
    answer = program.post("/v1/text_to_video", fox)
    assert answer.status_code == 400 and answer.json()["error"] == "You do not have enough credits to run this task."


def test_nothing_is_ever_html(program, client):
    for method, path, status in [
        ("GET", "/v1/", 404),
        ("GET", "/v1/nothing", 404),
        ("PATCH", "/v1/tasks", 405),
        ("GET", "/v1/avatars", 404),
        ("GET", "/v1/organization/webapp/audit_logs/7", 404),
        ("OPTIONS", "/v1/tasks", 405),
        ("GET", "/api/nothing", 404),
    ]:
        answer = program.call(method, path)
        assert answer.status_code == status, (method, path)
        assert answer["Content-Type"] == "application/json" and answer.json()["error"]
        assert answer["X-Request-Id"] and answer["Cache-Control"] == "no-store"
    assert "Avatars" in program.get("/v1/avatars").json()["error"]
    assert "audit log" in program.get("/v1/organization/webapp/audit_logs").json()["error"]


def test_every_400_says_where_to_read(program, fox):
    for answer in (
        program.get("/v1/tasks", X_Runway_Version="2023-01-01"),
        program.post("/v1/text_to_video", fox | {"ratio": "wide"}),
        program.post("/v1/text_to_video", fox, Idempotency_Key="x" * 256),
    ):
        assert answer.status_code == 400 and answer.json()["docUrl"] == "http://testserver/developers/"


@pytest.mark.parametrize("unkept", ["a\x00b", "a\ud800b"])
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/projects", {"name": "UNKEPT"}, ["name"]),
        ("/v1/routers", {"slug": "films", "description": "UNKEPT"}, ["description"]),
        ("/v1/generate/video", {"configId": "UNKEPT", "input": {"promptText": "a fox"}}, ["configId"]),
        ("/v1/generate/video", {"configId": "films", "input": {"promptText": "UNKEPT"}}, ["input", "promptText"]),
    ],
)
def test_what_no_database_can_keep_is_refused_wherever_it_stands(program, unkept, path, body, field):
    answer = program.post(path, json.loads(json.dumps(body).replace("UNKEPT", json.dumps(unkept)[1:-1])))
    assert answer.status_code == 400, answer.content
    assert [issue["path"] for issue in answer.json()["issues"]] == [field]


def test_numbers_and_cursors_beyond_all_measure_are_refused(program, fox):
    assert program.post("/v1/text_to_video", fox | {"duration": 1e308}).status_code == 400
    cursor = base64.urlsafe_b64encode(f"0001-01-01T00:00:00+23:59 {uuid.uuid4()}".encode()).decode()
    assert program.get(f"/v1/tasks?cursor={cursor}").status_code == 400


def test_what_will_go_says_so_long_before(program, monkeypatch):
    kept = program.get("/v1/tasks")
    assert "Deprecation" not in kept and "Sunset" not in kept
    leaving = Deprecated(since=date(2027, 1, 1), until=date(2028, 1, 1))
    monkeypatch.setitem(DEPRECATED, "list_tasks", leaving)
    told = program.get("/v1/tasks")
    assert told["Deprecation"] == "@1798761600" and told["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
    assert told["Link"] == '</developers/>; rel="deprecation"'

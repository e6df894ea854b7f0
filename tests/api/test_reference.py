"""The OpenAPI document says all that is there, and the page tells it to people."""

import json
import re

import jsonschema_rs
import pytest
from django.urls import reverse
from django.utils import timezone
from ninja import NinjaAPI, Schema
from schemathesis.specs.openapi.definitions import OPENAPI_31

from generation.attempt import Attempt
from generation.models import Event
from runwayweb.api.models import Delivery, Endpoint, Task
from runwayweb.api.reference import snippets
from runwayweb.api.reference.document import ROOMS, document
from runwayweb.api.reference.examples import EXAMPLES
from runwayweb.api.reference.fields import resolved
from runwayweb.api.reference.schemas import Schemas
from runwayweb.api.webhooks.kinds import STATUSES, TEST
from runwayweb.api.wire import api
from tests.api.receiver import URL
from tests.servers.https import answer

pytestmark = pytest.mark.django_db
DOCUMENT = json.loads(json.dumps(document("https://studio.example.org")))
CALLS = [
    pytest.param(path, method, operation, id=operation["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
IDEMPOTENCY_KEY = {"$ref": "#/components/parameters/IdempotencyKey"}
every_call = pytest.mark.parametrize(("path", "method", "operation"), CALLS)


def test_the_document_is_valid_openapi_3_1(client):
    heard = client.get("/api/openapi.json")
    assert heard.status_code == 200 and heard["Content-Type"] == "application/json"
    assert heard["Access-Control-Allow-Origin"] == "*"
    told = heard.json()
    assert told["openapi"] == "3.1.0" and told["servers"] == [{"url": "http://testserver"}]
    assert [error.message for error in jsonschema_rs.Draft202012Validator(OPENAPI_31).iter_errors(told)] == []


def test_what_the_studio_sends_by_itself_is_as_the_document_has_it(elsewhere, program, ada, fox, pulse):
    elsewhere.says(answer(b"thanks", status=200))
    endpoint, _secret = Endpoint.objects.add(ada.open_workspace(), by=ada, url=URL, event_types=["*"])
    program.post("/v1/text_to_video", fox)
    cancelled, failed = (program.post("/v1/text_to_video", fox).json()["id"] for _ in range(2))
    Attempt.run_next(pulse)
    Task.objects.get(pk=cancelled).delete_softly()
    run = Task.objects.get(pk=failed).generation
    run.status = "failed"
    Event.objects.record("generation.failed", run)
    endpoint.send_test()
    Delivery.objects.update(next_attempt_at=timezone.now())
    elsewhere.bring()
    said = [json.loads(post.body) for post in elsewhere.posted]
    told = {"task.pending", "task.running", "task.succeeded", "task.failed", "task.cancelled", "webhook.test"}
    assert {one["type"] for one in said} == told
    assert set(DOCUMENT["webhooks"]) == {*STATUSES.values(), TEST}
    for one in said:
        content = DOCUMENT["webhooks"][one["type"]]["post"]["requestBody"]["content"]["application/json"]
        whole = content["schema"] | {"components": DOCUMENT["components"]}
        assert [error.message for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(one)] == []
    documented = [header["name"] for header in DOCUMENT["webhooks"]["task.failed"]["post"]["parameters"]]
    assert {name: name in elsewhere.posted[0].headers for name in documented} == dict.fromkeys(documented, True)


def test_it_leaves_nothing_out():
    routed = {
        "/v1" + re.sub(r"\{\w+:", "{", path)
        for router in api._get_bound_routers()
        for path in router.path_operations
        for path in ["/" + "/".join(part.strip("/") for part in (router.prefix, path) if part.strip("/"))]
    }
    assert routed <= set(DOCUMENT["paths"])
    assert len({call.values[2]["operationId"] for call in CALLS}) == len(CALLS)


@every_call
def test_every_call_says_what_it_is_and_all_that_it_may_answer(path, method, operation):
    assert operation["summary"] and operation["tags"][0] in ROOMS
    answers = operation["responses"]
    assert any(status.startswith("2") for status in answers)
    if path.startswith("/v1/"):
        assert operation["security"][0]["key"]
        assert {"$ref": "#/components/parameters/Version"} in operation["parameters"]
        assert {"400", "401", "403", "404", "429", "503"} <= set(answers)
        assert "requestBody" not in operation or {"413", "415"} <= set(answers)
    for status, told in answers.items():
        if int(status) >= 400:
            error = DOCUMENT["components"]["responses"][told["$ref"].rsplit("/", 1)[-1]]
            content = error["content"]["application/json"]
            assert content["example"]["error"] and error["headers"]["X-Request-Id"]


@every_call
def test_every_call_has_an_example_that_its_own_schema_takes(path, method, operation):
    example = EXAMPLES.get(operation["operationId"])
    assert example is not None, f"{path}: give it an example in runwayweb/api/reference/examples.py"
    assert set(example.get("path", {})) == set(re.findall(r"\{(\w+)\}", path))
    assert ("body" in example) == ("application/json" in operation.get("requestBody", {}).get("content", {}))
    if "body" in example:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        whole = schema | {"components": DOCUMENT["components"]}
        assert [error.message for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(example["body"])] == []


def test_no_example_is_of_a_call_that_is_gone():
    assert set(EXAMPLES) == {call.values[2]["operationId"] for call in CALLS}


def test_the_page_tells_every_call_to_anybody(client):
    page = client.get(reverse("developers"))
    assert page.status_code == 200
    html = page.content.decode()
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
    for call in CALLS:
        path, _method, operation = call.values
        assert operation["operationId"] in ids
        assert f"<code>{path}</code>" in html
        article = html.split(f'id="{operation["operationId"]}"')[1].split("</article>")[0]
        assert ("Idempotency-Key" in article) == (IDEMPOTENCY_KEY in operation.get("parameters", ()))
    assert html.count('data-language="python"') == html.count('data-language="curl"') == len(CALLS)
    # Limits stand where the field is.
    assert "invalid_enum_value" not in html and "required" in html


def test_a_page_in_french_says_which_part_of_it_is_english(client):
    html = client.get(reverse("developers"), headers={"Accept-Language": "fr"}).content.decode()
    assert '<html lang="fr"' in html and '<main class="reference__body" id="room" tabindex="-1" lang="en">' in html
    assert "Développeurs" in html


def test_the_catalogue_says_what_is_installed_and_how_the_rest_is(client, settings):
    settings.API_ALIASES = {"veo3.1": "animatic"}
    answer = client.get("/api/models")
    assert answer.status_code == 200
    models = {model["id"]: model for model in answer.json()["models"]}
    built_in, klein = models["built-in"], models["flux-2-klein-4b"]
    assert built_in["installed"] and "install" not in built_in and "licence" not in built_in
    assert built_in["creditsPerSecond"] == 2 and "text_to_video" in built_in["tasks"]
    assert built_in["limits"]["maxPixels"] == 512 * 288 and built_in["limits"]["fps"] == 12
    assert not klein["installed"] and klein["install"] == "manage.py models pull flux-2-klein-4b"
    assert {"aleph2", "gen4_turbo"} <= set(built_in["aliases"]) and klein["aliases"] == []
    assert models["foley"]["aliases"] == ["eleven_text_to_sound_v2", "mirelo_sfx_2_0", "seed_audio"]
    assert "veo3.1" in models["animatic"]["aliases"], "as its operator calls it"
    assert klein["licence"]["name"] == "Apache-2.0" and klein["licence"]["mayBeSold"]
    installed = [model["installed"] for model in answer.json()["models"]]
    assert installed == sorted(installed, reverse=True)


@pytest.mark.parametrize(
    ("name", "python", "javascript"),
    [
        ("promptText", "prompt_text", "promptText"),
        ("creditsPer1000", "credits_per1000", "creditsPer1000"),
        ("from", "from_", "from"),
    ],
)
def test_fields_are_called_what_each_client_calls_them(name, python, javascript):
    example = {"client": "voices.create", "body": {name: 1}}
    assert f"{python}=1" in snippets.python("post", "/v1/voices", example)
    assert f"{javascript}: 1" in snippets.javascript("post", "/v1/voices", example)


def test_an_apostrophe_in_an_example_does_not_end_the_shells_quotes():
    written = snippets.curl("post", "/v1/text_to_video", {"body": {"promptText": "the fox's den"}})
    assert "the fox'\\''s den" in written


def test_two_schemas_of_one_name_are_told_apart():
    class Asked(Schema):
        width: int

    first, Asked1 = NinjaAPI(urls_namespace="first"), Asked

    class Asked(Schema):
        height: int

    for path, schema in (("/wide", Asked1), ("/high", Asked)):
        view = first.post(path, operation_id=path[1:])
        view(_taking(schema))
    shared = {}
    paths = Schemas(first, "", shared)["paths"]
    bodies = [
        resolved(paths[path]["post"]["requestBody"]["content"]["application/json"]["schema"], {"schemas": shared})
        for path in ("/wide", "/high")
    ]
    assert [list(body["properties"]) for body in bodies] == [["width"], ["height"]]


def _taking(schema):
    def view(request, body: schema): ...

    return view

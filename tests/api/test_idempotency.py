"""Asked twice under one Idempotency-Key: made once, answered twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from generation.models import Generation
from projects.models import Export, Invocation, Workflow
from runwayweb.api import keeping
from runwayweb.api.models import Answer, Task
from runwayweb.api.reference.document import document
from runwayweb.api.reference.examples import EXAMPLES
from runwayweb.subscriptions.models import Wallet
from tests.api.conftest import Program
from tests.factories import make_asset, make_project, make_shot, make_take
from tests.projects.test_workflows import heard

pytestmark = pytest.mark.django_db


def test_the_same_call_again_is_given_the_same_answer_byte_for_byte(program, fox):
    first, second = (program.post("/v1/text_to_video", fox, Idempotency_Key="fox-1") for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first and second["Idempotent-Replayed"] == "true"
    assert Task.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(program, fox):
    program.post("/v1/text_to_video", fox, Idempotency_Key="fox-1")
    answer = program.post("/v1/text_to_video", fox | {"seed": 8}, Idempotency_Key="fox-1")
    assert answer.status_code == 400 and "same parameters" in answer.json()["error"]
    assert Task.objects.count() == 1


@pytest.mark.parametrize("name", ["x" * 256, "", "a\tb", "clé"])
def test_a_key_that_is_none_is_refused(program, fox, name):
    assert program.post("/v1/text_to_video", fox, Idempotency_Key=name).status_code == 400
    assert not Task.objects.exists()


def test_keys_of_different_workspaces_have_nothing_to_do_with_each_other(program, stranger, fox):
    answers = [one.post("/v1/text_to_video", fox, Idempotency_Key="fox-1") for one in (program, stranger)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["id"] != answers[1].json()["id"]


def test_what_was_refused_may_be_tried_again_under_the_same_key(program, ada, fox):
    assert program.post("/v1/text_to_video", fox | {"duration": -1}, Idempotency_Key="a").status_code == 400
    wallet = Wallet.objects.of(ada.open_workspace())
    taken = wallet.available
    wallet.take_back(taken, reference="test")
    assert program.post("/v1/text_to_video", fox, Idempotency_Key="a").status_code == 400
    wallet.grant(taken, reference="test-again")
    assert program.post("/v1/text_to_video", fox, Idempotency_Key="a").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_make_one_task_and_one_hold(program, ada, fox):
    before = Wallet.objects.of(ada.open_workspace()).available

    def call(_number):
        try:
            return Program(Client(), program.plain).post("/v1/text_to_video", fox, Idempotency_Key="fifty")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(call, range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert Task.objects.count() == 1 and Answer.objects.count() == 1
    wallet = Wallet.objects.get()
    assert wallet.available == before - 1 and wallet.held == 1


def test_answers_are_kept_for_two_days(program, fox):
    program.post("/v1/text_to_video", fox, Idempotency_Key="a")
    keeping.look_after()
    assert Answer.objects.count() == 1
    Answer.objects.update(created_at=timezone.now() - timedelta(hours=49))
    assert Answer.objects.sweep() == 1
    assert program.post("/v1/text_to_video", fox, Idempotency_Key="a").status_code == 200 and Task.objects.count() == 2


# What an address or a body names may be gone when the same call comes again; its answer is given all the same.


def again(program, path, body, gone):
    """The first answer and the one after `gone()`, which both went well."""
    first = program.post(path, body, Idempotency_Key="named")
    assert first.status_code == 200, first.content
    gone()
    second = program.post(path, body, Idempotency_Key="named")
    assert second.status_code == 200 and second["Idempotent-Replayed"] == "true", second.content
    assert second.content == first.content
    assert program.post(path, body, Idempotency_Key="another").status_code in (400, 404)


def test_after_its_router_was_deleted(program):
    router = program.post("/v1/routers", {"slug": "house"}).json()
    body = {"configId": "house", "input": {"promptText": "a red fox", "duration": 2, "resolution": "480p"}}
    again(program, "/v1/generate/video", body, lambda: program.delete(f"/v1/routers/{router['id']}"))
    assert Task.objects.count() == 1


def test_after_its_workflow_was_deleted(program):
    published = program.post("/v1/workflows", {"name": "Fox", "graph": heard(length=0.5)}).json()
    again(program, f"/v1/workflows/{published['id']}", {}, Workflow.objects.get().delete_softly)
    assert Invocation.objects.count() == 1


def test_after_its_shot_was_deleted(program, ada):
    shot = make_shot(make_project(ada), width=64, height=64, duration_seconds=0.25, model="animatic")
    again(program, f"/v1/shots/{shot.pk}/takes", {"count": 1}, lambda: program.delete(f"/v1/shots/{shot.pk}"))
    assert Task.objects.count() == 1


def test_after_its_film_was_deleted(program, ada):
    take = make_take(make_shot(make_project(ada)), ada, "animatic", finished=True)
    project = take.shot.project
    program.post(f"/v1/takes/{take.pk}/choice", {})
    program.post(f"/v1/projects/{project.pk}/assembly", {})
    again(program, f"/v1/projects/{project.pk}/exports", {}, lambda: program.delete(f"/v1/projects/{project.pk}"))
    assert Export.objects.count() == 1


def test_after_its_voice_was_deleted(program, hibari):
    body = {"from": {"type": "preset", "presetId": "hibari"}, "name": "Nova"}
    id = program.post("/v1/voices", body, Idempotency_Key="voice").json()["id"]
    sample = {
        "model": "eleven_ttv_v3",
        "prompt": "A calm woman who tells stories",
        "voice": {"type": "custom", "id": id},
    }
    assert program.post("/v1/voices/preview", sample, Idempotency_Key="sample").status_code == 503
    run = Generation.objects.get()
    asset = make_asset(run.workspace, media_type="audio/mp4", duration_seconds=4.5)
    Generation.objects.update(status="succeeded", asset=asset)
    again(program, "/v1/voices/preview", sample, lambda: program.delete(f"/v1/voices/{id}"))
    assert Generation.objects.count() == 1
    assert program.post("/v1/voices", body, Idempotency_Key="voice").json() == {"id": id}


def test_a_name_that_is_none_is_refused_by_just_those_calls_whose_document_takes_one(program, hibari):
    """Nothing else of the call is looked at before: the ids are nobody's."""
    for path, methods in document()["paths"].items():
        operation = methods.get("post")
        if operation is None or not path.startswith("/v1/"):
            continue
        example = EXAMPLES[operation["operationId"]]
        for name, value in example.get("path", {}).items():
            path = path.replace(f"{{{name}}}", value)
        answer = program.post(path, example.get("body", {}), Idempotency_Key="x" * 256)
        refused = answer.status_code == 400 and "An Idempotency-Key has" in answer.json()["error"]
        takes_one = {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
        assert refused == takes_one, (path, answer.content)

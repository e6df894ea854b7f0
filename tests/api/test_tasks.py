"""A program asks for a clip, looks how far it is, and has it or takes it back."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connections
from django.test import Client

from generation.attempt import Attempt
from generation.engine import catalogue
from generation.models import Generation
from runwayweb.api.models import Task
from runwayweb.subscriptions.models import Wallet
from tests.api.conftest import Program

pytestmark = pytest.mark.django_db


def balance(user):
    wallet = Wallet.objects.of(user.open_workspace())
    wallet.refresh_from_db()
    return wallet.available


def test_a_clip_is_asked_for_drawn_and_fetched(program, ada, fox, pulse):
    before = balance(ada)
    started = program.post("/v1/text_to_video", fox)
    assert started.status_code == 200, started.content
    told = started.json()
    assert told["estimatedCost"]["credits"] == 1
    waiting = program.get(f"/v1/tasks/{told['id']}").json()
    assert waiting["status"] == "PENDING" and waiting["estimatedCost"] == {"credits": 1}
    assert "cost" not in waiting and "output" not in waiting
    Attempt.run_next(pulse)
    done = program.get(f"/v1/tasks/{told['id']}").json()
    assert done["status"] == "SUCCEEDED" and done["cost"] == {"credits": 1}
    assert "estimatedCost" not in done
    [address] = done["output"]
    assert address.startswith("http://testserver/")
    fetched = program.client.head(address)
    assert fetched.status_code == 200 and fetched["Content-Type"] == "video/mp4"
    assert balance(ada) == before - 1


def test_a_price_that_changes_after_it_was_asked_for_is_told_and_the_one_that_was_held_is_charged(
    program, ada, fox, pulse, monkeypatch
):
    def cost(credits):
        monkeypatch.setattr(catalogue, "ANIMATIC", replace(catalogue.ANIMATIC, credits_per_second=credits))

    before, clip = balance(ada), fox | {"duration": 1}
    quoted = program.post("/v1/quotes", clip | {"endpoint": "text_to_video"}).json()["estimatedCost"]["credits"]
    cost(10)
    started = program.post("/v1/text_to_video", clip).json()
    assert (quoted, started["estimatedCost"]["credits"]) == (2, 10), "who pays more hears of it at once"
    cost(50)
    Attempt.run_next(pulse)
    assert program.get(f"/v1/tasks/{started['id']}").json()["cost"] == {"credits": 10}
    assert balance(ada) == before - 10


def test_what_it_makes_stands_in_the_studio_in_a_project_of_its_own(program, ada, fox):
    first, second = (program.post("/v1/text_to_video", fox).json()["id"] for _ in range(2))
    made = Generation.objects.filter(api_task__in=[first, second])
    [project] = {generation.project for generation in made}
    assert project.name == "API" and {generation.requested_by for generation in made} == {ada}
    project.delete_softly()
    third = Task.objects.get(pk=program.post("/v1/text_to_video", fox).json()["id"])
    assert third.generation.project != project and third.generation.project.name == "API"


def test_a_task_in_progress_is_cancelled_and_its_credits_come_back(program, ada, fox):
    before = balance(ada)
    path = f"/v1/tasks/{program.post('/v1/text_to_video', fox).json()['id']}"
    assert balance(ada) == before - 1
    assert program.delete(path).status_code == 204
    assert balance(ada) == before
    assert program.get(path).status_code == 404
    assert program.delete(path).status_code == 204


def test_a_task_that_ended_is_deleted_with_its_clip(program, fox, pulse):
    path = f"/v1/tasks/{program.post('/v1/text_to_video', fox).json()['id']}"
    Attempt.run_next(pulse)
    [address] = program.get(path).json()["output"]
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404
    assert program.client.get(address).status_code == 404


def test_nobody_sees_or_ends_the_tasks_of_others(program, stranger, fox):
    path = f"/v1/tasks/{program.post('/v1/text_to_video', fox).json()['id']}"
    answers = [
        stranger.get(where)
        for where in (path, f"/v1/tasks/{uuid.uuid4()}", "/v1/tasks/7", "/v1/tasks/..%2F..%2Fadmin", "/v1/tasks/%00")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert stranger.delete(path).status_code == 404
    assert program.get(path).json()["status"] == "PENDING"


def test_tasks_are_listed_newest_first_a_page_at_a_time(program, stranger, fox):
    made = [program.post("/v1/text_to_video", fox).json()["id"] for _ in range(5)]
    stranger.post("/v1/text_to_video", fox)
    first = program.get("/v1/tasks?limit=3").json()
    second = program.get(f"/v1/tasks?limit=3&cursor={first['nextCursor']}").json()
    assert [task["id"] for task in first["data"] + second["data"]] == made[::-1]
    assert "nextCursor" not in second
    for wrong in ("cursor=nonsense", "limit=0", "limit=x"):
        assert program.get(f"/v1/tasks?{wrong}").status_code == 400


def test_a_failure_is_told_in_a_sentence_and_costs_nothing(program, ada, fox):
    before = balance(ada)
    id = program.post("/v1/text_to_video", fox).json()["id"]
    task = Task.objects.get(pk=id)
    Generation.objects.filter(pk=task.generation_id).update(status="running", attempt=1)
    task.generation.refresh_from_db()
    task.generation.fail(1, code="INTERNAL.GPU", message="The GPU failed twice.")
    told = program.get(f"/v1/tasks/{id}").json()
    assert told["status"] == "FAILED" and told["failure"] == "The GPU failed twice."
    assert told["failureCode"] == "INTERNAL.GPU" and told["cost"] == {"credits": 0}
    assert balance(ada) == before


def test_a_quote_spends_nothing(program, ada, fox):
    before = balance(ada)
    told = program.post("/v1/quotes", fox | {"endpoint": "text_to_video"}).json()
    assert told["estimatedCost"] == {"credits": 1} and told["affordable"] and told["creditBalance"] == before
    assert 0 < told["seconds"]["p50"] <= told["seconds"]["p90"] and told["queuePosition"] == 0
    assert balance(ada) == before and not Task.objects.exists()
    assert program.post("/v1/quotes", fox).status_code == 400
    unknown = program.post("/v1/quotes", fox | {"endpoint": "text_to_dance"}).json()["issues"][0]
    assert unknown["path"] == ["endpoint"] and "generate/audio" in unknown["message"]
    wrong = program.post("/v1/quotes", fox | {"endpoint": "text_to_video", "duration": -1})
    assert wrong.status_code == 400 and wrong.json()["issues"][0]["path"] == ["duration"]


@pytest.mark.django_db(transaction=True)
def test_sixty_four_at_once_spend_the_last_three_credits_three_times(program, ada, fox):
    wallet = Wallet.objects.of(ada.open_workspace())
    wallet.take_back(wallet.available - 3, reference="test")

    def call(_number):
        try:
            return Program(Client(), program.plain).post("/v1/text_to_video", fox)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(64) as threads:
        answers = list(threads.map(call, range(64)))
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 61 and {answer.status_code for answer in refused} == {400}
    assert {answer.json()["error"] for answer in refused} == {"You do not have enough credits to run this task."}
    assert balance(ada) == 0 and Task.objects.count() == 3

"""Webhooks by the API: what the page in the settings does, for programs that have the scope for it."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.attempt import Attempt
from generation.models import Event, Generation
from runwayweb.accounts.models import AuditEntry
from runwayweb.api.models import Chain, Delivery, Endpoint, Key, Scope, Task
from runwayweb.api.webhooks import messages
from runwayweb.subscriptions.limits import LimitReached
from tests.api.conftest import Program
from tests.api.receiver import URL, hour_strikes
from tests.factories import make_generation, make_plan, make_project
from tests.servers.https import HOST, answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(elsewhere):
    elsewhere.says(answer(status=204))
    return elsewhere


@pytest.fixture
def hook(program, receiver):
    return program.post("/v1/webhooks", {"url": URL}).json()


def test_a_webhook_is_made_changed_and_deleted(program, receiver, ada):
    made = program.post("/v1/webhooks", {"url": URL, "eventTypes": ["task.failed"], "description": " our \n bot "})
    assert made.status_code == 200
    told = made.json()
    secret = told.pop("secret")
    assert secret.startswith("whsec_")
    assert told == {
        "id": told["id"],
        "url": URL,
        "description": "our bot",
        "eventTypes": ["task.failed"],
        "enabled": True,
        "createdAt": told["createdAt"],
    }
    path = f"/v1/webhooks/{told['id']}"
    assert program.get(path).json() == told and program.get("/v1/webhooks").json() == {"data": [told]}
    changed = program.call("PATCH", path, {"url": f"https://{HOST}/new", "eventTypes": ["*"], "enabled": False}).json()
    assert (changed["url"], changed["eventTypes"]) == (f"https://{HOST}/new", ["*"])
    assert (changed["enabled"], changed["disabledReason"], changed["description"]) == (False, "by_hand", "our bot")
    assert program.call("PATCH", path, {"enabled": True}).json()["enabled"]
    rotated = program.post(f"{path}/rotate", {}).json()
    assert rotated["secret"].startswith("whsec_") and rotated["secret"] != secret
    assert program.delete(path).status_code == 204 and program.get(path).status_code == 404
    assert set(AuditEntry.objects.filter(action__startswith="webhook.").values_list("by_name", flat=True)) == {
        ada.email
    }


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"url": "http://example.org/"}, ["url"]),
        ({"url": "https://127.0.0.1/"}, ["url"]),
        ({"url": "https://a\x00.example.org/"}, ["url"]),
        ({"url": "https://\ud800.example.org/"}, ["url"]),
        ({"url": "https://example.org/" + "a" * 3000}, ["url"]),
        ({"url": None}, ["url"]),
        ({"eventTypes": ["task.exploded"]}, ["eventTypes", 0]),
        ({"eventTypes": []}, ["eventTypes"]),
        ({"description": "x" * 201}, ["description"]),
    ],
)
def test_what_cannot_be_is_told_with_its_place(program, receiver, wrong, place):
    refused = program.post("/v1/webhooks", {"url": URL} | wrong)
    assert refused.status_code == 400, refused.content
    assert place in [issue["path"] for issue in refused.json()["issues"]]
    assert not Endpoint.objects.exists()


def test_a_name_that_means_something_inside_is_refused_at_its_place(program, hook, receiver):
    receiver.https.resolves = ["10.0.0.1"]
    for refused in (
        program.post("/v1/webhooks", {"url": f"https://{HOST}/other"}),
        program.call("PATCH", f"/v1/webhooks/{hook['id']}", {"url": f"https://{HOST}/other"}),
    ):
        assert refused.status_code == 400
        assert refused.json()["issues"][0]["path"] == ["url"]


def test_words_that_a_database_does_not_take_are_made_such_that_it_does(program, receiver):
    told = program.post("/v1/webhooks", {"url": URL, "description": "a\x00b\u200bc"}).json()
    assert told["description"] == "a b c"


def test_one_too_many_is_a_sentence(program, receiver, settings):
    settings.WEBHOOK_ENDPOINTS = 1
    program.post("/v1/webhooks", {"url": URL})
    refused = program.post("/v1/webhooks", {"url": f"https://{HOST}/2"})
    assert refused.status_code == 400 and "1 webhook at most" in refused.json()["error"]


def test_a_plan_without_the_api_has_no_webhooks(program, receiver, ada):
    endpoint, _secret = Endpoint.objects.add(ada.open_workspace(), by=ada, url=URL)
    endpoint.disable(Endpoint.Disabled.BY_HAND, by=ada)
    make_plan("house", api_access=False)
    with pytest.raises(LimitReached):
        Endpoint.objects.add(ada.open_workspace(), by=ada, url=f"https://{HOST}/other")
    with pytest.raises(LimitReached):
        endpoint.enable(by=ada)


def test_strangers_and_keys_without_the_scope_reach_nothing(program, stranger, hook, ada, client):
    path = f"/v1/webhooks/{hook['id']}"
    delivery = Endpoint.objects.get().send_test()
    weak = Program(
        client,
        Key.objects.issue(ada.open_workspace(), by=ada, name="weak", scopes=[Scope.READ, Scope.GENERATE])[1],
    )
    for method, at, body in (
        ("GET", path, None),
        ("PATCH", path, {"enabled": False}),
        ("DELETE", path, None),
        ("POST", f"{path}/rotate", {}),
        ("POST", f"{path}/test", {}),
        ("GET", f"{path}/deliveries", None),
        ("POST", f"{path}/deliveries/{delivery.pk}/replay", {}),
        ("POST", f"{path}/replay", {"since": "2026-01-01T00:00:00Z"}),
    ):
        assert weak.call(method, at, body).status_code == 403
        theirs = stranger.call(method, at, body)
        nothing = stranger.call(method, at.replace(hook["id"], str(uuid.uuid4())), body)
        assert theirs.status_code == 404 and theirs.content == nothing.content, (method, at)
    assert weak.post("/v1/webhooks", {"url": URL}).status_code == 403
    assert stranger.get("/v1/webhooks").json() == {"data": []}
    assert program.get("/v1/webhooks/nonsense").status_code == 404
    endpoint = Endpoint.objects.get()
    assert endpoint.is_enabled and endpoint.secrets.count() == 1 and endpoint.deliveries.count() == 1


def test_what_was_sent_is_listed_and_sent_again(program, hook, receiver):
    path = f"/v1/webhooks/{hook['id']}"
    receiver.says(answer(status=500))
    first = program.post(f"{path}/test", {}).json()
    assert (first["eventType"], first["status"], first["attempts"]) == ("webhook.test", "pending", 0)
    receiver.bring()
    [failed] = program.get(f"{path}/deliveries?status=failed").json()["data"]
    assert (failed["id"], failed["responseCode"], failed["reason"]) == (first["id"], 500, "status")
    assert program.get(f"{path}/deliveries?status=pending").json() == {"data": []}
    assert program.get(f"{path}/deliveries?status=odd").status_code == 400
    receiver.says(answer(status=204))
    assert program.post(f"{path}/deliveries/{first['id']}/replay", {}).json()["status"] == "pending"
    receiver.bring()
    [sent] = program.get(f"{path}/deliveries").json()["data"]
    assert (sent["status"], sent["messageId"]) == ("succeeded", failed["messageId"])
    Delivery.objects.update(status="failed")
    hour_ago = (timezone.now() - timedelta(hours=1)).isoformat()
    assert program.post(f"{path}/replay", {"since": hour_ago}).json() == {"replayed": 1}
    assert program.post(f"{path}/replay", {"since": "0001-01-01T00:00:00+14:00"}).json() == {"replayed": 0}
    assert program.post(f"{path}/replay", {"since": "2999-01-01T00:00:00Z"}).status_code == 400
    assert program.post(f"{path}/replay", {"since": "never"}).status_code == 400


def test_deliveries_are_listed_page_by_page(program, hook):
    endpoint = Endpoint.objects.get()
    for number in range(5):
        endpoint.deliveries.create(event_type=f"task.{number}", payload={"data": {}}, status="succeeded")
    seen, cursor = [], ""
    while cursor is not None:
        page = program.get(f"/v1/webhooks/{hook['id']}/deliveries?limit=2&cursor={cursor}").json()
        seen += [one["eventType"] for one in page["data"]]
        cursor = page.get("nextCursor")
    assert seen == [f"task.{number}" for number in (4, 3, 2, 1, 0)]


def test_a_task_is_told_as_it_answers_itself(program, hook, receiver, fox, pulse, settings):
    settings.SITE_URL = "https://studio.example.net"
    id = program.post("/v1/text_to_video", fox).json()["id"]
    asked = program.get(f"/v1/tasks/{id}").json()
    Attempt.run_next(pulse)
    receiver.bring()
    by_type = {one["type"]: one["data"] for one in receiver.told}
    assert set(by_type) == {"task.pending", "task.running", "task.succeeded"}
    assert by_type["task.pending"] == asked, "as it was, though it has gone on"
    assert by_type["task.running"]["status"] == "RUNNING"
    done = program.get(f"/v1/tasks/{id}").json()
    told = by_type["task.succeeded"]
    assert {name: told[name] for name in told if name != "output"} == {
        name: done[name] for name in done if name != "output"
    }
    [address] = told["output"]
    assert address.startswith("https://studio.example.net/")
    fetched = program.client.head(address.removeprefix("https://studio.example.net"))
    assert fetched.status_code == 200 and fetched["Content-Type"] == "video/mp4"
    assert receiver.verified(hook["secret"])


def test_a_task_that_is_deleted_in_progress_is_told_as_cancelled(program, hook, receiver, fox):
    id = program.post("/v1/text_to_video", fox).json()["id"]
    program.delete(f"/v1/tasks/{id}")
    receiver.bring()
    assert {(one["type"], one["data"]["id"]) for one in receiver.told} == {
        ("task.pending", id),
        ("task.cancelled", id),
    }


def test_a_task_of_several_steps_is_told_as_one(program, hook, receiver, ada):
    project = make_project(ada)
    task = Task.objects.create(workspace=ada.open_workspace(), kind="multi_shot_video", model="gen4.5")
    chain = Chain.objects.create(task=task, project=project, cost=3)
    Event.objects.record("task.queued", chain)
    step = chain.steps.create(stage=0, maker="shot", generation=make_generation(project))
    Generation.objects.filter(pk=step.generation_id).update(status="running")
    Chain.objects.update(status="running")
    chain.refresh_from_db()
    Event.objects.record("task.running", chain)
    receiver.bring()
    assert {(one["type"], one["data"]["id"], one["data"]["status"]) for one in receiver.told} == {
        ("task.pending", str(task.pk), "PENDING"),
        ("task.running", str(task.pk), "RUNNING"),
    }
    chain.cancel()
    receiver.bring()
    assert receiver.told[-1]["data"] == program.get(f"/v1/tasks/{task.pk}").json()
    assert [one["type"] for one in receiver.told[2:]] == ["task.cancelled"]


def test_a_task_that_cannot_be_told_whole_keeps_no_other_from_being_told(program, hook, receiver, fox, monkeypatch):
    def broken(task, request):
        raise KeyError("a field that is not there")

    monkeypatch.setattr(messages, "told", broken)
    id = program.post("/v1/text_to_video", fox).json()["id"]
    receiver.bring()
    assert [one["data"] for one in receiver.told] == [{"id": id, "status": "PENDING"}]


def test_a_message_that_comes_late_brings_addresses_that_still_work(program, hook, receiver, fox, pulse, monkeypatch):
    program.call("PATCH", f"/v1/webhooks/{hook['id']}", {"eventTypes": ["task.succeeded"]})
    program.post("/v1/text_to_video", fox)
    Attempt.run_next(pulse)
    receiver.says(answer(status=503), answer(status=204))
    receiver.bring()
    delivery = Delivery.objects.get()
    [first] = delivery.payload["data"]["output"]
    stale = delivery.payload | {"data": delivery.payload["data"] | {"output": [first.split("?")[0]]}}
    Delivery.objects.update(payload=stale)
    hour_strikes()
    receiver.bring()
    early, late = receiver.told
    assert early["data"]["output"] == [first]
    assert "signature=" in late["data"]["output"][0]
    assert {**late["data"], "output": 0} == {**early["data"], "output": 0}
    Task.objects.get().delete_softly()
    assert messages.body_of(stale, again=True) == messages.body_of(stale), "of one that was deleted there are none"

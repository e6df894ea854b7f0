"""Outgoing webhooks: real messages to a real server of HTTPS, believed by the library of Standard Webhooks."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from generation.models import Event
from runwayweb.accounts.models import AuditEntry, Role
from runwayweb.api.models import Cursor, Delivery, Endpoint, Secret
from runwayweb.api.models.delivery import ATTEMPTS, PAUSES, pause_after
from runwayweb.api.webhooks import deliverer as loop
from runwayweb.api.webhooks import sending
from runwayweb.api.webhooks.deliverer import Deliverer
from runwayweb.api.webhooks.messages import MOST_BYTES, body_of
from runwayweb.api.webhooks.sending import Why
from runwayweb.subscriptions.refused import Refused
from tests.api.receiver import URL, hour_strikes, wait_for
from tests.factories import make_generation, make_member, make_project, make_user
from tests.hostile_addresses import hostile_addresses
from tests.servers.https import HOST, Https, answer

Status = Delivery.Status


@pytest.fixture
def receiver(elsewhere):
    elsewhere.says(answer(b"thanks", status=200))
    return elsewhere


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def workspace(ada):
    return ada.open_workspace()


@pytest.fixture
def project(ada):
    return make_project(ada)


@pytest.fixture
def made(receiver, workspace, ada):
    """(endpoint, its secret)."""
    return Endpoint.objects.add(workspace, by=ada, url=URL, event_types=["*"])


@pytest.fixture
def endpoint(made):
    return made[0]


def happen(project, kind="generation.succeeded", status="succeeded"):
    """Something happened: one event of a new run."""
    run = make_generation(project, project.workspace.owner)
    Event.objects.filter(generation_id=run.pk).delete()
    run.status = status
    return Event.objects.record(kind, run)


def fresh(endpoint):
    return Endpoint.objects.get(pk=endpoint.pk)


# What is told, and how it is known to be true


def test_what_happens_is_told_and_the_reference_library_believes_it(receiver, made, project):
    endpoint, secret = made
    event = happen(project)
    receiver.bring()
    said = receiver.verified(secret)
    assert said["type"] == "task.succeeded"
    assert said["timestamp"] == event.created_at.isoformat().replace("+00:00", "Z")
    assert said["data"] == {
        "id": str(event.generation_id),
        "project": str(project.pk),
        "status": "SUCCEEDED",
    }
    post, delivery = receiver.posted[0], endpoint.deliveries.get()
    assert (post.path, post.headers["Content-Type"], post.headers["Host"]) == ("/hook", "application/json", HOST)
    assert post.headers["webhook-id"] == delivery.message_id
    assert (delivery.status, delivery.attempts, delivery.response_code) == (Status.SUCCEEDED, 1, 200)
    assert delivery.response_start == "thanks" and 0 < delivery.seconds < 10
    assert receiver.https.reached == [("93.184.216.34", 443)], "the very address that was looked at"


def test_who_changes_a_letter_or_knows_another_secret_is_not_believed(receiver, made, project):
    happen(project)
    receiver.bring()
    post = receiver.posted[0]
    for secret, body in ((made[1], post.body.replace(b"SUCC", b"FAIL")), ("whsec_" + "A" * 43 + "=", post.body)):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, post.headers)
    other_id = post.headers | {"webhook-id": "msg_other"}
    with pytest.raises(WebhookVerificationError):
        Webhook(made[1]).verify(post.body, other_id)


def test_each_kind_of_event_has_its_name_and_others_are_nobodys_business(receiver, made, project):
    run = make_generation(project)  # queued
    for kind, status in (
        ("generation.running", "running"),
        ("generation.prepared", "running"),
        ("generation.queued", "queued"),
        ("generation.throttled", "throttled"),
        ("generation.failed", "failed"),
        ("generation.cancelled", "cancelled"),
        ("generation.deleted", "cancelled"),
    ):
        run.status = status
        Event.objects.record(kind, run)
    receiver.bring()
    said = sorted((one["type"], one["data"]["status"]) for one in receiver.told)
    assert said == [
        ("task.cancelled", "CANCELLED"),
        ("task.failed", "FAILED"),
        ("task.pending", "PENDING"),
        ("task.pending", "PENDING"),
        ("task.running", "RUNNING"),
        ("task.throttled", "THROTTLED"),
    ]


def test_only_what_was_asked_for_is_told_and_only_from_then_on(receiver, workspace, ada, project):
    happen(project)
    Endpoint.objects.add(workspace, by=ada, url=URL, event_types=["task.failed", "task.failed", "task.cancelled"])
    happen(project)
    happen(project, "generation.failed", "failed")
    receiver.bring()
    assert [one["type"] for one in receiver.told] == ["task.failed"]
    assert Endpoint.objects.get().event_types == ["task.failed", "task.cancelled"]


def test_a_real_run_tells_of_its_life(receiver, made, project, django_capture_on_commit_callbacks):
    run = make_generation(project)
    run.cancel()
    receiver.bring()
    assert sorted(one["type"] for one in receiver.told) == ["task.cancelled", "task.pending"]
    assert {one["data"]["id"] for one in receiver.told} == {str(run.pk)}


def test_others_workspaces_hear_nothing(receiver, made, project):
    mallory = make_user("mallory")
    Endpoint.objects.add(mallory.open_workspace(), by=mallory, url=f"https://{HOST}/mallory")
    happen(project)
    receiver.bring()
    assert [post.path for post in receiver.posted] == ["/hook"]


def test_what_happened_is_written_once_however_often_it_is_read(receiver, endpoint, project):
    happen(project)
    Deliverer(receiver.guard()).write()
    cursor = Cursor.objects.get()
    Deliverer(receiver.guard()).write()
    assert endpoint.deliveries.count() == 1 and cursor.sequence == Event.objects.last_sequence(project.workspace)
    stale = Cursor.objects.get()
    Cursor.objects.update(sequence=stale.sequence + 5)
    assert not stale.move(stale.sequence + 1), "another one was there first"


def test_more_events_than_fit_into_one_round_are_told_in_the_next(receiver, endpoint, project, monkeypatch):
    monkeypatch.setattr(loop, "EVENTS", 2)
    for _ in range(5):
        happen(project)
    deliverer = Deliverer(receiver.guard())
    for most in (2, 4, 5, 5):
        deliverer.write()
        assert endpoint.deliveries.count() == most


def test_a_message_is_never_larger_than_it_may_be():
    said = {"type": "task.failed", "timestamp": "now", "data": {"id": "1", "status": "FAILED", "failure": "é" * 15_000}}
    assert len(body_of(said)) < MOST_BYTES and b'"status":"FAILED"' in body_of(said)


# Secrets


def test_after_a_rotation_both_secrets_are_believed_for_a_day(receiver, made, project, ada):
    endpoint, first = made
    second = endpoint.rotate(by=ada)
    happen(project)
    receiver.bring()
    assert len(receiver.posted[0].headers["webhook-signature"].split(" ")) == 2
    assert receiver.verified(first) == receiver.verified(second)
    Secret.objects.exclude(ends_at=None).update(ends_at=timezone.now() - timedelta(seconds=1))
    happen(project)
    receiver.bring()
    receiver.verified(second)
    with pytest.raises(WebhookVerificationError):
        receiver.verified(first)
    assert Secret.objects.count() == 1, "what has ended is forgotten"


def test_secrets_are_not_in_the_database_and_are_lost_with_the_key_of_the_studio(
    receiver, made, project, ada, settings
):
    endpoint, secret = made
    assert secret.startswith("whsec_") and len(secret) == 50
    assert secret[6:] not in Secret.objects.get().sealed
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10
    happen(project)
    receiver.bring()
    delivery = endpoint.deliveries.get()
    assert (delivery.status, delivery.why, receiver.posted) == (Status.PENDING, Why.SEALED, [])
    settings.SECRET_KEY_FALLBACKS = [before]
    hour_strikes()
    receiver.bring()
    assert receiver.verified(secret)


def test_no_more_than_a_few_secrets_sign(receiver, made, project, ada):
    endpoint, _first = made
    plain = [endpoint.rotate(by=ada) for _ in range(6)]
    happen(project)
    receiver.bring()
    assert len(receiver.posted[0].headers["webhook-signature"].split(" ")) == 4
    assert receiver.verified(plain[-1]) == receiver.verified(plain[-4])


# Receivers that are not well


def test_a_receiver_that_was_away_gets_everything_under_the_same_ids(receiver, made, project):
    endpoint, secret = made
    events = [happen(project) for _ in range(3)]

    def away(address, timeout):
        raise ConnectionRefusedError

    for attempt in range(1, 4):  # 0 s, 5 s, 5 min: it is away for twenty minutes
        receiver.bring(connect=away)
        hour_strikes()
        assert set(endpoint.deliveries.values_list("attempts", "why")) == {(attempt, Why.UNREACHABLE)}
    assert fresh(endpoint).failing_since
    receiver.bring()
    assert {one["data"]["id"] for one in receiver.told} == {str(event.generation_id) for event in events}
    ids = [post.headers["webhook-id"] for post in receiver.posted]
    assert sorted(ids) == sorted(one.message_id for one in endpoint.deliveries.all())
    for at in range(3):
        receiver.verified(secret, at)
    assert not fresh(endpoint).failing_since and not fresh(endpoint).slow
    assert not endpoint.deliveries.exclude(status=Status.SUCCEEDED).exists()


def test_ten_attempts_within_little_more_than_three_days(receiver, endpoint, project):
    receiver.says(answer(b"broken", status=500))
    happen(project)
    for attempt in range(1, ATTEMPTS + 1):
        before = timezone.now()
        receiver.bring()
        delivery = endpoint.deliveries.get()
        assert (delivery.attempts, delivery.why, delivery.response_code) == (attempt, Why.STATUS, 500)
        if attempt < ATTEMPTS:
            pause = delivery.next_attempt_at - before
            assert PAUSES[attempt - 1] <= pause <= PAUSES[attempt - 1] * 1.1 + timedelta(seconds=10)
            assert not receiver.bring().under_way and len(receiver.posted) == attempt, "not before its time"
            hour_strikes()
    assert (delivery.status, delivery.next_attempt_at) == (Status.FAILED, None)
    assert len({post.headers["webhook-id"] for post in receiver.posted}) == 1
    assert [pause.total_seconds() for pause in PAUSES] == [
        5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400,
    ]  # fmt: skip
    assert len({pause_after(3) for _ in range(5)}) > 1, "not all at once"


def test_410_switches_it_off_at_once_and_those_who_look_after_it_are_written_to(receiver, made, project, ada, mail):
    endpoint, _secret = made
    grace = make_member(project.workspace, Role.ADMIN, make_user("grace"))
    make_member(project.workspace, Role.EDITOR, make_user("eve"))
    receiver.says(answer(status=410))
    happen(project)
    happen(project, "generation.failed", "failed")
    receiver.bring()
    endpoint = fresh(endpoint)
    assert (endpoint.disabled_why, endpoint.is_enabled) == ("gone", False)
    assert set(endpoint.deliveries.values_list("status", flat=True)) == {Status.FAILED}
    wait_for(lambda: len(mail.messages) == 2)
    assert {letter["To"] for letter in mail.messages} == {ada.email, grace.email}
    text = mail.messages[0].get_body(("plain",)).get_content()
    assert URL in text and "410" in text and f"/settings/webhooks/{endpoint.pk}/" in text
    entry = AuditEntry.objects.get(action="webhook.disabled")
    assert (entry.by, entry.about, entry.details) == (None, URL, {"why": "gone"})
    happen(project)
    many = len(receiver.posted)
    receiver.bring()
    assert len(receiver.posted) == many, "nothing more is sent there"


def test_five_days_of_nothing_but_failures_switch_it_off(receiver, made, project, ada, mail):
    endpoint, _secret = made
    receiver.says(answer(status=503))
    happen(project)
    receiver.bring()
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=4, hours=23))
    for _ in range(3):
        hour_strikes()
        receiver.bring()
    assert fresh(endpoint).is_enabled
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=5))
    hour_strikes()
    receiver.bring()
    assert fresh(endpoint).disabled_why == "failing"
    wait_for(lambda: mail.messages)
    assert "five days" in mail.messages[0].get_body(("plain",)).get_content()


def test_a_single_success_within_the_five_days_begins_them_anew(receiver, endpoint, project):
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=6))
    happen(project)
    receiver.bring()
    assert fresh(endpoint).failing_since is None
    receiver.says(answer(status=500))
    happen(project)
    receiver.bring()
    assert fresh(endpoint).is_enabled


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1/admin", "https://169.254.169.254/latest/", f"https://{HOST}/elsewhere"]
)
def test_a_redirect_is_a_failure_and_is_not_followed(receiver, endpoint, project, location):
    receiver.says(answer(status=307, Location=location))
    receiver.says(answer(), path="/elsewhere")
    happen(project)
    receiver.bring()
    delivery = endpoint.deliveries.get()
    assert (delivery.status, delivery.why, delivery.response_code) == (Status.PENDING, Why.REDIRECT, 307)
    assert len(receiver.https.reached) == 1 and [post.path for post in receiver.posted] == ["/hook"]


def test_ten_megabytes_of_answer_are_not_read(receiver, endpoint, project):
    sent = []

    def endless(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(10 * 1024**2))
        handler.end_headers()
        try:
            for _ in range(160):
                handler.wfile.write(b"x" * 65536)
                sent.append(65536)
        except OSError:
            sent.append("hung up on")

    receiver.says(endless)
    happen(project)
    receiver.bring()
    delivery = endpoint.deliveries.get()
    assert (delivery.status, delivery.response_start) == (Status.SUCCEEDED, "x" * 1024)
    wait_for(lambda: sent and sent[-1] == "hung up on")
    # What the system keeps between both sides comes on top of the 64 kB that are read.
    assert sum(sent[:-1]) < 8 * 1024**2


def test_whoever_cannot_show_a_certificate_is_not_told_anything(receiver, endpoint, project):
    stranger = Https()  # the same name, by an authority that nobody trusts
    try:
        happen(project)
        receiver.bring(connect=stranger.edge()["connect"])
        delivery = endpoint.deliveries.get()
        assert (delivery.status, delivery.why, delivery.response_code) == (Status.PENDING, Why.UNTRUSTED, None)
        assert stranger.posted == [] and stranger.reached
    finally:
        stranger.stop()


def test_a_receiver_that_takes_too_long_has_failed(receiver, endpoint, project, monkeypatch):
    monkeypatch.setattr(sending, "SECONDS", 1)
    receiver.says(answer(b"x" * 100, pause=0.1))
    gone = threading.Event()
    receiver.says(lambda handler: gone.wait(10), path="/silent")

    def headers_in_drops(handler):
        for _ in range(100):
            handler.wfile.write(b"H")
            if gone.wait(0.05):
                return

    receiver.says(headers_in_drops, path="/drops")
    for path in ("/silent", "/drops"):
        Endpoint.objects.update(url=f"https://{HOST}{path}")
        happen(project)
        began = time.monotonic()
        receiver.bring()
        assert time.monotonic() - began < 4
        delivery = endpoint.deliveries.first()
        assert (delivery.status, delivery.why) == (Status.PENDING, Why.SLOW)
        endpoint.deliveries.all().delete()
    gone.set()


def test_a_slow_receiver_keeps_nobody_waiting(receiver, made, workspace, ada, project):
    """One that takes its time, with many messages in line, delays those of others by a second at most."""
    release = threading.Event()
    receiver.says(lambda handler: release.wait(20))
    Endpoint.objects.add(workspace, by=ada, url=f"https://{HOST}/quick")
    came = []

    def quick(handler):
        came.append(time.monotonic())
        answer(status=204)(handler)

    receiver.https.answers["/quick"] = quick
    deliverer = Deliverer(receiver.guard())
    delays = []
    try:
        for _ in range(6):
            happen(project)
            happened = time.monotonic()
            before = len(came)
            while len(came) == before:
                assert time.monotonic() - happened < 5
                deliverer.look()
                deliverer.settle(0.2)
            delays.append(came[-1] - happened)
        slow = [one for one in deliverer.under_way.values() if one.endpoint.url == URL]
        assert 1 <= len(slow) <= loop.OF_ENDPOINT
    finally:
        release.set()
        deliverer.finish(10)
    assert max(delays) < 1


def test_dead_receivers_of_one_workspace_leave_room_for_all_others(receiver, workspace, ada, project):
    release = threading.Event()
    for number in range(12):
        receiver.says(lambda handler: release.wait(20), path=f"/dead{number}")
        Endpoint.objects.add(workspace, by=ada, url=f"https://{HOST}/dead{number}")
    grace = make_user("grace")
    Endpoint.objects.add(grace.open_workspace(), by=grace, url=URL)
    hers = make_project(grace)
    deliverer = Deliverer(receiver.guard())
    try:
        for _ in range(8):
            happen(project)
        deliverer.look()
        assert len(deliverer.under_way) == loop.OF_WORKSPACE
        happen(hers)
        deliverer.look()
        wait_for(lambda: any(post.path == "/hook" for post in receiver.posted))
    finally:
        release.set()
        deliverer.finish(10)


# Addresses that are none of the internet's


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://2130706433/hook",
        "https://localhost/hook",
        "https://example.org:8443/hook",
        "https://ada:secret@example.org/hook",
        "https://printer.local/hook",
        "https://studio.example.net/v1/",
        "ftp://example.org/",
        "javascript:alert(1)",
        "https://example.org/a b",
        "",
    ],
)
def test_an_address_of_inside_is_not_saved(receiver, workspace, ada, settings, url):
    settings.ALLOWED_HOSTS = ["studio.example.net"]
    with pytest.raises(Refused):
        Endpoint.objects.add(workspace, by=ada, url=url)
    assert receiver.https.reached == [] and not Endpoint.objects.exists()


def test_addresses_in_every_dress_are_refused_at_save_and_at_send(receiver, workspace, ada, project):
    """Also where one came into the database by another way, or was let in by a version of before."""
    addresses = hostile_addresses(HOST)
    assert len(addresses) >= 120
    let_in = []
    for url in addresses:
        try:
            Endpoint.objects.add(workspace, by=ada, url=url)
            let_in.append(url)
        except Refused:
            pass
    assert let_in == []
    Endpoint.objects.bulk_create(
        Endpoint(workspace=workspace, url=url[:2048], event_types=["*"]) for url in addresses if "\0" not in url
    )
    Cursor.objects.create(workspace=workspace, sequence=Event.objects.last_sequence(workspace))
    event = happen(project)
    receiver.bring()
    sent = Delivery.objects.filter(sequence=event.sequence)
    assert sent.count() >= 120 and not sent.filter(attempts=0).exists()
    assert set(sent.values_list("why", flat=True)) == {Why.UNREACHABLE}
    assert receiver.https.reached == [] and receiver.posted == []


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "::1", "fd00::1"])
def test_a_name_that_means_something_inside_is_neither_saved_nor_changed_to_nor_sent_to(
    receiver, made, workspace, ada, project, inside
):
    endpoint, _secret = made
    receiver.https.resolves = ["93.184.216.34", inside]
    with pytest.raises(Refused, match="not on the open internet"):
        Endpoint.objects.add(workspace, by=ada, url=f"https://{HOST}/other")
    with pytest.raises(Refused, match="not on the open internet"):
        endpoint.change(by=ada, url=f"https://{HOST}/other")
    happen(project)
    receiver.bring()  # what was public when it was saved is not now
    delivery = endpoint.deliveries.get()
    assert (delivery.status, delivery.why, delivery.seconds) == (Status.PENDING, Why.UNREACHABLE, None)
    assert receiver.https.reached == [] and fresh(endpoint).url == URL


def test_a_name_that_changes_its_mind_between_two_looks_is_asked_once(receiver, endpoint, project):
    asked = []

    def rebinding(host, port, **named):
        asked.append(host)
        receiver.https.resolves = ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]
        return receiver.https.edge()["resolve"](host, port, **named)

    happen(project)
    receiver.bring(resolve=rebinding)
    assert asked == [HOST] and receiver.https.reached == [("93.184.216.34", 443)]
    happen(project)
    receiver.bring(resolve=rebinding)
    assert len(receiver.https.reached) == 1, "the second time it is inside"


def test_a_name_that_is_not_known_is_not_saved(receiver, workspace, ada, monkeypatch):
    def unknown(*_arguments, **_named):
        raise OSError("no such name")

    from runwayweb.api.webhooks import addresses

    monkeypatch.setattr(addresses, "guard", receiver.guard(resolve=unknown))
    with pytest.raises(Refused, match="its name is not known"):
        Endpoint.objects.add(workspace, by=ada, url=URL)


# What a workspace may have, and what can be done about it


def test_a_thousand_webhooks_are_too_many(receiver, workspace, ada, settings):
    for number in range(20):
        Endpoint.objects.add(workspace, by=ada, url=f"https://{HOST}/{number}")
    with pytest.raises(Refused, match="A workspace has 20 webhooks at most"):
        Endpoint.objects.add(workspace, by=ada, url=f"https://{HOST}/20")
    settings.WEBHOOK_ENDPOINTS = 1000
    Endpoint.objects.bulk_create(
        Endpoint(workspace=workspace, url=f"https://{HOST}/many/{number}") for number in range(980)
    )
    with pytest.raises(Refused, match="A workspace has 1000 webhooks at most"):
        Endpoint.objects.add(workspace, by=ada, url=f"https://{HOST}/1001")
    assert Endpoint.objects.count() == 1000


def test_the_same_address_is_not_told_everything_twice(receiver, made, workspace, ada):
    other, _ = Endpoint.objects.add(workspace, by=ada, url=f"https://{HOST}/other")
    with pytest.raises(Refused, match="already"):
        Endpoint.objects.add(workspace, by=ada, url=URL)
    with pytest.raises(Refused, match="already"):
        other.change(by=ada, url=URL)
    assert other.url == f"https://{HOST}/other"


def test_events_that_there_are_not_are_refused(receiver, workspace, ada):
    for wrong in (["task.exploded"], []):
        with pytest.raises(Refused):
            Endpoint.objects.add(workspace, by=ada, url=URL, event_types=wrong)


def test_what_failed_is_sent_again_one_or_all_since_a_time(receiver, made, project):
    endpoint, secret = made
    for _ in range(3):
        happen(project)
    Deliverer(receiver.guard()).write()
    old, middle, new = endpoint.deliveries.order_by("created_at")
    Delivery.objects.update(status=Status.FAILED, attempts=10, next_attempt_at=None)
    Delivery.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=5))
    assert endpoint.replay(timezone.now() - timedelta(hours=1)) == 2
    receiver.bring()
    ids = {post.headers["webhook-id"] for post in receiver.posted}
    assert ids == {middle.message_id, new.message_id}
    old.refresh_from_db()
    assert old.replay()
    receiver.bring()
    assert receiver.posted[-1].headers["webhook-id"] == old.message_id and receiver.verified(secret)
    new.refresh_from_db()
    assert new.status == Status.SUCCEEDED and new.replay(), "also one that was taken"
    assert endpoint.replay(timezone.now() - timedelta(days=1)) == 0


def test_one_that_waits_for_its_time_can_be_sent_now(receiver, endpoint, project):
    receiver.says(answer(status=500), answer(status=200))
    happen(project)
    receiver.bring()
    delivery = endpoint.deliveries.get()
    assert delivery.replay()
    receiver.bring()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (Status.SUCCEEDED, 2)


def test_a_test_is_sent_once_and_not_without_end(receiver, made):
    endpoint, secret = made
    receiver.says(answer(status=500))
    delivery = endpoint.send_test()
    receiver.bring()
    said = receiver.verified(secret)
    assert (said["type"], said["data"]) == ("webhook.test", {"webhook": str(endpoint.pk)})
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (Status.FAILED, 1)
    for _ in range(4):
        endpoint.send_test()
    with pytest.raises(Refused, match="Wait a minute"):
        endpoint.send_test()


def test_switched_off_nothing_is_sent_and_switched_on_nothing_is_told_of_the_time_between(receiver, made, project, ada):
    endpoint, _secret = made
    happen(project)
    Deliverer(receiver.guard()).write()
    assert endpoint.disable(Endpoint.Disabled.BY_HAND, by=ada) and not endpoint.disable("gone")
    assert endpoint.deliveries.get().why == Why.DISABLED
    happen(project)
    receiver.bring()
    for refused in (endpoint.send_test, endpoint.deliveries.get().replay, lambda: endpoint.replay(timezone.now())):
        with pytest.raises(Refused, match="switched off"):
            refused()
    assert endpoint.enable(by=ada) and not endpoint.enable(by=ada)
    receiver.bring()
    assert receiver.posted == []
    happen(project)
    receiver.bring()
    assert len(receiver.posted) == 1


def test_what_is_done_to_webhooks_stands_in_the_log(receiver, made, ada):
    endpoint, _secret = made
    endpoint.rotate(by=ada)
    endpoint.change(by=ada, description="Slack")
    endpoint.disable(Endpoint.Disabled.BY_HAND, by=ada)
    endpoint.enable(by=ada)
    endpoint.remove(by=ada)
    done = AuditEntry.objects.filter(action__startswith="webhook.").order_by("pk")
    assert list(done.values_list("action", "about", "by_name")) == [
        (f"webhook.{act}", URL, ada.email) for act in ("added", "rotated", "changed", "disabled", "enabled", "deleted")
    ]
    assert not Endpoint.objects.exists()


def test_what_is_old_is_forgotten_but_for_what_still_waits(receiver, endpoint, project):
    for _ in range(3):
        happen(project)
    Deliverer(receiver.guard()).write()
    ended, waiting, young = endpoint.deliveries.all()
    long_ago = timezone.now() - timedelta(days=31)
    endpoint.deliveries.exclude(pk=young.pk).update(created_at=long_ago)
    endpoint.deliveries.exclude(pk=waiting.pk).update(status=Status.SUCCEEDED)
    Deliverer(receiver.guard()).sweep()
    assert set(endpoint.deliveries.all()) == {waiting, young}


def test_a_workspace_that_is_erased_takes_its_webhooks_along(receiver, made, project, workspace):
    happen(project)
    Deliverer(receiver.guard()).write()
    workspace.erase()
    assert not Endpoint.objects.exists() and not Delivery.objects.exists() and not Secret.objects.exists()

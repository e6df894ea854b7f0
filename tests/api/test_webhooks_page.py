"""Webhooks in the settings of a workspace: added, looked at, changed, switched off, deleted; without JavaScript."""

import re

import pytest
from django.urls import reverse

from runwayweb.accounts.models import Role
from runwayweb.api.models import Delivery, Endpoint
from tests.api.receiver import URL
from tests.factories import make_generation, make_member, make_project, make_user
from tests.servers.https import HOST, answer

pytestmark = pytest.mark.django_db
PAGE = reverse("api:webhooks")
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture
def receiver(elsewhere):
    elsewhere.says(answer(b"<b>well done</b>", status=200))
    return elsewhere


@pytest.fixture
def desk(client, ada):
    client.force_login(ada)
    return client


def add(desk, **fields):
    return desk.post(PAGE, {"url": URL, "event_types": ["task.pending", "task.failed"], "description": "Bot"} | fields)


def test_one_is_added_and_its_secret_is_shown_this_once(desk, receiver):
    assert "None. Nobody elsewhere" in desk.get(PAGE).content.decode()
    page = add(desk)
    [secret] = SECRET.findall(page.content.decode())
    assert page["Cache-Control"].startswith("max-age=0") and page.status_code == 200
    endpoint = Endpoint.objects.get()
    assert (endpoint.url, endpoint.description) == (URL, "Bot")
    for path in (PAGE, reverse("api:webhook", args=[endpoint.pk])):
        shown = desk.get(path).content.decode()
        assert URL in shown and not SECRET.search(shown)
    make_generation(make_project(endpoint.workspace.owner))
    receiver.bring()
    assert receiver.verified(secret)["type"] == "task.pending"
    again = add(desk)
    assert again.status_code == 422 and "already" in again.content.decode() and Endpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"url": "https://127.0.0.1/"}, "HTTPS address with a domain name"),
        ({"url": f"http://{HOST}/"}, "HTTPS address with a domain name"),
        ({"url": ""}, "required"),
        ({"event_types": []}, "required"),
        ({"event_types": ["task.exploded"]}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_told_where_it_was_written(desk, receiver, wrong, sentence):
    page = add(desk, **wrong)
    assert page.status_code == 422 and sentence in page.content.decode()
    assert not Endpoint.objects.exists()


def test_a_name_that_means_something_inside_is_refused(desk, receiver):
    receiver.https.resolves = ["192.168.0.7"]
    page = add(desk)
    assert page.status_code == 422 and "not on the open internet" in page.content.decode()


def test_it_is_changed_and_given_a_new_secret(desk, receiver):
    add(desk)
    endpoint = Endpoint.objects.get()
    path = reverse("api:webhook", args=[endpoint.pk])
    changed = desk.post(path, {"url": f"https://{HOST}/new", "event_types": ["*"], "description": ""}, follow=True)
    assert f"https://{HOST}/new" in changed.content.decode()
    receiver.https.resolves = ["10.0.0.1"]
    refused = desk.post(path, {"url": f"https://{HOST}/inside", "event_types": ["*"]})
    assert refused.status_code == 422 and Endpoint.objects.get().url == f"https://{HOST}/new"
    page = desk.post(reverse("api:webhook-rotation", args=[endpoint.pk])).content.decode()
    assert SECRET.search(page) and "the one before signs as well" in page
    assert endpoint.secrets.count() == 2


def test_a_test_is_sent_and_what_came_of_it_stands_in_the_log(desk, receiver):
    add(desk)
    endpoint = Endpoint.objects.get()
    page = desk.post(reverse("api:webhook-test", args=[endpoint.pk]), follow=True).content.decode()
    assert "A test is on its way" in page and "Waiting" in page
    receiver.bring()
    page = desk.get(reverse("api:webhook", args=[endpoint.pk])).content.decode()
    assert "webhook.test" in page and "Delivered · 200" in page
    assert "&lt;b&gt;well done&lt;/b&gt;" in page, "what others answer is text"
    nothing = desk.get(reverse("api:webhook", args=[endpoint.pk]), {"status": "failed"}).content.decode()
    assert "No message of that kind" in nothing


def test_what_failed_is_sent_again(desk, receiver):
    add(desk)
    endpoint = Endpoint.objects.get()
    one = endpoint.deliveries.create(event_type="task.failed", payload={"data": {}}, status="failed", why="slow")
    page = desk.get(reverse("api:webhook", args=[endpoint.pk])).content.decode()
    assert "No answer came within 15 seconds." in page
    desk.post(reverse("api:delivery-replay", args=[one.pk]))
    receiver.bring()
    one.refresh_from_db()
    assert one.status == Delivery.Status.SUCCEEDED
    Delivery.objects.update(status="failed")
    for sentence in ("1 message is sent again.", "Nothing failed since then."):
        page = desk.post(reverse("api:webhook-replay", args=[endpoint.pk]), {"hours": "24"}, follow=True)
        assert sentence in page.content.decode()
    wrong = desk.post(reverse("api:webhook-replay", args=[endpoint.pk]), {"hours": "7"}, follow=True)
    assert "Choose since when." in wrong.content.decode()


def test_switched_off_it_says_why_and_offers_nothing_that_is_not_done(desk, receiver):
    add(desk)
    endpoint = Endpoint.objects.get()
    switch = reverse("api:webhook-switch", args=[endpoint.pk])
    page = desk.post(switch, follow=True).content.decode()
    assert "Switched off by hand" in page and reverse("api:webhook-test", args=[endpoint.pk]) not in page
    refused = desk.post(reverse("api:webhook-test", args=[endpoint.pk]), follow=True).content.decode()
    assert "Switch it on first" in refused
    Endpoint.objects.update(disabled_why="gone")
    assert "it answered 410" in desk.get(reverse("api:webhook", args=[endpoint.pk])).content.decode()
    assert "Send a test" in desk.post(switch, {"on": "1"}, follow=True).content.decode()
    gone = desk.post(reverse("api:webhook-deletion", args=[endpoint.pk]), follow=True).content.decode()
    assert "is told nothing any more" in gone and not Endpoint.objects.exists()


def test_the_log_of_the_workspace_tells_of_it(desk, receiver):
    add(desk)
    desk.post(reverse("api:webhook-rotation", args=[Endpoint.objects.get().pk]))
    log = desk.get(reverse("accounts:audit")).content.decode()
    assert f"added the webhook {URL}" in log and f"gave the webhook {URL} a new secret" in log
    assert not SECRET.search(log)


def test_whoever_may_not_change_settings_sees_no_door(client, ada, receiver):
    editor = make_member(ada.open_workspace(), Role.EDITOR, make_user("eve"))
    client.force_login(editor)
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get(reverse("accounts:members")).content.decode()

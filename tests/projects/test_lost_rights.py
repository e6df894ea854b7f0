"""What becomes of what somebody began who may not make films any more, and who may listen to a workspace."""

import asyncio
import time

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client

from generation.models import Generation
from projects.consumers import NOT_YOURS, SIGNED_OUT
from projects.models import Pursuit
from projects.routing import websocket_urlpatterns
from runwayweb.accounts.models import Right, Role
from runwayweb.asgi import application
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation, make_member, make_shot, make_take, make_user

# Each topic of `projects.routing`, and the right that it needs. One without a line here fails.
TOPICS = {"ws/workspaces/<uuid:id>/": Right.SEE}


@pytest.mark.django_db
@pytest.mark.parametrize("lose", ["removed", "viewer"])
def test_what_waits_is_cancelled_and_paid_back(project, ada, lose):
    """What runs already is finished: it is the film's. What others asked for goes on."""
    grace = make_member(project.workspace, Role.EDITOR)
    running, waiting = make_generation(project, grace, seed=1), make_generation(project, grace, seed=2)
    Generation.objects.filter(pk=running.pk).update(status=Generation.Status.RUNNING)
    of_ada = make_generation(project, ada, seed=3)
    shot = make_shot(project)
    take = make_take(shot, ada, "animatic", finished=True)
    limits = {"goal": 0.9, "most_takes": 9, "most_credits": 900}
    pursuit = Pursuit.objects.create(shot=shot, began_with=take, requested_by=grace, **limits)
    before = Wallet.objects.of(project.workspace).available

    membership = project.workspace.memberships.get(user=grace)
    membership.end(by=ada) if lose == "removed" else membership.change_role(Role.VIEWER, by=ada)
    for run in (running, waiting, of_ada, pursuit):
        run.refresh_from_db()
    assert (running.status, waiting.status, of_ada.status) == ("running", "cancelled", "queued")
    assert pursuit.status == Pursuit.Status.STOPPED
    assert Wallet.objects.of(project.workspace).available == before + waiting.cost


@pytest.mark.django_db
def test_another_role_that_makes_films_ends_nothing(project, ada):
    grace = make_member(project.workspace, Role.EDITOR)
    waiting = make_generation(project, grace)
    project.workspace.memberships.get(user=grace).change_role(Role.ADMIN, by=ada)
    waiting.refresh_from_db()
    assert waiting.status == "queued"


def test_every_topic_has_its_line():
    topics = {str(topic.pattern) for topic in websocket_urlpatterns}
    assert topics == set(TOPICS), "Say in TOPICS which right each topic of projects.routing needs, and test it below."


async def _end_of(client, workspace, seconds=0.5):
    """The code that a line is closed with, None where it stays open; and the line."""
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost"), (b"cookie", cookies.encode())]
    line = WebsocketCommunicator(application, f"/ws/workspaces/{workspace.pk}/", headers=headers)
    await line.connect()
    return await _closed(line, seconds), line


async def _closed(line, seconds):
    try:
        while True:
            message = await line.receive_output(seconds)
            if message["type"] == "websocket.close":
                return message["code"]
            if b"ready" in (message.get("text") or "").encode():
                return None
    except (TimeoutError, asyncio.CancelledError):
        return None


@sync_to_async
def _cast(project):
    """{who: (browser, the code that ends their line)}."""
    people = {role.value: make_member(project.workspace, role) for role in Role if role is not Role.OWNER}
    people |= {"stranger": make_user("mallory"), "staff": make_user("staff", is_staff=True, is_superuser=True)}
    people["suspended"] = make_member(project.workspace, Role.EDITOR)
    browsers = {"anonymous": Client()}
    for name, person in people.items():
        browsers[name] = Client()
        browsers[name].force_login(person)
    people["suspended"].is_active = False
    people["suspended"].save(update_fields=["is_active"])
    wanted = {role.value: None if Right.SEE in role.rights else NOT_YOURS for role in Role if role is not Role.OWNER}
    wanted |= {"anonymous": SIGNED_OUT, "suspended": SIGNED_OUT, "stranger": NOT_YOURS, "staff": NOT_YOURS}
    return {name: (browsers[name], wanted[name]) for name in browsers}


@pytest.mark.django_db(transaction=True)
async def test_who_may_listen(project):
    for who, (browser, wanted) in (await _cast(project)).items():
        code, line = await _end_of(browser, project.workspace)
        assert code == wanted, who
        if code is None:
            await line.disconnect()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", [Role.BILLING, None])
async def test_a_right_that_is_lost_ends_an_open_line_within_five_seconds(project, ada, role):
    grace = await sync_to_async(make_member)(project.workspace, Role.EDITOR)
    browser = Client()
    await sync_to_async(browser.force_login)(grace)
    code, line = await _end_of(browser, project.workspace)
    assert code is None
    membership = await project.workspace.memberships.aget(user=grace)
    change = (lambda: membership.change_role(role, by=ada)) if role else (lambda: membership.end(by=ada))
    await sync_to_async(change)()
    begun = time.monotonic()
    while (message := await line.receive_output(6))["type"] != "websocket.close":
        pass
    assert message["code"] == NOT_YOURS and time.monotonic() - begun < 5

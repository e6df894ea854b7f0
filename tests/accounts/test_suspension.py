"""The operator stops a person or a workspace, with a reason: at once, with nothing deleted, and may lift it again."""

import asyncio
import time
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generation import hooks
from generation.departures import stop_the_suspended
from generation.models import Generation
from projects.models import Export, Share
from runwayweb.accounts.models import AuditEntry, Role
from runwayweb.api.models import Key
from runwayweb.asgi import application
from runwayweb.subscriptions.limits import Stopped
from runwayweb.subscriptions.models import Wallet
from tests.cast import PASSWORD
from tests.factories import make_asset, make_generation, make_member, make_project, make_user

REASON = "You sold credits that are not yours."


@pytest.fixture
def root(db):
    return make_user("root", is_staff=True)


@pytest.fixture
def film(ada):
    return make_project(ada)


def call(plain):
    return Client().get(
        "/v1/organization", headers={"Authorization": f"Bearer {plain}", "X-Runway-Version": "2024-11-06"}
    )


def test_a_person_is_stopped_at_once_and_told_why(client, ada, film, root):
    client.force_login(ada)
    plain = Key.objects.issue(film.workspace, by=ada, name="Render farm")[1]
    assert client.get(reverse("projects:project-list")).status_code == call(plain).status_code == 200
    assert ada.suspend(REASON, by=root)
    assert not ada.suspend("Again", by=root)
    for address in (reverse("projects:project-list"), reverse("projects:project", args=[film.pk])):
        page = client.get(address)
        assert page.status_code == 403
        assert REASON in page.content.decode() and "studio@localhost" in page.content.decode()
    assert call(plain).status_code == 401


def test_signing_in_again_tells_the_reason_to_who_knows_the_password_alone(client, ada, root):
    ada.suspend(REASON, by=root)
    sign_in = reverse("account_login")
    page = client.post(sign_in, {"login": ada.email, "password": PASSWORD})
    assert page.status_code == 403 and REASON in page.content.decode()
    page = client.post(sign_in, {"login": ada.email, "password": "not hers at all"})
    assert REASON not in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_what_a_person_makes_is_cancelled_and_paid_back(ada, film, root):
    grace = make_member(film.workspace, Role.EDITOR)
    mine, running, hers = (make_generation(film, by, seed=n) for n, by in enumerate((grace, grace, ada)))
    Generation.objects.filter(pk=running.pk).update(status=Generation.Status.RUNNING, attempt=1)
    before = Wallet.objects.of(film.workspace).available
    grace.suspend(REASON, by=root)
    for run in (mine, running, hers):
        run.refresh_from_db()
    assert (mine.status, running.status, hers.status) == ("cancelled", "cancelled", "queued")
    assert Wallet.objects.of(film.workspace).available == before + mine.cost + running.cost
    assert not running.fail(1, code="INTERNAL.ENGINE", message="")  # its worker has nothing to say any more


def test_a_workspace_is_stopped_for_everybody_in_it(client, ada, film, root):
    run = make_generation(film, ada)
    asset = make_asset(film.workspace)
    export = Export.objects.create(
        project=film, requested_by=ada, format="mp4", document={}, sources={}, status=Export.Status.QUEUED
    )
    plain = Key.objects.issue(film.workspace, by=ada, name="Render farm")[1]
    film.workspace.suspend(REASON, by=root)
    run.refresh_from_db(), export.refresh_from_db()
    assert (run.status, export.status) == ("cancelled", "cancelled")
    refused = call(plain)
    assert refused.status_code == 403
    assert REASON in refused.json()["error"] and "studio@localhost" in refused.json()["error"]
    assert not Key.objects.live().exists(), "what open event streams ask"
    Key.objects.get().revoke(by=ada)
    assert call(plain).status_code == 401, "a revoked key is told nothing of its workspace"
    client.force_login(ada)
    for name in ("projects:project-list", "projects:library", "api:keys"):
        page = client.get(reverse(name))
        assert page.status_code == 403 and REASON in page.content.decode(), name
    assert client.get(f"/media/{asset.pk}/clip.mp4").status_code in (403, 404)
    with pytest.raises(Stopped):
        make_generation(film, ada, seed=9)
    # Whoever pays may see and end that, and goes on elsewhere.
    assert client.get(reverse("projects:plan")).status_code == 200
    assert client.post(reverse("accounts:workspace-new"), {"name": "Another one"}).status_code == 302
    assert client.get(reverse("projects:project-list")).status_code == 200


@pytest.mark.parametrize("whom", ["person", "workspace"])
def test_what_slipped_through_in_that_moment_is_cancelled_by_the_next_round(ada, film, whom):
    grace = make_member(film.workspace, Role.EDITOR)
    late, goes_on = make_generation(film, grace), make_generation(make_project(make_user("lin")))
    # As if its rows had been read just before.
    stopped = grace if whom == "person" else film.workspace
    type(stopped).objects.filter(pk=stopped.pk).update(suspended_at=timezone.now())
    assert stop_the_suspended in hooks.looked
    stop_the_suspended()
    late.refresh_from_db(), goes_on.refresh_from_db()
    assert (late.status, goes_on.status) == ("cancelled", "queued")
    assert Wallet.objects.of(film.workspace).held == 0


def test_links_to_its_films_show_nothing(client, ada, film, root):
    share = Share.objects.make(film, by=ada, expires_at=timezone.now() + timedelta(days=1))
    link = reverse("projects:shared", args=[share.token])
    assert client.get(link).status_code == 200
    film.workspace.suspend(REASON, by=root)
    assert client.get(link).status_code == 410


def test_lifting_brings_everything_back(client, ada, film, root):
    plain = Key.objects.issue(film.workspace, by=ada, name="Render farm")[1]
    client.force_login(ada)
    ada.suspend(REASON, by=root)
    film.workspace.suspend(REASON, by=root)
    assert ada.lift_suspension(by=root) and film.workspace.lift_suspension(by=root)
    assert not ada.lift_suspension(by=root)
    assert client.get(reverse("projects:project", args=[film.pk])).status_code == 200
    assert call(plain).status_code == 200
    told = AuditEntry.objects.filter(by=root).exclude(action="workspace.created").order_by("pk")
    assert list(told.values_list("action", "workspace")) == [
        ("operator.person_suspended", None),
        ("operator.workspace_suspended", film.workspace.pk),
        ("operator.person_readmitted", None),
        ("operator.workspace_readmitted", film.workspace.pk),
    ]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("whom", ["person", "workspace"])
async def test_open_lines_are_closed_within_five_seconds(whom):
    ada = await sync_to_async(make_user)("ada")
    studio = await sync_to_async(ada.open_workspace)()
    browser = Client()
    await sync_to_async(browser.force_login)(ada)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost"), (b"cookie", cookies.encode())]
    line = WebsocketCommunicator(application, f"/ws/workspaces/{studio.pk}/", headers=headers)
    assert (await line.connect())[0]
    await sync_to_async((ada if whom == "person" else studio).suspend)(REASON)
    begun = time.monotonic()
    async with asyncio.timeout(6):
        while (await line.receive_output(6))["type"] != "websocket.close":
            pass
    assert time.monotonic() - begun < 5

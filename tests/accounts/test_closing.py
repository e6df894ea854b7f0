"""Giving an account up: what the page says, two weeks to think better of it, and what is left afterwards."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generation.jobs import sweep
from generation.models import Generation
from projects.models import Project
from runwayweb.accounts.models import AuditEntry, Role, User, Workspace
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.models import Entry, Subscription
from tests.cast import PASSWORD
from tests.factories import (
    finish_generation,
    make_entity,
    make_generation,
    make_member,
    make_plan,
    make_project,
    make_shot,
    make_take,
)
from tests.servers.mail import links_in

pytestmark = pytest.mark.django_db
CLOSING = "/settings/account/closing/"


def sign_in(name="ada"):
    client = Client()
    client.post("/accounts/login/", {"login": f"{name}@example.org", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def close(client, email="ada@example.org"):
    return client.post(CLOSING, {"email": email})


def let_the_time_pass():
    User.objects.exclude(closes_at=None).update(closes_at=timezone.now() - timedelta(seconds=1))
    sweep()


def test_the_page_asks_for_the_password_and_the_address(ada):
    client = Client()
    client.force_login(ada)
    assert client.get(CLOSING).url.startswith(reverse("account_reauthenticate"))
    client = sign_in()
    page = client.get(CLOSING).content.decode()
    assert "Ada&#x27;s studio" in page
    assert "nobody else is in it" in page
    assert close(client, "grace@example.org").status_code == 422
    ada.refresh_from_db()
    assert ada.closes_at is None


def test_it_signs_out_everywhere_sends_a_mail_and_signing_in_undoes_it(ada, mail):
    client, elsewhere = sign_in(), sign_in()
    assert close(client).url == "/accounts/login/"
    assert client.get("/projects/").status_code == 302
    assert elsewhere.get("/projects/").status_code == 302
    assert not UserSession.objects.exists()
    message = mail.wait_for("ada@example.org", "will be deleted")
    assert links_in(message)[0].endswith("/accounts/login/")
    ada.refresh_from_db()
    assert timedelta(days=13) < ada.closes_at - timezone.now() <= timedelta(days=14)
    sweep()
    assert User.objects.exists(), "there is time to think better of it"
    back = sign_in()
    assert "Your account stays" in back.get("/projects/").content.decode()
    let_the_time_pass()
    assert User.objects.get().closes_at is None


def test_what_is_theirs_alone_goes_and_the_ledger_stays(ada, django_capture_on_commit_callbacks):
    film = make_project(ada)
    workspace = ada.open_workspace()
    make_entity(film, "mira")
    take = make_take(make_shot(film), ada, finished=True)
    finish_generation(make_generation(film, ada))
    waiting = make_generation(film, ada)
    files = [asset.file.name for asset in Asset.objects.all()]
    close(sign_in())
    with django_capture_on_commit_callbacks(execute=True):
        let_the_time_pass()
    assert not User.objects.exists()
    for model in (Project, Asset, Generation, AuditEntry, type(take)):
        assert not model.objects.exists(), model
    assert not any(default_storage.exists(file) for file in files)
    left = Workspace.objects.get()
    assert left.name == "—"
    assert not left.memberships.exists()
    assert Entry.objects.filter(wallet__workspace=workspace).exists()
    assert Entry.objects.filter(kind="release", reference=waiting.reference).exists(), "what still waited costs nothing"
    call_command("audit_ledger")


def test_a_shared_workspace_has_to_be_handed_over_first(ada):
    workspace = ada.open_workspace()
    Subscription.objects.assign(workspace, make_plan(seats=None))
    grace = make_member(workspace, role=Role.ADMIN)
    client = sign_in()
    assert "others are in it" in client.get(CLOSING).content.decode()
    assert close(client).status_code == 409
    workspace.hand_over(workspace.memberships.get(user=grace), by=ada)
    assert close(client).status_code == 302
    film = make_project(grace)
    let_the_time_pass()
    assert list(User.objects.all()) == [grace]
    assert Project.objects.get() == film
    assert not AuditEntry.objects.filter(by_name="ada@example.org").exists(), "the log keeps the deed, and no name"
    assert AuditEntry.objects.filter(workspace=workspace, action="workspace.handed_over").exists()


def test_a_workspace_that_somebody_came_into_meanwhile_is_theirs(ada):
    workspace = ada.open_workspace()
    Subscription.objects.assign(workspace, make_plan(seats=None))
    film = make_project(ada)
    close(sign_in())
    grace = make_member(workspace, role=Role.EDITOR)
    let_the_time_pass()
    assert workspace.owner == grace
    assert Project.objects.get() == film


def test_who_pays_cancels_first(ada):
    Subscription.objects.create(
        workspace=ada.open_workspace(), plan=make_plan(), stripe_id="sub_1", stripe_customer="cus_1"
    )
    client = sign_in()
    assert "Cancel that first" in client.get(CLOSING).content.decode()
    assert close(client).status_code == 409
    ada.refresh_from_db()
    assert ada.closes_at is None

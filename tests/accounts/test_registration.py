"""Who may sign up: everybody, those who were invited, or nobody."""

import pytest
from django.test import Client
from django.urls import reverse

from runwayweb.accounts.models import Invitation, Role, User
from runwayweb.subscriptions.models import Subscription
from tests.cast import PASSWORD
from tests.factories import make_plan, make_user
from tests.servers.mail import links_in

pytestmark = pytest.mark.django_db
SIGN_UP, SIGN_IN = "/accounts/signup/", "/accounts/login/"


def sign_up(client, email="ada@example.org"):
    return client.post(SIGN_UP, {"email": email, "password1": PASSWORD})


@pytest.mark.parametrize("registration", ["invitation", "closed"])
def test_where_it_is_not_open_nobody_signs_up_and_no_page_offers_it(client, settings, registration):
    settings.REGISTRATION = registration
    assert "takes no new accounts" in client.get(SIGN_UP).content.decode()
    sign_up(client)
    assert not User.objects.exists()
    for page in ("/", SIGN_IN):
        assert f'href="{SIGN_UP}"' not in client.get(page).content.decode()


@pytest.fixture
def invited(client, mail):
    """Ada asks Grace into her studio; the link that Grace got."""
    ada = make_user("ada")
    Subscription.objects.assign(ada.open_workspace(), make_plan(seats=None))
    client.force_login(ada)
    client.post(reverse("accounts:invitation-new"), {"email": "grace@example.org", "role": Role.EDITOR})
    return links_in(mail.wait_for("grace@example.org"))[0]


def test_who_was_invited_signs_up_with_the_address_of_the_invitation(invited, settings):
    settings.REGISTRATION = "invitation"
    grace = Client()
    grace.get(invited)
    assert sign_up(grace, "mallory@example.org").status_code in (200, 302)
    assert not User.objects.filter(email="mallory@example.org").exists(), "a link lets in whom it was sent to"
    assert User.objects.get(email="grace@example.org").memberships.get().role == Role.EDITOR
    assert "takes no new accounts" in Client().get(SIGN_UP).content.decode(), "nobody else came in by it"


def test_an_invitation_that_was_taken_back_opens_no_door(invited, settings):
    settings.REGISTRATION = "invitation"
    grace = Client()
    grace.get(invited)
    Invitation.objects.get().revoke(by=User.objects.get())
    assert "takes no new accounts" in grace.get(SIGN_UP).content.decode()


def test_where_it_is_closed_an_invitation_makes_no_account(invited, settings):
    settings.REGISTRATION = "closed"
    grace = Client()
    grace.get(invited)
    sign_up(grace, "grace@example.org")
    assert User.objects.count() == 1


def test_where_it_is_open_every_page_offers_it(client):
    for page in ("/", SIGN_IN):
        assert f'href="{SIGN_UP}"' in client.get(page).content.decode()


def test_a_word_that_is_none_keeps_the_studio_from_starting():
    import os
    import subprocess
    import sys

    env = os.environ | {"REGISTRATION": "maybe"}
    done = subprocess.run([sys.executable, "-c", "import runwayweb.settings"], env=env, capture_output=True, text=True)
    assert "Set it to open, to invitation or to closed." in done.stderr

"""Where somebody is signed in, and signing out there."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from runwayweb.accounts.sessions import name_of
from tests.cast import PASSWORD
from tests.factories import make_user

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML) Version/18.0 Safari/604.1"
EDGE = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/140.0.0.0 Safari/537.36 Edg/140.0"
DESK = "/projects/"


def signed_in(name="ada", user_agent=FIREFOX):
    client = Client(headers={"user-agent": user_agent})
    client.post("/accounts/login/", {"login": f"{name}@example.org", "password": PASSWORD})
    assert client.get(DESK).status_code == 200
    return client


def test_every_place_is_listed_and_any_can_be_signed_out():
    make_user("ada")
    here, there = signed_in(), signed_in(user_agent=SAFARI)
    page = here.get(reverse("accounts:security")).content.decode()
    assert "Firefox · Windows" in page
    assert "Safari · iPhone" in page
    session = UserSession.objects.get(session_key=there.session.session_key)
    here.post(reverse("accounts:session-end", args=[session.pk]))
    assert there.get(DESK).status_code == 302
    assert here.get(DESK).status_code == 200
    assert "Safari" not in here.get(reverse("accounts:security")).content.decode()


def test_everywhere_else_is_signed_out_at_once():
    make_user("ada")
    here, *others = [signed_in() for _ in range(3)]
    here.post(reverse("accounts:other-sessions-end"))
    assert [client.get(DESK).status_code for client in others] == [302, 302]
    assert here.get(DESK).status_code == 200


def test_nobody_signs_somebody_else_out():
    make_user("ada"), make_user("mallory")
    ada, mallory = signed_in(), signed_in("mallory")
    session = UserSession.objects.get(session_key=ada.session.session_key)
    assert mallory.post(reverse("accounts:session-end", args=[session.pk])).status_code == 404
    mallory.post(reverse("accounts:other-sessions-end"))
    assert ada.get(DESK).status_code == 200


def test_a_new_password_signs_out_everywhere_else():
    make_user("ada")
    here, there = signed_in(), signed_in()
    new = "another long passphrase"
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert there.get(DESK).status_code == 302
    assert here.get(DESK).status_code == 200


def test_when_somebody_was_last_seen_costs_one_write_in_five_minutes(django_assert_num_queries):
    make_user("ada")
    here = signed_in()
    before = UserSession.objects.get().last_seen_at
    first = len(_queries(here))
    assert len(_queries(here)) == first
    assert UserSession.objects.get().last_seen_at >= before


def _queries(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get(DESK)
    return [query for query in captured if "usersession" in query["sql"]]


@pytest.mark.parametrize(
    ("said", "name"),
    [(FIREFOX, ("Firefox", "Windows")), (SAFARI, ("Safari", "iPhone")), (EDGE, ("Edge", "Linux"))]
    + [("curl/8.1", ("curl", "")), ("", ("Unknown browser", ""))],
)
def test_browsers_are_called_what_people_call_them(said, name):
    assert name_of(said) == name

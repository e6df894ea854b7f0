"""For everybody but staff there is nothing at the console's addresses."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from runwayweb.accounts.models import AuditEntry, User
from runwayweb.console.navigation import GROUPS
from runwayweb.console.urls import urlpatterns

DOORS = [door for _name, doors in GROUPS for door in doors]


@pytest.fixture
def root(db):
    """A browser of somebody who may do everything in the admin."""
    browser = Client()
    browser.force_login(User.objects.create_superuser("root@example.org", None))
    return browser


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_each_door_leads_to_a_page_that_says_so(console, door):
    page = console.get(reverse(door.route))
    assert page.status_code == 200
    assert page["Cache-Control"].startswith("max-age=0")
    assert page.content.decode().count('aria-current="page"') == 1


def test_others_are_told_what_is_told_of_an_unknown_page(client, ada):
    client.force_login(ada)
    for browser in (client, Client()):
        nothing = browser.get("/no-such-page/")
        there = browser.get(reverse("console:overview"))
        assert (there.status_code, there.content) == (404, nothing.content)


def test_not_even_a_missing_token_tells_them_of_a_page(ada, olga):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    assert browser.post(reverse("console:overview")).status_code == 404
    browser.force_login(olga)
    assert browser.post(reverse("console:overview")).status_code == 403


def test_no_page_is_beside_the_gate():
    assert urlpatterns and all(page.callback.__qualname__ and page.callback.csrf_exempt for page in urlpatterns)


def test_somebody_who_is_staff_no_more_is_out_at_once(console, olga):
    olga.is_staff = False
    olga.save(update_fields=["is_staff"])
    assert console.get(reverse("console:overview")).status_code == 404


def test_staff_with_a_password_alone_are_sent_to_set_up_a_second_step(console, olga, settings):
    settings.OPERATOR_SECOND_STEP = True
    assert console.get(reverse("console:overview")).headers["Location"] == reverse("accounts:security")
    Authenticator.objects.create(user=olga, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert console.get(reverse("console:overview")).status_code == 302, "recovery codes alone are no second step"
    Authenticator.objects.create(user=olga, type=Authenticator.Type.TOTP, data={})
    assert console.get(reverse("console:overview")).status_code == 200


def test_the_admin_asks_them_for_it_too(root, settings):
    settings.OPERATOR_SECOND_STEP = True
    for page in ("/admin/", "/admin/accounts/user/"):
        assert root.get(page).headers["Location"] == reverse("accounts:security")
    Authenticator.objects.create(user=User.objects.get(is_superuser=True), type=Authenticator.Type.TOTP, data={})
    assert root.get("/admin/accounts/user/").status_code == 200


@pytest.mark.parametrize("rest", ["dashboard/", "dashboard/stats.json", "dashboard/stats.json/é", "queue/"])
def test_the_pages_of_the_queue_itself_are_not_there(client, root, rest):
    """They answer addresses that anybody makes up with errors, and one of them asks nobody who they are."""
    assert root.get(f"/admin/django_rq/{rest}").status_code == 404
    assert client.get(f"/admin/django_rq/{rest}").status_code in (302, 404)


def test_the_menu_shows_the_way_to_staff_alone(client, ada, olga):
    for person, shown in ((ada, False), (olga, True)):
        client.force_login(person)
        assert (reverse("console:overview") in client.get(reverse("accounts:security")).content.decode()) is shown


def test_the_log_tells_what_operators_did_to_whom(console, olga, ada):
    workspace = ada.open_workspace()
    AuditEntry.objects.record(workspace, olga, "operator.tested", about="a thing", before="so")
    AuditEntry.objects.record(None, olga, "operator.tested", about="the studio")
    AuditEntry.objects.record(workspace, ada, "workspace.renamed", about="Ada’s")
    page = console.get(reverse("console:log")).content.decode()
    assert "a thing" in page and "the studio" in page and escape(workspace.name) in page
    assert "Ada’s" not in page

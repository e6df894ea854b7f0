"""Settings → API keys: made, shown once, revoked."""

import re

import pytest
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runwayweb.accounts.models import AuditEntry, Role
from runwayweb.api.models import Key
from runwayweb.subscriptions.models import Subscription
from tests.api.callers import ask, make_key
from tests.factories import make_member, make_plan, make_user

pytestmark = pytest.mark.django_db
PAGE = "/settings/keys/"
FORM = {"name": "Render farm", "scopes": ["read", "generate"], "credit_budget": "100", "last_day": "2099-12-31"}


@pytest.fixture
def desk(client, ada):
    client.force_login(ada)
    return client


def shown_in(answer):
    """The keys that stand in a page."""
    return set(re.findall(r"rwk_[0-9A-Za-z]{38}", answer.content.decode()))


def test_a_key_is_made_shown_once_and_works(desk, ada):
    answer = desk.post(PAGE, FORM)
    [plain] = shown_in(answer)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    words = answer.content.decode()
    assert "curl http://testserver/v1/organization" in words and f"Authorization: Bearer {plain}" in words
    key = Key.objects.get()
    assert (key.name, key.scopes, key.credit_budget, key.created_by) == ("Render farm", ["generate", "read"], 100, ada)
    assert timezone.localtime(key.expires_at).isoformat()[:19] == "2099-12-31T23:59:59"
    assert ask("GET", "/v1/organization", plain).status_code == 200
    later = desk.get(PAGE)
    assert not shown_in(later) and "no-store" in later["Cache-Control"]
    for words in ("Render farm", f"rwk_…{plain[-4:]}", "0 of 100 credits used", "until Dec. 31, 2099", "made by Ada"):
        assert words in later.content.decode(), words
    assert not list(get_messages(answer.wsgi_request))
    assert plain not in str([one.get_decoded() for one in Session.objects.all()])


def test_loading_that_page_again_makes_no_second_key(desk):
    desk.post(PAGE, FORM)
    again = desk.post(PAGE, FORM)
    assert again.status_code == 422 and "There is a key of that name" in again.content.decode()
    assert not shown_in(again) and Key.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"scopes": []}, "This field is required"),
        ({"scopes": ["everything"]}, "Select a valid choice"),
        ({"credit_budget": "0"}, "greater than or equal to 1"),
        ({"credit_budget": "1.5"}, "Enter a whole number"),
        ({"credit_budget": "9999999999"}, "less than or equal to"),
        ({"last_day": "2020-01-01"}, "That day is over"),
        ({"last_day": "tomorrow"}, "Enter a valid date"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(desk, wrong, sentence):
    answer = desk.post(PAGE, FORM | wrong)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Key.objects.exists()


def test_one_is_revoked_and_the_log_tells_both(desk, ada):
    [plain] = shown_in(desk.post(PAGE, FORM))
    key = Key.objects.get()
    gone = desk.post(reverse("api:key-revocation", args=[key.pk]), follow=True)
    assert "“Render farm” opens nothing any more." in gone.content.decode()
    assert ask("GET", "/v1/organization", plain).status_code == 401
    assert "revoked meanwhile" in desk.post(reverse("api:key-revocation", args=[key.pk]), follow=True).content.decode()
    assert "Revoked keys" in desk.get(PAGE).content.decode()
    log = desk.get(reverse("accounts:audit")).content.decode()
    assert f"made the API key “Render farm” (rwk_…{plain[-4:]})" in log
    assert f"revoked the API key “Render farm” (rwk_…{plain[-4:]})" in log
    assert AuditEntry.objects.filter(action__startswith="key.").count() == 2 and plain not in log


def test_a_plan_without_the_api_says_which_one_has_it(desk, ada):
    plain = make_key(ada, name="From before")
    Subscription.objects.assign(ada.open_workspace(), make_plan("free"))
    page = desk.get(PAGE).content.decode()
    assert "The plan Free has no access by API. Standard lifts that limit." in page
    assert reverse("subscriptions:pricing") in page and "Make the key" not in page
    assert "From before" in page, "it can still be revoked"
    refused = desk.post(PAGE, FORM)
    assert refused.status_code == 422 and Key.objects.count() == 1
    assert ask("GET", "/v1/organization", plain).status_code == 403


@pytest.mark.parametrize("role", Role)
def test_the_page_is_for_those_who_look_after_settings(ada, role):
    studio = ada.open_workspace()
    browser = Client()
    browser.force_login(ada if role == Role.OWNER else make_member(studio, role))
    allowed = role in (Role.OWNER, Role.ADMIN)
    assert browser.get(PAGE).status_code == (200 if allowed else 403)
    assert browser.post(PAGE, FORM).status_code == (200 if allowed else 403)
    assert Key.objects.exists() == allowed
    assert (PAGE.encode() in browser.get(reverse("accounts:workspace")).content) == allowed


def test_the_keys_of_others_are_neither_seen_nor_revoked(desk, ada):
    mallory = make_user("mallory")
    plain = make_key(mallory, name="Secret plans")
    assert "Secret plans" not in desk.get(PAGE).content.decode()
    key = Key.objects.get()
    foreign = desk.post(reverse("api:key-revocation", args=[key.pk]))
    nothing = desk.post(reverse("api:key-revocation", args=[999_999]))
    assert (foreign.status_code, foreign.content) == (404, nothing.content)
    assert ask("GET", "/v1/organization", plain).status_code == 200


def test_one_that_has_expired_or_sleeps_is_marked(desk, ada):
    make_key(ada, name="Old", expires_at=timezone.now())
    assert "expired" in desk.get(PAGE).content.decode()
    grace = make_member(ada.open_workspace(), Role.ADMIN)
    make_key(grace, ada.open_workspace(), name="Hers")
    type(grace).objects.filter(pk=grace.pk).update(is_active=False)
    assert "asleep" in desk.get(PAGE).content.decode()

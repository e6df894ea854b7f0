"""A sentence on every page of those whom it concerns, from its time to its end, until they put it away."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runwayweb.accounts.models import AuditEntry, User
from runwayweb.subscriptions.models import Announcement, Subscription
from tests.cast import PASSWORD
from tests.factories import make_plan, make_user

WORDS = "The studio is away on Sunday from 2 to 4."


@pytest.fixture
def root(db):
    return make_user("root", is_staff=True)


@pytest.fixture
def operator(root):
    browser = Client()
    browser.force_login(root)
    return browser


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def sees(user):
    return WORDS in browser_of(user).get(reverse("projects:project-list")).content.decode()


def announce(operator, **told):
    form = {"words": WORDS, "level": "maintenance", "audience": "all"} | told
    return operator.post(reverse("console:announcements"), form)


def test_everybody_sees_it_until_they_put_it_away(ada, root, operator):
    assert announce(operator).status_code == 302
    assert sees(ada) and sees(root)
    mine = browser_of(ada)
    address = reverse("subscriptions:announcement-dismissal", args=[Announcement.objects.get().pk])
    assert mine.post(address, {"next": "/library/"})["Location"] == "/library/"
    assert mine.post(address, headers={"HX-Request": "true"}).content == b""
    assert not sees(ada) and sees(root)
    line = AuditEntry.objects.get(action="operator.announced")
    assert (line.by, line.about, line.details) == (root, WORDS, {"level": "maintenance"})


def test_only_staff_or_only_a_plan(ada, root, operator):
    grace, pro = make_user("grace"), make_plan("pro")
    Subscription.objects.assign(grace.open_workspace(), pro)
    announce(operator, audience="staff")
    assert (sees(ada), sees(grace), sees(root)) == (False, False, True)
    Announcement.objects.get().withdraw(by=root)
    announce(operator, audience="plan", plan=pro.pk)
    assert (sees(ada), sees(grace), sees(root)) == (False, True, False)


def test_from_its_time_to_its_end(ada, operator):
    now = timezone.now()
    announce(operator, since=f"{now + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    assert not sees(ada)
    Announcement.objects.update(since=now - timedelta(hours=1), until=now + timedelta(hours=1))
    assert sees(ada)
    Announcement.objects.update(until=now - timedelta(seconds=1))
    assert not sees(ada)


def test_withdrawn_nobody_sees_it(ada, operator, root):
    announce(operator)
    one = Announcement.objects.get()
    operator.post(reverse("console:announcement-withdrawal", args=[one.pk]))
    assert not sees(ada) and not one.withdraw(by=root)
    assert "over" in operator.get(reverse("console:announcements")).content.decode()


def test_who_comes_later_sees_what_is_on(db, operator):
    announce(operator)
    client = Client()
    client.post(reverse("account_signup"), {"email": "eve@example.org", "password1": PASSWORD})
    assert sees(User.objects.get(email="eve@example.org"))


def test_nothing_is_asked_where_nothing_is_announced(ada, operator, root, django_assert_num_queries):
    studio = ada.open_workspace()
    with django_assert_num_queries(0):
        assert Announcement.objects.for_page(ada, studio) == []
    announce(operator)
    Announcement.objects.get().withdraw(by=root)
    ada.refresh_from_db()
    assert ada.has_announcements and Announcement.objects.for_page(ada, studio) == []
    ada.refresh_from_db()
    assert not ada.has_announcements, "and from then on again"


@pytest.mark.parametrize(
    "told",
    [
        {"words": ""},
        {"words": "x" * 301},
        {"audience": "plan"},
        {"level": "loud"},
        {"since": "2026-12-02T10:00", "until": "2026-12-01T10:00"},
    ],
)
def test_nonsense_is_not_announced(operator, told):
    assert announce(operator, **told).status_code == 422
    assert not Announcement.objects.exists()


def test_what_it_says_is_words_alone(ada, operator):
    announce(operator, words="<script>alert(1)</script>")
    page = browser_of(ada).get(reverse("projects:project-list")).content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page

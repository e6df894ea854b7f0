"""The log of a workspace: who reads it, what it tells, and as a table."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runwayweb.accounts.deeds import DEEDS, sentence_of
from runwayweb.accounts.models import AuditEntry, Role
from runwayweb.subscriptions.models import Subscription
from tests.factories import make_member, make_plan, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, ada):
    client.force_login(ada)
    return client


def lines(answer):
    return [entry.action for entry in answer.context["page"]]


def table(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_it_tells_in_words_what_was_done(desk, ada, studio):
    Subscription.objects.assign(studio, make_plan(seats=2))
    studio.rename("Fox Films", by=ada)
    studio.invite("grace@example.org", Role.BILLING, by=ada)
    page = desk.get(reverse("accounts:audit"))
    assert lines(page) == ["member.invited", "workspace.renamed", "workspace.created"]
    words = page.content.decode()
    assert "invited grace@example.org as Billing" in words
    assert "from “Ada&#x27;s studio” to “Fox Films”" in words


def test_what_is_not_known_is_told_as_it_was_written(ada, studio):
    entry = AuditEntry.objects.record(studio, None, "moon.landed", about="Apollo", feet=2)
    assert sentence_of(entry) == "moon.landed · Apollo · feet: 2"
    assert entry.by_name == ""
    for action in DEEDS:
        assert sentence_of(AuditEntry(action=action, about="100 %")), "also where details are missing"


def test_filters(desk, ada, studio):
    grace = make_member(studio, Role.ADMIN, make_user("grace"))
    studio.rename("Fox Films", by=grace)
    old = AuditEntry.objects.record(studio, ada, "member.invited", about="x@example.org", role="editor")
    AuditEntry.objects.filter(pk=old.pk).update(created_at=datetime(2020, 2, 29, 12, tzinfo=UTC))
    page = reverse("accounts:audit")
    assert lines(desk.get(page, {"who": "grace@example.org"})) == ["workspace.renamed"]
    assert lines(desk.get(page, {"action": "workspace.created"})) == ["workspace.created"]
    assert lines(desk.get(page, {"until": "2020-02-29"})) == ["member.invited"]
    assert "member.invited" not in lines(desk.get(page, {"since": "2020-03-01"}))
    nonsense = {"who": "nobody", "action": "\x00", "since": "2020-02-30", "until": "soon", "page": "x"}
    assert len(lines(desk.get(page, nonsense))) == 3


def test_pages(desk, ada, studio):
    AuditEntry.objects.bulk_create(AuditEntry(workspace=studio, by=ada, action="member.left") for _ in range(120))
    page = reverse("accounts:audit")
    first, last = desk.get(page), desk.get(page, {"page": "3", "action": "member.left"})
    assert (len(lines(first)), len(lines(last))) == (50, 20)
    assert b"page=2&amp;action=member.left" in last.content


def test_as_a_table(desk, ada, studio):
    AuditEntry.objects.record(studio, ada, "member.invited", about="=HYPERLINK(1)", role="editor")
    answer = desk.get(reverse("accounts:audit-table"), {"action": "member.invited"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="audit.csv"' in answer["Content-Disposition"]
    header, row = table(answer)
    assert header == ["time", "who", "action", "about", "details"]
    assert row[1:] == ["ada@example.org", "member.invited", "'=HYPERLINK(1)", '{"role": "editor"}']
    assert abs(datetime.fromisoformat(row[0]) - timezone.now()) < timedelta(minutes=1)


@pytest.mark.parametrize("role", Role)
def test_it_is_for_those_who_look_after_settings(studio, ada, role):
    browser = Client()
    browser.force_login(ada if role == Role.OWNER else make_member(studio, role))
    allowed = 200 if role in (Role.OWNER, Role.ADMIN) else 403
    for page in ("accounts:audit", "accounts:audit-table"):
        assert browser.get(reverse(page)).status_code == allowed
    shown = reverse("accounts:audit").encode() in browser.get(reverse("accounts:workspace")).content
    assert shown == (allowed == 200)


def test_a_log_of_another_workspace_is_never_shown(desk, studio):
    other = make_user("grace").open_workspace()
    other.rename("Secret name", by=None)
    assert b"Secret name" not in desk.get(reverse("accounts:audit")).content
    assert b"Secret name" not in desk.get(reverse("accounts:audit-table")).content

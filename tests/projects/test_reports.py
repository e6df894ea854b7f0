"""Somebody outside reports a film; the operator hides it everywhere at once, and may show it again."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.models import Report, Share
from runwayweb.accounts.models import AuditEntry
from runwayweb.api.models import Key
from runwayweb.assets.models import Asset
from runwayweb.assets.signing import signed_path
from tests.factories import make_shot, make_take, make_user

WORDS = {"category": "likeness", "words": "That is my face.", "contact": "eve@example.org"}


@pytest.fixture
def share(project, ada):
    shot = make_shot(project)
    take = make_take(shot, ada, "animatic", finished=True)
    shot.choose(take)
    return Share.objects.make(project, by=ada, expires_at=timezone.now() + timedelta(days=1))


@pytest.fixture
def clip(share):
    return share.assets().get()


@pytest.fixture
def operator(db):
    browser = Client()
    browser.force_login(make_user("root", is_staff=True))
    return browser


def door(share):
    return reverse("projects:shared-report", args=[share.token])


def test_anybody_with_the_link_reports(client, share):
    page = client.get(reverse("projects:shared", args=[share.token])).content.decode()
    assert door(share) in page
    assert client.post(door(share), {"category": "other", "words": ""}).status_code == 422
    assert client.post(door(share), {"category": "nonsense", "words": "x"}).status_code == 422
    assert "Thank you" in client.post(door(share), WORDS).content.decode()
    report = Report.objects.get()
    assert (report.share, report.category, report.words, report.contact) == (share, *WORDS.values())


def test_reports_are_slowed_down(client, share):
    codes = [client.post(door(share), WORDS).status_code for _time in range(7)]
    assert codes[:5] == [200] * 5 and codes[-1] == 429
    assert Report.objects.count() == codes.count(200)


def test_no_link_no_report(client, share):
    assert client.get(door(share).replace(share.token, "nonsense")).status_code == 404
    share.revoke(by=None)
    assert client.post(door(share), WORDS).status_code == 302
    assert not Report.objects.exists()


def everywhere(client, share, clip, plain):
    """{where: whether the clip is there}."""
    key = {"Authorization": f"Bearer {plain}", "X-Runway-Version": "2024-11-06"}
    outside = Client()
    file_of_link = reverse("projects:shared-file", args=[share.token, clip.pk, "clip.mp4"])
    return {
        "link": outside.get(reverse("projects:shared", args=[share.token])).status_code == 200,
        "file of the link": outside.head(file_of_link).status_code == 200,
        "library": str(clip.pk) in client.get(reverse("projects:library")).content.decode(),
        "its file": client.head(reverse("assets:file", args=[clip.pk, "clip.mp4"])).status_code == 200,
        "signed address": outside.head(signed_path(clip)).status_code == 200,
        "API": str(clip.pk) in outside.get("/v1/assets", headers=key).content.decode(),
    }


def test_a_takedown_hides_it_everywhere_at_once_and_is_reversed(client, project, ada, share, clip, operator):
    client.force_login(ada)
    plain = Key.objects.issue(project.workspace, by=ada, name="Render farm")[1]
    before = everywhere(client, share, clip, plain)
    assert all(before.values()), before
    Client().post(door(share), WORDS)
    report = Report.objects.get()
    said = operator.get(reverse("console:reports")).content.decode()
    assert "That is my face." in said and "eve@example.org" in said
    decide = reverse("console:report-decision", args=[report.pk])
    operator.post(decide, {"act": "take_down", "answer": ""})
    assert all(everywhere(client, share, clip, plain).values()), "not without a word"
    operator.post(decide, {"act": "take_down", "answer": "She asked us to."})
    after = everywhere(client, share, clip, plain)
    assert not any(after.values()), after
    assert Asset.objects.filter(pk=clip.pk).exists(), "nothing is deleted"
    assert [letter.to for letter in mail.outbox] == [[ada.email], ["eve@example.org"]]
    assert "took down what you reported" in mail.outbox[1].body and "She asked us to." not in mail.outbox[1].body
    assert "She asked us to." in mail.outbox[0].body
    assert (
        "took this clip down"
        in client.get(reverse("projects:generation", args=[clip.generations.get().pk])).content.decode()
    )
    operator.post(decide, {"act": "reverse", "answer": "She changed her mind."})
    assert all(everywhere(client, share, clip, plain).values())
    assert "shown again" in mail.outbox[2].subject and "shown as it is" in mail.outbox[3].body
    lines = AuditEntry.objects.filter(action="operator.report_decided").order_by("pk")
    assert [line.details["decision"] for line in lines] == ["taken_down", "reversed"]
    assert {line.workspace for line in lines} == {project.workspace}


def test_what_two_reports_took_down_is_shown_after_both_are_reversed(share, clip):
    first, second = (Report.objects.create(share=share, category="rights", words="Mine") for _time in range(2))
    root = make_user("root", is_staff=True)
    assert first.take_down("It is", by=root) and second.take_down("It is", by=root)
    assert not first.dismiss("Late", by=root)
    first.reverse("It is not", by=root)
    clip.refresh_from_db(), share.refresh_from_db()
    assert clip.taken_down_at and not share.is_open
    second.reverse("It is not", by=root)
    clip.refresh_from_db(), share.refresh_from_db()
    assert clip.taken_down_at is None and share.is_open


def test_a_dismissed_one_changes_nothing(share, clip, operator):
    report = Report.objects.create(share=share, category="other", words="I do not like it")
    operator.post(
        reverse("console:report-decision", args=[report.pk]), {"act": "dismiss", "answer": "That is no reason."}
    )
    report.refresh_from_db()
    assert report.decision == "dismissed" and share.is_open and not mail.outbox
    assert "That is no reason." in operator.get(reverse("console:reports") + "?decided=1").content.decode()

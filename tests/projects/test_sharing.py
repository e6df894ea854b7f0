"""A film for somebody outside: a link that opens it to be looked at, until it expires or is taken back."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.models import Share
from runwayweb.accounts.models import AuditEntry, Role
from tests.factories import make_member, make_project, make_shot, make_take

pytestmark = pytest.mark.django_db(transaction=True)  # who sends a file lets go of the connection


@pytest.fixture
def shot(project, ada):
    shot = make_shot(project, title="The fox waits")
    shot.choose(make_take(shot, ada, "animatic", finished=True))
    return shot


@pytest.fixture
def visitor():
    return Client()


def share(project, by, days=7, **given):
    return Share.objects.make(project, by=by, expires_at=timezone.now() + timedelta(days=days), **given)


def page_of(share):
    return reverse("projects:shared", args=[share.token])


def files_in(page):
    return re.findall(r'src="(/shared/[^"]+)"', page.content.decode())


def test_a_link_is_made_opened_and_taken_back(studio, visitor, project, shot, ada):
    made = studio.post(reverse("projects:sharing", args=[project.pk]), {"name": "Nova Films", "days": 7}, follow=True)
    link = re.search(r'value="http://testserver(/shared/[^"]+)"', made.content.decode())[1]
    page = visitor.get(link)
    assert page.status_code == 200 and "The fox waits" in page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0") and "<form" not in page.content.decode()
    (clip,) = files_in(page)
    assert visitor.get(clip, headers={"range": "bytes=0-3"}).status_code == 206
    kept = Share.objects.get()
    assert (kept.looks, kept.looked_at is not None) == (1, True)
    assert visitor.get(reverse("projects:project", args=[project.pk])).status_code == 302

    studio.post(reverse("projects:share-revocation", args=[kept.pk]))
    assert visitor.get(link).status_code == 410
    assert visitor.get(clip).status_code == 404
    done = AuditEntry.objects.filter(action__startswith="share.").order_by("pk")
    assert list(done.values_list("action", "by", "about")) == [
        ("share.made", ada.pk, project.name),
        ("share.revoked", ada.pk, project.name),
    ]


def test_a_link_ends_by_itself_and_with_its_film(visitor, project, shot, ada):
    link = share(project, ada)
    (clip,) = files_in(visitor.get(page_of(link)))
    Share.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert (visitor.get(page_of(link)).status_code, visitor.get(clip).status_code) == (410, 404)
    Share.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert visitor.get(clip).status_code == 200
    project.delete_softly()
    assert (visitor.get(page_of(link)).status_code, visitor.get(clip).status_code) == (410, 404)


def test_nothing_but_the_film_is_behind_a_link(visitor, project, shot, ada):
    """Neither another take of the shot nor another film, whatever is written into the address."""
    link = share(project, ada)
    beside = make_take(shot, ada, "animatic", finished=True).generation.asset
    other = make_shot(make_project(ada))
    other.choose(make_take(other, ada, "animatic", finished=True))
    for asset in (beside, other.chosen.generation.asset):
        assert visitor.get(reverse("projects:shared-file", args=[link.token, asset.pk, "clip.mp4"])).status_code == 404
    assert visitor.get(reverse("projects:shared", args=["nonsense"])).status_code == 404
    assert visitor.get(reverse("projects:shared", args=[f"{link.pk.hex}:forged"])).status_code == 404
    assert visitor.post(page_of(link)).status_code == 302
    assert Share.objects.get().revoked_at is None


def test_a_password_stands_before_the_page_and_its_files(visitor, project, shot, ada):
    link = share(project, ada, password="under the pines")
    assert "under the pines" not in link.password
    clip = reverse("projects:shared-file", args=[link.token, shot.chosen.generation.asset_id, "clip.mp4"])
    page = visitor.get(page_of(link))
    assert project.name not in page.content.decode() and 'type="password"' in page.content.decode()
    assert visitor.get(clip).status_code == 404
    wrong = visitor.post(page_of(link), {"password": "over the pines"})
    assert wrong.status_code == 422 and "not the password" in wrong.content.decode()
    assert visitor.get(clip).status_code == 404
    assert visitor.post(page_of(link), {"password": "under the pines"}).status_code == 302
    assert visitor.get(clip).status_code == 200
    assert project.name in visitor.get(page_of(link)).content.decode()
    assert Client().get(clip).status_code == 404


def test_guessing_is_slowed_down(visitor, project, shot, ada):
    link = share(project, ada, password="under the pines")
    answers = [visitor.post(page_of(link), {"password": f"guess {n}"}).status_code for n in range(12)]
    assert answers[0] == 422 and answers[-1] == 429
    wrong, right = (visitor.post(page_of(link), {"password": f"{where} the pines"}) for where in ("over", "under"))
    assert (wrong.status_code, right.status_code) == (429, 429)
    assert _without_token(wrong) == _without_token(right), "neither says which of them was right"


def _without_token(page):
    return re.sub(r'(csrfmiddlewaretoken" value=|nonce=|X-CSRFToken": )"[^"]+"', "", page.content.decode())


@pytest.mark.parametrize(("given", "sentence"), [({"password": "abc"}, "6 letters"), ({"days": 400}, "not one of")])
def test_what_is_wrong_with_a_link_is_said(studio, project, given, sentence):
    answer = studio.post(reverse("projects:sharing", args=[project.pk]), {"days": 7} | given)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Share.objects.exists()


def test_a_viewer_is_told_that_links_are_not_theirs_to_make(client, project, ada):
    client.force_login(make_member(project.workspace, Role.VIEWER))
    answer = client.post(reverse("projects:sharing", args=[project.pk]), {"days": 7})
    assert answer.status_code == 403 and "As Viewer in" in answer.content.decode()
    page = client.get(reverse("projects:project", args=[project.pk])).content.decode()
    assert reverse("projects:sharing", args=[project.pk]) not in page

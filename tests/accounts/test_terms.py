"""Terms are accepted at sign-up and, where a new version asks for it, once more; nothing that was written is lost."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Project
from runwayweb.accounts import shipped_terms_french
from runwayweb.accounts.models import Acceptance, AuditEntry, TermsVersion, User
from runwayweb.accounts.models.terms import Document
from tests.cast import PASSWORD
from tests.factories import make_project, make_user

PAGE = {"Accept": "text/html"}


@pytest.fixture
def root(db):
    return make_user("root", is_staff=True)


def publish(root, document=Document.TERMS, text="# New\n\nBe kind.", asks_again=True):
    return TermsVersion.objects.publish(document, text, asks_again=asks_again, by=root)


def test_signing_up_accepts_what_is_in_force(client, db):
    page = client.get(reverse("account_signup")).content.decode()
    assert reverse("accounts:terms") in page and reverse("accounts:privacy") in page
    client.post(reverse("account_signup"), {"email": "eve@example.org", "password1": PASSWORD})
    eve = User.objects.get(email="eve@example.org")
    kept = {(one.version.document, one.version.number) for one in eve.acceptances.select_related("version")}
    assert kept == {("terms", 1), ("privacy", 1)}
    assert client.get(reverse("projects:project-list"), headers=PAGE).status_code == 200, "no page more than before"


@pytest.mark.parametrize("name", ["terms", "privacy"])
def test_anybody_reads_every_version(client, root, name):
    address = reverse(f"accounts:{name}")
    assert "Version 1" in client.get(address).content.decode()
    publish(root, Document(name), "# Rules\n\n<script>alert(1)</script>\n\n- one\n- two")
    page = client.get(address).content.decode()
    assert "Version 2" in page and "<h2>Rules</h2>" in page and "<li>two</li>" in page
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
    assert "Version 1" in client.get(address, {"version": "1"}).content.decode()
    for nonsense in ("9", "x", "-1", "9" * 30):
        assert client.get(address, {"version": nonsense}).status_code == 404


def parts(page):
    """What kinds of parts the shown text has, in their order."""
    return re.findall(r"<(h2|p|ul|li)\b", page[page.index("<h2") : page.rindex("</h2>")])


@pytest.mark.parametrize("name", ["terms", "privacy"])
def test_what_ships_is_read_in_the_language_of_the_page(client, root, name):
    address, french = reverse(f"accounts:{name}"), {"Accept-Language": "fr"}
    english, translated = (client.get(address, headers=headers).content.decode() for headers in ({}, french))
    assert parts(translated) == parts(english) and len(parts(english)) > 5
    headings = [set(re.findall(r"<h2>(.+?)</h2>", page)) for page in (english, translated)]
    assert headings[0] & headings[1] <= {"Cookies"}
    ours = shipped_terms_french.TERMS if name == "terms" else shipped_terms_french.PRIVACY
    assert not re.search(r" [:;!?»]|« |[“”]|\w'\w", ours), "as printed French is set"
    publish(root, Document(name), "# Rules\n\nBe kind.", asks_again=False)
    assert "<h2>Rules</h2>" in client.get(address, headers=french).content.decode(), "an operator's words stay"


def test_a_new_version_that_asks_stands_before_the_next_page(client, ada, root):
    project = make_project(ada)
    client.force_login(ada)
    publish(root)
    film = reverse("projects:project", args=[project.pk])
    asked = client.get(f"{film}?archived=0", headers=PAGE)
    assert asked.status_code == 302 and asked["Location"].startswith(reverse("accounts:terms-acceptance"))
    page = client.get(asked["Location"], headers=PAGE).content.decode()
    assert "Be kind." in page
    for open_one in ("accounts:terms", "accounts:privacy", "accounts:closing", "accounts:account"):
        assert "acceptance" not in client.get(reverse(open_one), headers=PAGE).get("Location", "")
    then = client.post(reverse("accounts:terms-acceptance"), {"next": f"{film}?archived=0"})
    assert then["Location"] == f"{film}?archived=0"
    assert client.get(film, headers=PAGE).status_code == 200
    kept = Acceptance.objects.get(user=ada, version__document="terms")
    assert kept.version.number == 2 and kept.accepted_at is not None


def test_a_form_that_was_open_goes_where_it_was_sent(client, ada, root):
    client.force_login(ada)
    publish(root)
    answer = client.post(reverse("projects:project-new"), {"name": "Written for an hour"}, headers=PAGE)
    assert answer.status_code == 302 and Project.objects.get().name == "Written for an hour"
    assert client.get(answer["Location"], headers=PAGE)["Location"].startswith(reverse("accounts:terms-acceptance"))


def test_a_new_version_that_asks_nobody_asks_nobody(client, ada, root):
    client.force_login(ada)
    publish(root, asks_again=False)
    assert client.get(reverse("projects:project-list"), headers=PAGE).status_code == 200


def test_no_stranger_is_sent_elsewhere_by_next(client, ada, root):
    client.force_login(ada)
    publish(root)
    answer = client.post(reverse("accounts:terms-acceptance"), {"next": "https://evil.example.org/"})
    assert answer["Location"] == reverse("projects:project-list")


def test_the_operator_publishes(client, root):
    client.force_login(root)
    page = reverse("console:terms")
    assert client.get(page).status_code == 200
    assert client.post(page, {"document": "terms", "text": " "}).status_code == 422
    client.post(page, {"document": "privacy", "text": "All of it stays here.", "asks_again": "on"})
    assert TermsVersion.objects.current(Document.PRIVACY).text == "All of it stays here."
    line = AuditEntry.objects.get(action="operator.terms_published")
    assert (line.by, line.about, line.details) == (root, "privacy", {"number": 2, "asks_again": True})


def test_two_first_readers_make_one_first_version(db):
    Client().get(reverse("accounts:terms"))
    assert TermsVersion.objects.filter(document="terms").count() == 1

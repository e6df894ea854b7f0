"""Which language a page speaks, and in which time zone."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD
from tests.factories import make_user

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/login/"


def lang_of(client, path=SIGN_IN, **headers):
    page = client.get(path, headers=headers, follow=True)
    assert page.status_code == 200
    return page.content.decode().split('<html lang="')[1][:2]


def switch(client, to, **extra):
    return client.post(reverse("accounts:language"), {"language": to} | extra)


def test_a_stranger_is_spoken_to_as_the_browser_asks_until_they_choose(client):
    assert lang_of(client, **{"accept-language": "fr"}) == "fr"
    assert lang_of(client, **{"accept-language": "de"}) == "en"
    assert switch(client, "fr", next="/accounts/signup/").url == "/accounts/signup/"
    assert lang_of(client, **{"accept-language": "en"}) == "fr"
    assert 'lang="en">English</button>' in client.get(SIGN_IN).content.decode(), "every public page offers the others"
    assert 'lang="en">English</button>' in client.get("/").content.decode()


def test_an_account_keeps_its_language_wherever_it_signs_in(client):
    ada = make_user("ada")
    client.force_login(ada)
    client.post(reverse("accounts:account"), {"name": "Ada", "language": "fr", "time_zone": "Europe/Paris"})
    elsewhere = Client(headers={"accept-language": "en"})
    elsewhere.force_login(ada)
    assert lang_of(elsewhere, "/projects/") == "fr"
    client.post(reverse("account_logout"))
    assert lang_of(client) == "fr", "signed out, the same browser goes on in it"
    switch(elsewhere, "en")
    ada.refresh_from_db()
    assert ada.language == "en"


def test_who_signs_up_in_french_is_written_to_in_french(client, mail):
    switch(client, "fr")
    client.post("/accounts/signup/", {"email": "ada@example.org", "password1": PASSWORD})
    assert "confirmer" in mail.wait_for("ada@example.org").get_body().get_content().lower()
    from runwayweb.accounts.models import User

    ada = User.objects.get()
    assert ada.language == "fr"
    with ada.at_home():
        from django.utils.translation import gettext

        assert gettext("Monday") == "lundi"


def test_times_are_told_in_the_time_zone_of_whoever_reads(client, rf):
    from datetime import UTC, datetime

    from django.http import HttpResponse
    from django.template import Context, Template

    from runwayweb.accounts.preferences import PreferencesMiddleware

    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)

    def page(request):
        return HttpResponse(Template("{{ noon|date:'H:i' }}").render(Context({"noon": noon})))

    def told(user):
        request = rf.get("/projects/")
        request.COOKIES["sessionid"] = "x"
        request.user = user
        return PreferencesMiddleware(page)(request).content

    assert told(make_user(time_zone="Asia/Tokyo")) == b"21:00"
    assert told(make_user()) == b"12:00"
    assert told(make_user(time_zone="Mars/Olympus")) == b"12:00", "a zone that is not known any more is the studio's"


@pytest.mark.parametrize(
    ("field", "value"),
    [("language", "xx"), ("language", "<script>"), ("time_zone", "Mars/Olympus"), ("time_zone", "../etc/passwd")]
    + [("name", "x" * 151), ("name", "a\x00b")],
)
def test_what_is_none_is_refused(client, field, value):
    ada = make_user("ada")
    client.force_login(ada)
    answer = client.post(reverse("accounts:account"), {"name": "Ada", "language": "", "time_zone": "", field: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    ada.refresh_from_db()
    assert (ada.name, ada.language, ada.time_zone) == ("Ada", "", "")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1"])
def test_switching_leads_to_no_other_site(client, target):
    assert switch(client, "fr", next=target).url == "/"


@pytest.mark.parametrize("language", ["", "xx", "fr\r\nSet-Cookie: a=b", "x" * 10_000])
def test_a_language_that_is_none_changes_nothing(client, language):
    answer = switch(client, language)
    assert answer.status_code == 302
    assert not answer.cookies


def test_a_file_asks_for_no_account(client, django_assert_num_queries):
    client.force_login(make_user("ada"))
    with django_assert_num_queries(0):
        from runwayweb.accounts.preferences import PreferencesMiddleware

        class Request:
            COOKIES = {"sessionid": "x"}
            path = "/media/clips/1/clip.mp4"

            @property
            def user(self):
                raise AssertionError("looked up")

        assert PreferencesMiddleware(lambda request: "answer")(Request()) == "answer"

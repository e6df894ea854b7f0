"""Coming in: sign-up, sign-in, out, a forgotten password, and those who try to come in otherwise."""

import re
import time

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import get_hasher
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    get_default_password_validators,
    validate_password,
)
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from redis.exceptions import ConnectionError as ValkeyConnectionError

from runwayweb.accounts.models import User
from runwayweb.subscriptions.models import Wallet
from tests.cast import PASSWORD
from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db
SIGN_UP, SIGN_IN = "/accounts/signup/", "/accounts/login/"


def sign_in(client, email="ada@example.org", password=PASSWORD, **extra):
    return client.post(SIGN_IN, {"login": email, "password": password} | extra)


def sign_up(client, email="ada@example.org", password=PASSWORD):
    return client.post(SIGN_UP, {"email": email, "password1": password})


def test_signing_up_opens_a_workspace_with_credits_and_leads_to_the_desk(client):
    answer = sign_up(client)
    assert answer.url == reverse(django_settings.LOGIN_REDIRECT_URL)
    user = User.objects.get()
    assert user.email == "ada@example.org"
    assert user.memberships.get().role == "owner"
    assert Wallet.objects.of(user.open_workspace()).available == 500
    assert client.get(answer.url, follow=True).request["PATH_INFO"] == reverse("projects:project-list")


def test_a_mail_asks_to_confirm_the_address_and_its_link_does(client):
    sign_up(client)
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    link = re.search(r"http://\S+", message.body)[0]
    page = client.get(link)
    assert page.status_code == 200
    client.post(link)
    assert User.objects.get().emailaddress_set.get().verified


def test_signing_in_and_out(client):
    make_user("ada")
    assert sign_in(client, "ADA@Example.org").url == reverse(django_settings.LOGIN_REDIRECT_URL)
    assert client.get(reverse("account_logout")).status_code == 200, "a link asks first"
    client.post(reverse("account_logout"))
    assert client.get(reverse("projects:project-list")).status_code == 302


def test_a_wrong_password_and_an_unknown_address_are_told_alike(client):
    make_user("ada")
    wrong, unknown = sign_in(client, password="not it"), sign_in(client, "nobody@example.org")
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()
    assert wrong.context["form"].non_field_errors()


def test_both_cost_the_same_work(client, monkeypatch):
    """Nearly all of it is the hash of the password that was brought: a clock tells nothing about who is here."""
    make_user("ada")
    hasher = type(get_hasher())
    hashed, real = [], hasher.encode

    def counted(self, password, *more, **named):
        hashed.append(password)
        return real(self, password, *more, **named)

    monkeypatch.setattr(hasher, "encode", counted)
    work = {}
    for email in ("ada@example.org", "nobody@example.org"):
        hashed.clear()
        sign_in(client, email, password="not it")
        work[email] = list(hashed)
    assert work["ada@example.org"] == work["nobody@example.org"] and work["ada@example.org"]


def test_where_addresses_are_verified_sign_up_does_not_tell_who_has_an_account(settings):
    """Without verification a new account is signed in at once, so a taken address cannot look the same."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    make_user("ada")
    taken, new = sign_up(Client()), sign_up(Client(), "new@example.org")
    assert (taken.status_code, taken.url) == (new.status_code, new.url)
    assert "already" in mail.outbox[0].body, "the owner of the address is told by mail"


def test_a_taken_address_is_refused_and_a_reset_does_not_tell():
    make_user("ada")
    assert sign_up(Client()).status_code == 200
    assert User.objects.count() == 1
    reset = reverse("account_reset_password")
    known, unknown = (Client().post(reset, {"email": email}) for email in ("ada@example.org", "nobody@example.org"))
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_a_forgotten_password_is_set_anew_by_mail(client):
    make_user("ada")
    client.post(reverse("account_reset_password"), {"email": "ada@example.org"})
    link = re.search(r"http://\S+", mail.outbox[-1].body)[0]
    form = client.get(link, follow=True)
    new = "another long passphrase"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert sign_in(Client(), password=new).status_code == 302
    assert sign_in(Client()).status_code == 200, "the old one is no good any more"


def test_more_than_3000_common_passwords_that_would_do_otherwise_are_known():
    """Of those that Django knows; here they are asked of the validators as they are set."""
    validators = get_default_password_validators()
    (common,) = [one for one in validators if isinstance(one, CommonPasswordValidator)]
    others = [one for one in validators if one is not common]
    would_do = [password for password in common.passwords if is_taken(password, others)]
    assert len(would_do) >= 3000
    assert not any(is_taken(password, validators) for password in would_do)


def is_taken(password, validators):
    try:
        validate_password(password, password_validators=validators)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("password", ["", "short", "password", "12345678901", "ada@example.org", "x" * 1_000_000])
def test_a_password_that_protects_nothing_or_is_no_password_is_refused(client, password):
    answer = sign_up(client, password=password)
    assert answer.status_code == 200
    assert answer.context["form"].errors["password1"]
    assert not User.objects.exists()


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a@b\x00.org", "x" * 400 + "@example.org"])
def test_an_address_that_is_none_is_refused(client, email):
    answer = sign_up(client, email=email)
    assert answer.status_code == 200
    assert answer.context["form"].errors["email"]


def test_guessing_is_slowed_down(client):
    make_user("ada")
    answers = [sign_in(client, password=f"guess {number}").status_code for number in range(15)]
    blocked = sign_in(client)
    assert blocked.status_code in (200, 429)
    assert not blocked.wsgi_request.user.is_authenticated, "even the right password waits now"
    assert 429 in answers or "Too many" in blocked.content.decode()


def test_whoever_came_too_often_is_told_when_to_come_back(client):
    """From one address, whomever they claim to be."""
    answers = [sign_in(client, f"nobody{number}@example.org") for number in range(35)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused and all(answer["Retry-After"] == "60" for answer in refused)


def test_where_nobody_can_count_guesses_nobody_comes_in(client, monkeypatch):
    """Valkey counts them. What is open already stays so."""
    make_user("ada")
    other = Client()
    other.force_login(make_user("grace"))

    def away(*_, **__):
        raise ValkeyConnectionError("refused")

    monkeypatch.setattr("redis.connection.ConnectionPool.get_connection", away)
    refused = sign_in(client)
    assert refused.status_code == 503 and refused["Retry-After"]
    assert not client.session.get("_auth_user_id")
    assert other.get(reverse("projects:project-list")).status_code == 200


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_after_signing_in_nobody_is_sent_to_another_site(client, target):
    make_user("ada")
    assert sign_in(client, next=target).url == reverse(django_settings.LOGIN_REDIRECT_URL)


def test_a_form_of_another_site_is_refused():
    make_user("ada")
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403
    assert strict.post(reverse("projects:project-new"), {"name": "x"}).status_code == 403


def test_a_made_up_host_is_refused(client):
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil" not in answer.headers.get("Location", "")


def test_the_session_gets_a_new_key_at_sign_in(client):
    make_user("ada")
    client.get(SIGN_IN)
    session = client.session
    session["something"] = 1
    session.save()
    before = session.session_key
    sign_in(client)
    assert client.session.session_key != before


def test_the_console_is_for_staff(client):
    client.force_login(make_user("mallory"))
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/generation/generation/").status_code == 302
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    for page in ("", "generation/generation/", "accounts/user/", "subscriptions/entry/", "projects/project/"):
        assert client.get(f"/admin/{page}").status_code == 200


def test_the_console_is_entered_by_the_studios_own_door(client):
    make_user("root", is_staff=True, is_superuser=True)
    guess = {"username": "root@example.org", "password": PASSWORD, "next": "/admin/"}
    door = client.post("/admin/login/", guess)
    assert door.url == f"{SIGN_IN}?next=%2Fadmin%2F"
    assert client.get("/admin/").status_code == 302, "still outside"
    assert sign_in(client, "root@example.org", next="/admin/").url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_every_page_has_a_strict_policy_for_scripts(client):
    ada = make_user("ada")
    project = make_project(ada)
    client.force_login(ada)
    for path in ("/projects/", reverse("projects:project", args=[project.pk]), "/projects/new/"):
        answer = client.get(path)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        scripts = re.findall(rb"<script(?![^>]*\bsrc=)[^>]*>", answer.content)
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert all(nonce and f'nonce="{nonce[1]}"'.encode() in tag for tag in scripts), (
            "no inline script without a nonce"
        )
        assert b" style=" not in answer.content
        assert not re.search(rb"\son[a-z]+=", answer.content)
        assert answer["X-Frame-Options"] == "DENY"


def test_hosts_of_others_are_refused_wherever_an_address_is_written(mail):
    """A reset mail that leads to a host somebody made up would hand them the link."""
    make_user("ada")
    for headers in ({"host": "evil.example"}, {"host": "localhost", "x-forwarded-host": "evil.example"}):
        Client().post(reverse("account_reset_password"), {"email": "ada@example.org"}, headers=headers)
    (message,) = mail.to("ada@example.org")
    assert "evil.example" not in message.as_string()


def test_a_huge_password_is_refused_at_once_at_every_door(client):
    make_user("ada")
    huge = "x" * 1_000_000
    began = time.monotonic()
    assert sign_in(client, password=huge).status_code == 200
    sign_in(client)
    for page, fields in (
        ("account_reauthenticate", ["password"]),
        ("account_change_password", ["oldpassword", "password1", "password2"]),
    ):
        answer = client.post(reverse(page), dict.fromkeys(fields, huge))
        assert answer.status_code in (200, 400, 413, 429)
    assert User.objects.get().check_password(PASSWORD)
    assert time.monotonic() - began < 10


def test_guesses_from_everywhere_at_one_account_are_slowed_down_too():
    """Each from an address of its own: the count by address never fills, the one by account does."""
    make_user("ada")
    for number in range(12):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{number}"), password=f"guess {number}")
    last = Client(REMOTE_ADDR="203.0.113.7")
    sign_in(last)
    assert "_auth_user_id" not in last.session, "even the right password waits now"


def test_a_reset_and_a_sign_up_answer_those_who_are_here_as_strangers(settings, mail):
    """The same answer, in words and in where it leads."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    make_user("ada")
    for path, field in ((reverse("account_reset_password"), "email"), (SIGN_UP, "email")):
        told = []
        for email in ("ada@example.org", "nobody@example.org"):
            answer = Client().post(path, {field: email, "password1": PASSWORD}, follow=True)
            told.append(
                (
                    answer.redirect_chain,
                    re.sub(r"(nonce|token|value)=\"[^\"]+\"|nonce-[^']+", "", answer.content.decode()),
                )
            )
        same = [re.sub(r"X-CSRFToken\": \"[^\"]+\"|[\w.]+@example.org", "", page) for _, page in told]
        assert told[0][0] == told[1][0]
        assert same[0] == same[1]


@pytest.mark.parametrize(
    "door", [SIGN_IN, SIGN_UP, "/accounts/password/reset/", "/language/", "/accounts/2fa/webauthn/login/"]
)
def test_every_door_wants_a_form_of_ours(door):
    assert Client(enforce_csrf_checks=True).post(door, {}).status_code == 403


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", "http:evil.example"])
def test_no_other_door_leads_to_another_site_either(client, target):
    assert "evil" not in client.post(SIGN_UP, {"email": "ada@example.org", "password1": PASSWORD, "next": target}).url
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": target})
    assert "evil" not in answer.url
    assert "evil" not in client.post(reverse("account_logout"), {"next": target}).url


def test_a_session_that_somebody_fixed_is_worth_nothing(client):
    """Mallory gives Ada a cookie of hers; what Ada signs in to is another session."""
    make_user("ada")
    mallory = Client()
    mallory.get(SIGN_IN)
    session = mallory.session
    session["bait"] = 1
    session.save()
    client.cookies["sessionid"] = session.session_key
    sign_in(client)
    mallory.cookies["sessionid"] = session.session_key
    assert mallory.get(reverse("projects:project-list")).status_code == 302
    client.post(reverse("account_logout"))
    assert client.get(reverse("projects:project-list")).status_code == 302

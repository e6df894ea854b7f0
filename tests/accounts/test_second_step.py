"""The second step at sign-in: an authenticator app, and the recovery codes for when it is lost."""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from runwayweb.accounts import second_step
from tests.cast import PASSWORD
from tests.factories import make_user

pytestmark = pytest.mark.django_db
KEY = {"id": "AA", "rawId": "AA", "type": "public-key"}
SHOWN = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}
NO_PASSKEYS = [
    *(
        "",
        "no json",
        "[]",
        "1",
        "null",
        "{}",
        '{"id": 1}',
        '{"response": null}',
        '{"response": {"userHandle": "AAAA"}}',
    ),
    *(json.dumps(KEY | {"response": response}) for response in ([], {}, "")),
    *(json.dumps(KEY | {"response": SHOWN | {"userHandle": who}}) for who in ("", "MQ", "////", "x" * 10_000)),
]
SIGN_IN, SECOND_STEP = "/accounts/login/", "/accounts/2fa/authenticate/"


def code_of(secret):
    """What an app shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(client, email="ada@example.org"):
    return client.post(SIGN_IN, {"login": email, "password": PASSWORD})


def confirm(client):
    """Type the password once more, before something important."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


@pytest.fixture
def ada():
    user = make_user("ada")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def secret(client, ada):
    """Of the app that ada set up, by the page."""
    sign_in(client)
    confirm(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = re.search(r'class="secret">(\w+)<', page.content.decode())[1]
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    return secret


def test_a_code_of_the_app_is_asked_for_after_the_password(secret):
    stranger = Client()
    assert sign_in(stranger).url == SECOND_STEP
    assert stranger.get(reverse("projects:project-list")).status_code == 302, "the password alone is not enough now"
    assert stranger.post(SECOND_STEP, {"code": "000000"}).status_code == 200
    assert stranger.post(SECOND_STEP, {"code": code_of(secret)}).status_code == 302
    assert stranger.get(reverse("projects:project-list")).status_code == 200


def test_a_recovery_code_opens_the_door_once(client, secret):
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", page)
    assert len(codes) == 10
    first, second = Client(), Client()
    sign_in(first)
    assert first.post(SECOND_STEP, {"code": codes[0]}).status_code == 302
    sign_in(second)
    assert second.post(SECOND_STEP, {"code": codes[0]}).status_code == 200, "used up"
    assert b"9 codes are left" in client.get(reverse("accounts:security")).content


def test_guessing_codes_is_slowed_down(secret):
    stranger = Client()
    sign_in(stranger)
    for number in range(6):
        stranger.post(SECOND_STEP, {"code": f"{number:06}"})
    answer = stranger.post(SECOND_STEP, {"code": code_of(secret)})
    assert answer.status_code in (200, 429)
    assert stranger.get(reverse("projects:project-list")).status_code == 302, "even the right code waits now"


def test_who_has_not_confirmed_the_address_cannot_lock_its_owner_out(client):
    user = make_user("ada")
    user.emailaddress_set.create(email=user.email, verified=False, primary=True)
    sign_in(client)
    answer = client.get(reverse("mfa_activate_totp"), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("accounts:security")
    assert "confirm your address" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_the_step_is_switched_off_by_its_owner(client, secret):
    assert b"on</span>" in client.get(reverse("accounts:security")).content
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists(), "and the recovery codes with it"
    assert sign_in(Client()).url == reverse(django_settings.LOGIN_REDIRECT_URL)


def test_what_is_important_asks_for_the_password_once_more(client, ada):
    client.force_login(ada)
    for page in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        assert client.get(reverse(page)).url.startswith(reverse("account_reauthenticate"))
    answer = client.get(reverse("mfa_activate_totp"), follow=True)
    assert "Is it you?" in answer.content.decode()
    client.post(answer.redirect_chain[-1][0], {"password": PASSWORD, "next": reverse("mfa_activate_totp")})
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def without_a_password(user):
    """The browser of somebody who came in by an account elsewhere, or a passkey."""
    user.set_unusable_password()
    user.save()
    browser = Client()
    browser.force_login(user)
    return browser


def main_address(user):
    user.refresh_from_db()
    return user.email


def addresses(user):
    return set(user.emailaddress_set.values_list("email", flat=True))


@pytest.mark.parametrize(
    ("act", "email", "after"),
    [
        ("action_add", "a@new.example", ("ada@example.org", {"ada@example.org", "a@films.example", "a@new.example"})),
        ("action_primary", "a@films.example", ("a@films.example", {"ada@example.org", "a@films.example"})),
        ("action_remove", "a@films.example", ("ada@example.org", {"ada@example.org"})),
    ],
)
def test_an_address_changes_after_the_password_once_more(client, ada, mail, act, email, after):
    ada.emailaddress_set.create(email="a@films.example", verified=True)
    sign_in(client)
    page = client.post(reverse("account_email"), {act: "", "email": email}, follow=True)
    assert "Is it you?" in page.content.decode()
    goes_on = {"next": re.search(r'name="next" value="([^"]+)"', page.content.decode())[1]}
    client.post(page.request["PATH_INFO"], {"password": "a guess"} | goes_on)
    assert (main_address(ada), addresses(ada)) == ("ada@example.org", {"ada@example.org", "a@films.example"})
    answer = client.post(page.request["PATH_INFO"], {"password": PASSWORD} | goes_on)
    assert answer.url == reverse("account_email"), "where she was, and what she asked for is done"
    assert (main_address(ada), addresses(ada)) == after


def test_without_a_password_the_second_step_is_asked_for(ada, secret):
    ada.emailaddress_set.create(email="a@films.example", verified=True)
    browser = without_a_password(ada)
    asked = browser.post(reverse("account_email"), {"action_remove": "", "email": "a@films.example"}, follow=True)
    assert asked.request["PATH_INFO"] == reverse("mfa_reauthenticate") and len(addresses(ada)) == 2
    browser.post(asked.request["PATH_INFO"], {"code": code_of(secret), "next": reverse("account_email")})
    assert addresses(ada) == {"ada@example.org"}


def test_the_second_step_is_asked_for_before_there_is_a_first_password(ada, secret):
    browser, door = without_a_password(ada), reverse("account_set_password")
    asked = browser.post(door, {"password1": "typed too early", "password2": "typed too early"}, follow=True)
    assert asked.request["PATH_INFO"] == reverse("mfa_reauthenticate")
    assert "typed too early" not in str(dict(browser.session.items()))
    answer = browser.post(asked.request["PATH_INFO"], {"code": code_of(secret), "next": door}, follow=True)
    assert answer.request["PATH_INFO"] == door
    ada.refresh_from_db()
    assert not ada.has_usable_password()
    browser.post(door, {"password1": PASSWORD, "password2": PASSWORD})
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_who_has_nothing_to_show_is_not_asked(ada, mail):
    """As those who come by an account elsewhere alone: it lets them in, and there is nothing here to ask for."""
    without_a_password(ada).post(reverse("account_email"), {"action_add": "", "email": "a@new.example"})
    assert "a@new.example" in addresses(ada)


@pytest.mark.parametrize("credential", NO_PASSKEYS)
def test_what_is_no_passkey_is_refused(client, ada, credential):
    client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    assert client.post(reverse("mfa_login_webauthn"), {"credential": credential}).url == SIGN_IN
    sign_in(client)
    confirm(client)
    client.get(reverse("mfa_add_webauthn"))
    answer = client.post(reverse("mfa_add_webauthn"), {"name": "x", "credential": credential})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Authenticator.objects.exists()


def test_a_copy_of_the_database_alone_opens_no_door(client, secret, settings):
    kept = {row.type: json.dumps(row.data) for row in Authenticator.objects.all()}
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", page)
    assert set(kept) == {"totp", "recovery_codes"} and len(codes) == 10
    assert secret not in kept["totp"] and not any(code in kept["recovery_codes"] for code in codes)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key, as of an operator who changed it"
    settings.SECRET_KEY_FALLBACKS = [old]
    stranger = Client()
    sign_in(stranger)
    assert stranger.post(SECOND_STEP, {"code": code_of(secret)}).status_code == 302, "the key of before still opens it"


def test_a_secret_that_cannot_be_opened_fits_no_code(client, secret, settings):
    settings.SECRET_KEY = "another key, and the one of before is lost"
    stranger = Client()
    sign_in(stranger)
    for guess in (code_of(secret), code_of("")):
        assert stranger.post(SECOND_STEP, {"code": guess}).status_code == 200


def test_secrets_that_lay_in_the_clear_are_sealed_by_the_migration(ada):
    from importlib import import_module

    from django.apps import apps

    migration = import_module("runwayweb.accounts.migrations.0006_seal_second_steps")
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    app = Authenticator.objects.create(user=ada, type="totp", data={"secret": secret})
    codes = Authenticator.objects.create(user=ada, type="recovery_codes", data={"seed": "a1b2", "used_mask": 3})
    assert app.wrap().validate_code(code_of(secret)), "what a version of before kept is read"
    for _again in range(2):
        migration.seal(apps, None)
        app.refresh_from_db()
        codes.refresh_from_db()
        assert secret not in str(app.data) and "a1b2" not in str(codes.data) and codes.data["used_mask"] == 3
        assert second_step.opened(app.data["secret"]) == secret and second_step.opened(codes.data["seed"]) == "a1b2"
    migration.unseal(apps, None)
    app.refresh_from_db()
    assert app.data == {"secret": secret}

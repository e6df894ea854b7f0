"""Coming in by an account elsewhere: a real OpenID provider, a real web server, and a browser's steps between them."""

import json
import os
import re
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from runwayweb.accounts.adapter import BROUGHT
from runwayweb.accounts.elsewhere import providers, read_openid
from runwayweb.accounts.models import User
from runwayweb.accounts.social import SocialAccountAdapter
from runwayweb.subscriptions.models import Subscription
from runwayweb.supervisor.tether import tethered
from tests.cast import PASSWORD
from tests.factories import make_plan, make_user
from tests.servers import openid, ports

FIELD = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
GOES_ON = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')


@pytest.fixture(scope="module")
def provider():
    port = ports.free_port()
    process = subprocess.Popen(tethered([sys.executable, openid.__file__, str(port)]))
    ports.wait_for(port, 20)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def running_studio(django_db_setup, provider, tmp_path_factory):
    """One that knows the provider by itself, the same as a trusted one, and another that is away."""
    from tests.servers.site import Site, url_of_test_database

    (client, secret), (client_too, secret_too) = openid.CLIENTS.items()
    trusted = {"id": "trusted", "name": "Trusted", "issuer": provider, "trusted": True}
    trusted |= {"client_id": client_too, "secret": secret_too}
    away = {"id": "away", "name": "Away", "issuer": f"http://127.0.0.1:{ports.free_port()}"}
    away |= {"client_id": "x", "secret": "y"}
    env = {"OIDC_NAME": "Test ID", "OIDC_ISSUER": provider, "OIDC_PROVIDERS": json.dumps([trusted, away])}
    env |= {"OIDC_CLIENT_ID": client, "OIDC_SECRET": secret}
    site = Site(url_of_test_database(), tmp_path_factory.mktemp("studio"))
    site.start("web", env=env)
    yield site
    site.stop_all()


@pytest.fixture
def studio(running_studio, transactional_db):
    """It, with an empty database."""
    return running_studio


class Browser(requests.Session):
    """What a browser does, step by step."""

    def __init__(self, site):
        super().__init__()
        self.site = site.url

    def press(self, page, process="login", provider="openid", **more):
        """Press "Go on with Test ID" on a page of the studio; the provider's page."""
        token = FIELD.search(self.get(f"{self.site}{page}").text)[1]
        data = {"csrfmiddlewaretoken": token, "process": process} | more
        answer = self.post(f"{self.site}/accounts/elsewhere/{provider}/", data)
        assert answer.status_code == 200, answer.text[:500]
        return self.get(GOES_ON.search(answer.text)[1].replace("&amp;", "&"))

    def choose(self, page, person):
        """Choose who to be there; where that leads to in the studio."""
        where = re.search(r'action="([^"]+)"', page.text)[1].replace("&amp;", "&")
        return self.post(page.url.split("/authorize")[0] + where, {"person": person})

    def come_in(self, person, page="/accounts/login/", **more):
        return self.choose(self.press(page, **more), person)

    def sign_in(self, email):
        token = FIELD.search(self.get(f"{self.site}/accounts/login/").text)[1]
        self.post(f"{self.site}/accounts/login/", {"login": email, "password": PASSWORD, "csrfmiddlewaretoken": token})

    def is_it_you(self, page):
        """Type the password once more, where that is asked for; where it goes on."""
        assert "Is it you?" in page.text
        kept = dict(re.findall(r'name="(csrfmiddlewaretoken|next)" value="([^"]+)"', page.text))
        return self.post(page.url.partition("?")[0], kept | {"password": PASSWORD})

    def is_in(self):
        return self.get(f"{self.site}/projects/", allow_redirects=False).status_code == 200


def test_somebody_new_gets_an_account_and_comes_back_to_it(studio):
    ada = Browser(studio)
    answer = ada.come_in("ada", next="/settings/security/")
    assert urlsplit(answer.url).path == "/settings/security/"
    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == ("ada@example.org", "Ada Lovelace", False)
    assert user.emailaddress_set.get().verified
    assert user.memberships.get().role == "owner"
    again = Browser(studio)
    again.come_in("ada")
    assert again.is_in()
    assert User.objects.count() == 1


def test_an_account_is_not_taken_over_by_whoever_claims_its_address(studio):
    make_user("ada")
    for person in ("ada", "mallory"):
        browser = Browser(studio)
        answer = browser.come_in(person)
        assert "One thing more" in answer.text
        assert not browser.is_in()
    assert User.objects.count() == 1
    assert not User.objects.get().socialaccount_set.exists()


def test_the_word_of_a_trusted_provider_leads_into_the_account_that_is_there(studio):
    user = make_user("ada")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    ada = Browser(studio)
    ada.come_in("ada", provider="trusted")
    assert ada.is_in()
    assert User.objects.get().socialaccount_set.get().provider == "trusted"


def test_who_is_in_connects_an_account_and_disconnects_it(studio):
    make_user("ada")
    ada = Browser(studio)
    ada.sign_in("ada@example.org")
    answer = ada.come_in("grace", page="/accounts/3rdparty/", process="connect")
    assert not User.objects.get().socialaccount_set.exists(), "something important: the password once more"
    answer = ada.is_it_you(answer)
    assert urlsplit(answer.url).path == "/accounts/3rdparty/" and "Test ID" in answer.text
    account = User.objects.get().socialaccount_set.get()
    elsewhere = Browser(studio)
    elsewhere.sign_in("ada@example.org")
    page = elsewhere.get(f"{studio.url}/accounts/3rdparty/")
    token = FIELD.search(page.text)[1]
    answer = elsewhere.post(page.url, {"account": account.pk, "csrfmiddlewaretoken": token})
    assert User.objects.get().socialaccount_set.exists(), "and once more in another browser"
    answer = elsewhere.is_it_you(answer)
    assert urlsplit(answer.url).path == "/accounts/3rdparty/" and "None is connected yet" in answer.text
    assert not User.objects.get().socialaccount_set.exists()


def test_who_tells_no_address_is_asked_for_one(studio):
    browser = Browser(studio)
    answer = browser.come_in("nobody")
    assert "One thing more" in answer.text
    token = FIELD.search(answer.text)[1]
    browser.post(answer.url, {"email": "nobody@example.org", "csrfmiddlewaretoken": token})
    assert browser.is_in()
    assert not User.objects.get().emailaddress_set.get().verified, "only the provider's word would have been one"


def test_what_goes_wrong_on_the_way_is_said_and_lets_nobody_in(studio, provider):
    browser = Browser(studio)
    assert "You stopped on the way" in browser.come_in("").text
    answer = browser.come_in("nonsense")
    assert answer.status_code in (200, 401), studio.logs(60)
    page = browser.press("/accounts/login/")
    state = parse_qs(urlsplit(page.url).query)["state"][0]
    callback = f"{studio.url}/accounts/oidc/openid/login/callback/"
    for told in (
        {"code": "made up", "state": state},
        {"code": "made up", "state": "forged"},
        {"state": state},
        {},
        {"code": "\x00", "state": "\x00"},
    ):
        answer = browser.get(callback, params=told)
        assert answer.status_code in (200, 401), told
        assert not browser.is_in()
    assert browser.get(f"{studio.url}/accounts/oidc/none/login/").status_code == 404
    assert not User.objects.exclude(email="").filter(email="ada@example.org").exists()


def test_a_code_that_somebody_else_was_given_signs_nobody_in(studio):
    """Login CSRF: Mallory makes Ada's browser come back with a code of hers."""
    mallory, ada = Browser(studio), Browser(studio)
    page = mallory.press("/accounts/login/")
    where = re.search(r'action="([^"]+)"', page.text)[1].replace("&amp;", "&")
    leads = mallory.post(page.url.split("/authorize")[0] + where, {"person": "grace"}, allow_redirects=False)
    ada.get(leads.headers["Location"])
    assert not ada.is_in()


def test_a_provider_that_is_away_is_said_at_once(studio):
    browser = Browser(studio)
    token = FIELD.search(browser.get(f"{studio.url}/accounts/login/").text)[1]
    answer = browser.post(f"{studio.url}/accounts/elsewhere/away/", {"csrfmiddlewaretoken": token})
    assert answer.status_code == 503
    assert "cannot be reached just now" in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("registration", "email", "verified", "is_open"),
    [
        ("open", "eve@example.org", False, True),
        ("closed", "grace@example.org", True, False),
        ("invitation", "grace@example.org", True, True),
        ("invitation", "grace@example.org", False, False),
        ("invitation", "eve@example.org", True, False),
    ],
)
def test_registration_holds_for_those_from_elsewhere(rf, settings, mail, registration, email, verified, is_open):
    settings.REGISTRATION = registration
    ada = make_user("ada")
    Subscription.objects.assign(ada.open_workspace(), make_plan(seats=None))
    invitation = ada.open_workspace().invite("grace@example.org", "editor", by=ada)
    request = rf.get("/")
    request.session = {BROUGHT: invitation.token}
    login = SocialLogin(email_addresses=[EmailAddress(email=email, verified=verified)])
    assert SocialAccountAdapter(request).is_open_for_signup(request, login) is is_open


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("link", "email", "confirmed"),
    [
        ("mailed_token", "grace@example.org", True),
        ("token", "grace@example.org", False),
        ("mailed_token", "eve@example.org", False),
    ],
)
def test_an_invitation_confirms_its_own_address_for_those_from_elsewhere(rf, mail, link, email, confirmed):
    ada = make_user("ada")
    Subscription.objects.assign(ada.open_workspace(), make_plan(seats=None))
    invitation = ada.open_workspace().invite("grace@example.org", "editor", by=ada)
    request = rf.get("/")
    request.session = {BROUGHT: getattr(invitation, link)}
    login = SocialLogin(user=User(email=email), account=SocialAccount(provider="openid", uid="1"))
    user = SocialAccountAdapter(request).save_user(request, login)
    assert list(user.emailaddress_set.values_list("email", "verified")) == [(email, confirmed)]


@pytest.mark.django_db
def test_without_any_set_nothing_is_offered(client):
    assert "accounts/elsewhere" not in client.get("/accounts/login/").content.decode()
    assert client.post("/accounts/elsewhere/openid/").status_code == 404
    assert Client(enforce_csrf_checks=True).post("/accounts/elsewhere/openid/").status_code == 403


GOOD = {"id": "staff", "name": "Staff", "issuer": "https://id.example.org/", "client_id": "x", "secret": "y"}
NONE = dict.fromkeys(("name", "issuer", "client_id", "secret"), "")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("{", "no JSON"),
        ({"id": "x"}, "no list of objects"),
        ([1], "no list of objects"),
        ([GOOD | {"secret": ""}], "Staff|staff has no secret"),
        ([{name: GOOD[name] for name in ("id", "name")}], "staff has no issuer"),
        ([GOOD | {"id": "Staff/../"}], "small letters"),
        ([GOOD | {"issuer": "ftp://id"}], "no http"),
        ([GOOD | {"issuer": 1}], "has no issuer"),
        ([GOOD | {"scope": "all"}], "scope, which is not known"),
        ([GOOD, GOOD | {"client_id": "z"}], "same id"),
        ([GOOD, GOOD | {"id": "other"}], "same client_id"),
    ],
)
def test_what_is_set_badly_keeps_the_studio_from_starting(told, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        read_openid(told if isinstance(told, str) else json.dumps(told), NONE)


def test_several_providers_stand_beside_each_other():
    listed = read_openid(
        json.dumps([GOOD]), NONE | {"name": "Mine", "issuer": "https://x.org", "client_id": "a", "secret": "b"}
    )
    apps, settings = providers(listed, github=("id", "secret"), google=("", ""))
    assert [one["provider_id"] for one in settings["openid_connect"]["APPS"]] == ["staff", "openid"]
    assert len(apps) == 2
    with pytest.raises(ImproperlyConfigured, match="only one is set"):
        providers([], github=("id", ""), google=("", ""))
    assert providers([], ("", ""), ("", "")) == ([], {})


def test_github_and_google_start_with_the_studio():
    env = os.environ | {"GITHUB_CLIENT_ID": "a", "GITHUB_SECRET": "b", "GOOGLE_CLIENT_ID": "c", "GOOGLE_SECRET": "d"}
    code = (
        "import django; django.setup(); from django.urls import reverse; "
        "print(reverse('github_callback'), reverse('google_callback'))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.stdout.split() == ["/accounts/github/login/callback/", "/accounts/google/login/callback/"], done.stderr

"""One browser makes no more accounts a day than the operator says, by whichever door they come."""

import pytest
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialLogin
from django.test import Client

from runwayweb.accounts.models import User
from runwayweb.accounts.social import SocialAccountAdapter
from tests.cast import PASSWORD
from tests.factories import make_user

pytestmark = pytest.mark.django_db
SIGN_UP = "/accounts/signup/"


@pytest.fixture(autouse=True)
def two_a_day(settings):
    settings.DEVICE_SIGNUPS_A_DAY = 2


def browser(**more):
    """One that opened the page, as everybody does whom it gives a form."""
    one = Client(**more)
    one.get(SIGN_UP)
    return one


def sign_up(client, *names):
    """The last answer. Who signed up signs out, and keeps the cookies that say nothing of who they are."""
    for name in names:
        answer = client.post(SIGN_UP, {"email": f"{name}@example.org", "password1": PASSWORD})
        client.cookies.pop("sessionid", None)
    return answer


def test_the_third_account_of_a_browser_waits_until_tomorrow(settings):
    one = browser()
    said = sign_up(one, "ada", "bob", "eve")
    assert "Several accounts were made in this browser today" in said.content.decode()
    assert User.objects.count() == 2
    sign_up(browser(), "eve")
    assert User.objects.count() == 3, "another browser of the same network is another"
    settings.DEVICE_SIGNUPS_A_DAY = 3
    sign_up(one, "grace")
    assert User.objects.count() == 4


def test_those_without_the_cookie_are_counted_by_their_address():
    for name in ("ada", "bob", "eve"):
        sign_up(Client(REMOTE_ADDR="198.51.100.7"), name)
    assert User.objects.count() == 2
    forged = Client(REMOTE_ADDR="198.51.100.7")
    forged.cookies["device"] = "mine:forged"
    sign_up(forged, "eve")
    assert User.objects.count() == 2
    sign_up(Client(REMOTE_ADDR="198.51.100.8"), "eve")
    assert User.objects.count() == 3


def test_what_is_refused_anyway_is_not_counted_and_a_taken_address_is(settings, mail):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    one = browser()
    one.post(SIGN_UP, {"email": "ada@example.org", "password1": "short"})
    make_user("ada")  # whether an address has an account is told to nobody: it counts as any other
    said = sign_up(one, "ada", "bob", "eve")
    assert "Several accounts" in said.content.decode()
    assert set(User.objects.values_list("email", flat=True)) == {"ada@example.org", "bob@example.org"}


def test_who_comes_from_elsewhere_is_counted_with_them(rf):
    one = browser()
    sign_up(one, "ada", "bob")
    request = rf.get("/")
    request.session = {}
    login = SocialLogin(email_addresses=[EmailAddress(email="eve@example.org", verified=True)])
    assert SocialAccountAdapter(request).is_open_for_signup(request, login)
    request.COOKIES["device"] = one.cookies["device"].value
    with pytest.raises(ImmediateHttpResponse) as refused:
        SocialAccountAdapter(request).is_open_for_signup(request, login)
    assert refused.value.response.status_code == 429


def test_the_cookie_is_given_once_and_to_no_script():
    one = Client()
    cookie = one.get(SIGN_UP).cookies["device"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"]
    assert "device" not in one.get(SIGN_UP).cookies and "device" not in Client().get("/").cookies

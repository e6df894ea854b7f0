"""Nobody makes credits out of new accounts, new workspaces or workspaces that change hands."""

import logging

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from runwayweb.accounts.adapter import AccountAdapter
from runwayweb.accounts.models import Workspace
from runwayweb.accounts.passwords import NotTheNameOfTheStudio
from runwayweb.subscriptions.models import Plan, Subscription, Wallet
from tests.cast import PASSWORD
from tests.factories import make_member, make_user
from tests.servers.mail import links_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sold(settings):
    """A studio that sells plans, and gives a start."""
    settings.DEFAULT_PLAN, settings.SIGNUP_CREDITS = "free", 100


def credits_of(workspace):
    wallet = Wallet.objects.of(workspace)
    return sum(wallet.lots.filter(source="signup").values_list("amount", flat=True))


def test_a_person_begins_once_however_many_workspaces_they_make():
    ada = make_user("ada")
    assert credits_of(ada.open_workspace()) == 100
    assert [credits_of(Workspace.objects.open_for(ada, f"{n}")) for n in range(3)] == [0, 0, 0]


def test_handing_a_workspace_over_makes_no_second_beginning():
    ada, grace = make_user("ada"), make_user("grace")
    first = ada.open_workspace()
    assert credits_of(first) == 100 and credits_of(grace.open_workspace()) == 100
    make_member(first, user=grace)
    first.hand_over(first.memberships.get(user=grace), by=ada)
    first.memberships.filter(user=ada).delete()
    second = Workspace.objects.open_for(ada, "second")
    assert credits_of(second) == 0, "ada had hers"
    third = Workspace.objects.open_for(ada, "third")
    linus = make_member(third, user=make_user("linus"))
    third.hand_over(third.memberships.get(user=linus), by=ada)
    assert credits_of(third) == 0, "whoever made it had theirs, too"


def test_what_nobody_paid_for_waits_until_an_address_is_shown_to_be_theirs(client, settings, mail):
    settings.FREE_CREDITS_VERIFIED = True
    client.post(reverse("account_signup"), {"email": "ada@example.org", "password1": PASSWORD})
    workspace = Workspace.objects.get(memberships__user__email="ada@example.org")
    assert credits_of(workspace) == 0
    (link,) = links_in(mail.wait_for("ada@example.org", "confirm"))
    client.post(link)
    assert credits_of(workspace) == 100
    client.post(link)
    assert credits_of(workspace) == 100, "once"


@pytest.mark.parametrize("email", ["a@mailinator.com", "a@MAILINATOR.com", "a@eu.mailinator.com", "a@trash.example"])
def test_an_address_of_those_that_are_thrown_away_makes_no_account(client, settings, email):
    settings.DISPOSABLE_ADDRESSES = ["mailinator.com", ".trash.example"]
    page = client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD})
    assert page.status_code == 200 and "cannot be used here" in page.content.decode()
    assert not Workspace.objects.exists()
    assert AccountAdapter().clean_email("ada@notmailinator.com") == "ada@notmailinator.com"


def test_accounts_from_one_place_are_so_many_a_day(settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "3/d/ip"}
    answers = [
        Client(REMOTE_ADDR="203.0.113.77").post(
            reverse("account_signup"), {"email": f"a{number}@example.org", "password1": PASSWORD}
        )
        for number in range(5)
    ]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429, 429]
    other = Client(REMOTE_ADDR="203.0.113.78")
    assert other.post(reverse("account_signup"), {"email": "b@example.org", "password1": PASSWORD}).status_code == 302


@pytest.mark.parametrize("password", ["runwayweb", "RunwayWeb1!", "filmhaus", "filmhaus2026"])
def test_a_password_is_not_the_name_of_the_studio(settings, password):
    settings.ALLOWED_HOSTS = ["filmhaus.example.org"]
    with pytest.raises(ValidationError, match="name of this studio"):
        NotTheNameOfTheStudio().validate(password)
    NotTheNameOfTheStudio().validate("a long walk past the filmhaus")


def test_the_log_tells_who_signed_in_and_that_somebody_failed_to_and_no_word_of_either(client, caplog):
    ada = make_user("ada")
    caplog.set_level(logging.INFO, "runwayweb.accounts.adapter")
    client.post("/accounts/login/", {"login": ada.email, "password": "not hers at all"})
    client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    failed, came = [record.getMessage() for record in caplog.records if record.name.endswith("accounts.adapter")]
    assert failed == "A sign-in from 127.0.0.1 failed" and came == f"Account {ada.pk} signed in from 127.0.0.1"
    assert PASSWORD not in caplog.text and "not hers" not in caplog.text


@pytest.fixture
def trials(stripe, settings):
    settings.STRIPE_TRIAL_DAYS = 6
    return stripe


def open_page(client, user, workspace):
    """The page on which `user` could pay for Pro in a workspace."""
    client.force_login(user)
    user.use(workspace)
    return client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"]


def begin(client, stripe, user, workspace):
    """Subscribe a workspace to Pro: "trialing" or "active"."""
    client.get(stripe.press(open_page(client, user, workspace), card="4242"))
    return Subscription.objects.get(workspace=workspace).status


def end(workspace, stripe, tell):
    stripe.v1.subscriptions.cancel(Subscription.objects.get(workspace=workspace).stripe_id)
    tell.all()


def test_a_trial_comes_once_for_a_person_however_many_workspaces_they_make(client, trials, tell):
    ada, grace = make_user("ada"), make_user("grace")
    first = ada.open_workspace()
    second = Workspace.objects.open_for(ada, "second")
    assert begin(client, trials, ada, first) == "trialing"
    assert begin(client, trials, ada, second) == "active"
    end(first, trials, tell)
    assert begin(client, trials, ada, first) == "active"
    end(first, trials, tell)
    Subscription.objects.assign(first, Plan.objects.get(slug="standard"))
    end(second, trials, tell)
    Subscription.objects.filter(workspace=second).delete()
    assert begin(client, trials, ada, Workspace.objects.open_for(ada, "third")) == "active"
    assert begin(client, trials, grace, grace.open_workspace()) == "trialing"


def test_handing_a_workspace_over_makes_no_second_trial(client, trials):
    ada, grace = make_user("ada"), make_user("grace")
    first = ada.open_workspace()
    assert begin(client, trials, ada, first) == "trialing"
    make_member(first, user=grace)
    first.hand_over(first.memberships.get(user=grace), by=ada)
    first.memberships.filter(user=ada).delete()
    assert begin(client, trials, ada, Workspace.objects.open_for(ada, "second")) == "active", "ada had hers"
    third = Workspace.objects.open_for(ada, "third")
    linus = make_member(third, user=make_user("linus"))
    third.hand_over(third.memberships.get(user=linus), by=ada)
    assert begin(client, trials, linus, third) == "active", "whoever made it had theirs, too"


def test_of_several_pages_that_are_open_at_once_one_has_a_trial(client, trials):
    ada = make_user("ada")
    workspaces = [ada.open_workspace(), *(Workspace.objects.open_for(ada, f"{n}") for n in range(2))]
    pages = [open_page(client, ada, workspace) for workspace in workspaces]
    for page in pages:
        trials.press(page, card="4242")
    found = trials.v1.subscriptions.list({"status": "all"}).data
    assert sorted(one.status for one in found) == ["active", "active", "trialing"]

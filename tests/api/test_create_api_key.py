"""`manage.py create_api_key`, as an operator runs it in a shell."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from runwayweb.accounts.models import User
from runwayweb.api.models import Key
from runwayweb.subscriptions.management.commands.audit_ledger import problems_of
from runwayweb.subscriptions.models import Plan, Subscription, Wallet
from tests.api.callers import ask
from tests.factories import make_plan, make_user


def run(database_url, *arguments, **env):
    return subprocess.run(
        [sys.executable, "manage.py", "create_api_key", *arguments],
        cwd=settings.BASE_DIR, env=os.environ | {"DATABASE_URL": database_url} | env, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_in_a_shell_it_makes_the_account_and_prints_a_key_that_works(database_url):
    answer = run(database_url, "Ada@Example.org", "--name", "Render farm", "--credits", "1000")
    assert answer.returncode == 0, answer.stderr
    plain = answer.stdout.splitlines()[-1]
    assert re.fullmatch(r"[0-9A-Za-z_-]{30,}", plain) and answer.stdout.count(plain) == 1 and plain not in answer.stderr
    user = User.objects.get()
    assert user.email == "ada@example.org" and not user.has_usable_password()
    assert user.emailaddress_set.get().verified and user.emailaddress_set.get().primary
    assert "changepassword ada@example.org" in answer.stdout and "Forgot it?" in answer.stdout
    wallet = Wallet.objects.of(user.open_workspace())
    assert (
        not list(problems_of(wallet)) and wallet.entries.filter(reference__startswith="operator:").get().amount == 1000
    )
    assert ask("GET", "/v1/organization", plain).json()["creditBalance"] == wallet.available
    assert Key.objects.get().name == "Render farm"

    again = run(database_url, "ada@example.org", "--credits", "5")
    other = again.stdout.splitlines()[-1]
    assert other != plain and User.objects.count() == 1 and "password" not in again.stdout
    assert [ask("GET", "/v1/organization", one).status_code for one in (plain, other)] == [200, 200]
    wallet.refresh_from_db()
    assert wallet.available == ask("GET", "/v1/organization", other).json()["creditBalance"]

    sold = {"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x"}
    paid = run(database_url, "grace@example.org", **sold)
    assert paid.returncode == 0, paid.stderr
    assert str(Plan.objects.of(User.objects.get(email="grace@example.org").open_workspace())) == "Standard"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody"], "not an e-mail address"),
        (["ada@example.org", "--credits", "0"], "no whole number"),
        (["ada@example.org", "--credits", "1.5"], "no whole number"),
        (["ada@example.org", "--credits=-5"], "no whole number"),
        (["suspended@example.org"], "suspended"),
        (["poor@example.org"], "The plan Free has no access by API. Standard lifts that limit."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(arguments, sentence):
    make_user("suspended", is_active=False)
    Subscription.objects.assign(make_user("poor").open_workspace(), make_plan("free"))
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("create_api_key", *arguments)
    assert not Key.objects.exists() and User.objects.count() == 2


@pytest.mark.django_db
def test_where_no_plan_has_the_api_no_account_is_made(settings):
    settings.DEFAULT_PLAN = "free"
    Plan.objects.update(api_access=False)
    with pytest.raises(CommandError, match="No plan here has access by API"):
        call_command("create_api_key", "ada@example.org")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_whoever_has_no_password_gets_one_by_mail(client, mailoutbox):
    call_command("create_api_key", "ada@example.org")
    client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    [letter] = mailoutbox
    assert letter.to == ["ada@example.org"] and "/accounts/password/reset/key/" in letter.body

"""`manage.py make_admin`: the first administrator."""

import pytest
from django.core.management import CommandError, call_command

from runwayweb.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_somebody_with_an_account_becomes_one():
    make_user("ada")
    call_command("make_admin", "Ada@example.org")
    assert User.objects.get().is_superuser
    assert User.objects.get().is_staff
    assert User.objects.get().emailaddress_set.get().verified, "no mail to wait for, where mails are needed"


def test_somebody_without_gets_an_account_with_the_password_given(monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", "a long enough passphrase")
    call_command("make_admin", "root@example.org")
    assert User.objects.get().check_password("a long enough passphrase")
    assert User.objects.get().memberships.exists()


@pytest.mark.parametrize(("email", "password", "sentence"), [
    ("nobody", "a long enough passphrase", "not an e-mail address"),
    ("root@example.org", "short", "too short"),
    ("root@example.org", "", "ADMIN_PASSWORD"),
])  # fmt: skip
def test_what_is_missing_is_said(monkeypatch, email, password, sentence):
    monkeypatch.setenv("ADMIN_PASSWORD", password)
    with pytest.raises(CommandError, match=sentence):
        call_command("make_admin", email)
    assert not User.objects.exists()

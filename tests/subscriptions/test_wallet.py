"""Credits: every one of them is accounted for, whatever is done to a wallet."""

import io

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from runwayweb.subscriptions.models import Entry, InsufficientCredits, Wallet
from runwayweb.subscriptions.models.entry import AppendOnly
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet():
    return Wallet.objects.of(make_user("ada").open_workspace())


def balances(wallet):
    wallet.refresh_from_db()
    return wallet.available, wallet.held, wallet.spent


def audit():
    out = io.StringIO()
    call_command("audit_ledger", stdout=out)
    return out.getvalue()


def test_a_new_workspace_starts_with_its_first_grant_once(settings, wallet):
    again = Wallet.objects.of(wallet.workspace)
    assert again.available == settings.SIGNUP_CREDITS == 500
    assert wallet.entries.count() == 1


def test_a_hold_is_settled_by_what_was_made_and_the_rest_comes_back(wallet):
    wallet.hold(10, reference="generation:1")
    assert balances(wallet) == (490, 10, 0)
    wallet.settle(reference="generation:1", captured=7)
    assert balances(wallet) == (493, 0, 7)
    assert list(wallet.entries.values_list("kind", "amount")) == [
        ("grant", 500),
        ("hold", 10),
        ("capture", 7),
        ("release", 3),
    ]
    assert "All is well" in audit()


def test_a_hold_cannot_be_larger_than_what_is_there(wallet):
    with pytest.raises(InsufficientCredits, match="needs 501; you have 500"):
        wallet.hold(501, reference="generation:1")
    assert balances(wallet) == (500, 0, 0)
    assert not wallet.entries.filter(kind="hold").exists()


def test_the_same_hold_cannot_be_made_or_settled_twice(wallet):
    wallet.hold(10, reference="generation:1")
    with pytest.raises(IntegrityError), transaction.atomic():
        wallet.hold(10, reference="generation:1")
    wallet.release(reference="generation:1")
    wallet.hold(10, reference="generation:2")
    with pytest.raises(IntegrityError), transaction.atomic():
        wallet.release(reference="generation:1")
    assert balances(wallet) == (490, 10, 0)


def test_the_ledger_is_only_ever_added_to(wallet):
    entry = wallet.entries.get()
    with pytest.raises(AppendOnly):
        entry.delete()
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly):
        Entry.objects.update(amount=1)
    with pytest.raises(AppendOnly):
        Entry.objects.all().delete()


def test_the_database_itself_refuses_a_balance_below_zero_or_a_lost_credit(wallet):
    for wrong in ({"available": -1}, {"available": 499}, {"held": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Wallet.objects.filter(pk=wallet.pk).update(**wrong)


def test_the_audit_names_what_is_off(wallet, capsys):
    wallet.hold(10, reference="generation:1")
    Wallet.objects.filter(pk=wallet.pk).update(available=500, held=0)
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("audit_ledger", stdout=out)
    assert ended.value.code == 1
    assert "available stands at 500, its entries say 490" in out.getvalue()
    assert "held stands at 0, its entries say 10" in out.getvalue()

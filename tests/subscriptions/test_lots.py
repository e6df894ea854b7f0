"""Grants: what expires first is spent first, and what is given back goes to where it was taken from."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from runwayweb.subscriptions.management.commands.audit_ledger import problems_of
from runwayweb.subscriptions.models import Indebted, InsufficientCredits, Lot, Portion, Wallet
from runwayweb.subscriptions.models.entry import AppendOnly
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet(settings):
    settings.SIGNUP_CREDITS = 0
    wallet = Wallet.objects.of(make_user("ada").open_workspace())
    yield wallet
    wallet.refresh_from_db()
    assert not list(problems_of(wallet))


def in_days(days):
    return timezone.now() + timedelta(days=days)


def lots(wallet, column="available"):
    return dict(wallet.lots.values_list("reference", column))


def let_pass(wallet, reference):
    """The time of that grant is over."""
    Lot.objects.filter(wallet=wallet, reference=reference).update(expires_at=in_days(-1))


def test_what_expires_first_is_spent_first(wallet):
    wallet.grant(10, reference="for ever")
    wallet.grant(10, reference="late", expires_at=in_days(60))
    wallet.grant(10, reference="soon", expires_at=in_days(3))
    wallet.hold(15, reference="generation:1")
    assert lots(wallet) == {"for ever": 10, "late": 5, "soon": 0}
    wallet.settle(reference="generation:1", captured=12)
    assert lots(wallet) == {"for ever": 10, "late": 8, "soon": 0}
    assert lots(wallet, "spent") == {"for ever": 0, "late": 2, "soon": 10}
    assert wallet.next_expiry().reference == "late"


def test_what_is_released_goes_back_to_its_grant(wallet):
    wallet.grant(10, reference="soon", expires_at=in_days(3))
    wallet.grant(10, reference="for ever")
    wallet.hold(15, reference="generation:1")
    wallet.grant(10, reference="sooner", expires_at=in_days(1))
    wallet.release(reference="generation:1")
    assert lots(wallet) == {"soon": 10, "for ever": 10, "sooner": 10}


def test_what_is_released_after_its_time_expires_at_once(wallet):
    wallet.grant(10, reference="soon", expires_at=in_days(3))
    wallet.hold(6, reference="generation:1")
    let_pass(wallet, "soon")
    assert Wallet.objects.expire() == 4
    wallet.settle(reference="generation:1", captured=1)
    assert (wallet.available, wallet.spent, wallet.expired) == (0, 1, 9)
    assert Wallet.objects.expire() == 0


def test_what_is_over_cannot_be_spent_also_before_the_sweep(wallet):
    wallet.grant(10, reference="soon", expires_at=in_days(3))
    wallet.grant(5, reference="for ever")
    let_pass(wallet, "soon")
    with pytest.raises(InsufficientCredits, match="needs 6; you have 5"):
        wallet.hold(6, reference="generation:1")
    wallet.hold(5, reference="generation:1")
    assert Wallet.objects.expire() == 10
    assert (wallet.entries.filter(kind="expire").count(), Wallet.objects.expire()) == (1, 0)


def test_a_grant_is_made_once_for_each_reference(wallet):
    assert wallet.grant(10, reference="invoice:in_1")
    assert not wallet.grant(10, reference="invoice:in_1")
    assert not wallet.grant(99, reference="invoice:in_1")
    assert wallet.available == 10


def test_a_refund_takes_its_own_credits_first(wallet):
    wallet.grant(10, reference="plan", expires_at=in_days(3))
    wallet.grant(50, reference="pack")
    assert wallet.take_back(50, reference="refund:re_1", granted_as="pack")
    assert not wallet.take_back(50, reference="refund:re_1", granted_as="pack")
    assert lots(wallet) == {"plan": 10, "pack": 0}
    assert (wallet.granted, wallet.available, wallet.debt) == (10, 10, 0)


def test_what_was_spent_of_a_refund_is_owed_and_blocks_new_work(wallet):
    wallet.grant(50, reference="pack")
    wallet.hold(30, reference="generation:1")
    wallet.settle(reference="generation:1", captured=30)
    wallet.take_back(50, reference="refund:re_1", granted_as="pack")
    assert (wallet.granted, wallet.available, wallet.spent, wallet.debt) == (0, 0, 30, 30)
    with pytest.raises(Indebted, match="owes 30 credits"):
        wallet.hold(1, reference="generation:2")
    wallet.grant(10, reference="gift")
    assert (wallet.available, wallet.debt) == (0, 20)
    wallet.grant(25, reference="another")
    assert (wallet.available, wallet.debt) == (5, 0)
    wallet.hold(5, reference="generation:2")


def test_what_comes_back_makes_up_for_what_is_owed(wallet):
    wallet.grant(50, reference="pack")
    wallet.hold(30, reference="generation:1")
    wallet.take_back(50, reference="refund:re_1", granted_as="pack")
    assert wallet.debt == 30
    wallet.settle(reference="generation:1", captured=10)
    assert (wallet.available, wallet.spent, wallet.debt) == (0, 10, 10)


def test_what_expired_of_a_refund_is_not_owed(wallet):
    wallet.grant(50, reference="pack", expires_at=in_days(3))
    wallet.hold(10, reference="generation:1")
    wallet.settle(reference="generation:1", captured=10)
    let_pass(wallet, "pack")
    wallet.expire()
    wallet.take_back(50, reference="refund:re_1", granted_as="pack")
    assert (wallet.expired, wallet.debt) == (40, 10)


@pytest.mark.parametrize("amount", [0, -5, 1.5, True, "7", 10**13])
def test_only_whole_positive_amounts_are_moved(wallet, amount):
    wallet.grant(50, reference="pack")
    for verb in (wallet.grant, wallet.hold, wallet.take_back):
        with pytest.raises(ValueError, match="Only whole, positive amounts"), transaction.atomic():
            verb(amount, reference="wrong")
    wallet.refresh_from_db()
    assert (wallet.granted, wallet.available) == (50, 50)


def test_a_hold_takes_a_handful_of_queries_however_many_grants_there_were(wallet, django_assert_max_num_queries):
    for number in range(30):
        wallet.grant(1, reference=f"spent:{number}")
    wallet.hold(30, reference="all")
    wallet.settle(reference="all", captured=30)
    wallet.grant(100, reference="pack")
    with django_assert_max_num_queries(9):  # with a savepoint and its end
        wallet.hold(10, reference="generation:1")
    with django_assert_max_num_queries(12):
        wallet.settle(reference="generation:1", captured=10)


def test_what_is_written_of_a_grant_stays(wallet):
    wallet.grant(10, reference="pack")
    with pytest.raises(AppendOnly):
        Portion.objects.update(amount=1)
    with pytest.raises(AppendOnly):
        Portion.objects.get().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        wallet.lots.update(available=11)


def test_the_audit_names_a_grant_that_is_off(wallet):
    wallet.grant(10, reference="pack")
    wallet.grant(10, reference="gift")
    wallet.lots.filter(reference="pack").update(available=4, spent=6)
    problems = " ".join(problems_of(wallet))
    assert "available of the grant pack stands at 4, its entries say 10" in problems
    assert "available stands at 20, its grants say 14" in problems
    wallet.lots.filter(reference="pack").update(available=10, spent=0)

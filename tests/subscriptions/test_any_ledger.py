"""Whatever is done to a wallet, in whatever order: nothing is below zero, and every credit is accounted for."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwayweb.subscriptions.management.commands.audit_ledger import problems_of
from runwayweb.subscriptions.models import Lot, Wallet
from runwayweb.subscriptions.refused import Refused
from tests.factories import make_user

AMOUNTS = st.integers(1, 40)
NUMBERS = st.integers(0, 5)
ACTS = st.one_of(
    st.tuples(st.just("grant"), AMOUNTS, NUMBERS, st.sampled_from([None, 1, 2, 3])),
    st.tuples(st.just("hold"), AMOUNTS, NUMBERS),
    st.tuples(st.just("settle"), st.floats(0, 1), NUMBERS),
    st.tuples(st.just("wait"), st.integers(1, 3)),
    st.tuples(st.just("expire")),
    st.tuples(st.just("take_back"), AMOUNTS, NUMBERS, st.one_of(st.none(), NUMBERS)),
)


class Story:
    """A wallet, and what a teller remembers of what was done to it."""

    def __init__(self, wallet):
        self.wallet, self.held = wallet, {}

    def tell(self, act, *told):
        getattr(self, act)(*told)
        self.wallet.refresh_from_db()
        balances = (self.wallet.granted, self.wallet.available, self.wallet.held, self.wallet.spent)
        assert min(*balances, self.wallet.expired, self.wallet.debt) >= 0
        assert self.wallet.held == sum(self.held.values())
        assert not (self.wallet.debt and self.wallet.available)

    def grant(self, amount, number, days):
        known = self.wallet.lots.filter(reference=f"grant:{number}").exists()
        expires_at = days and timezone.now() + timedelta(days=days)
        assert self.wallet.grant(amount, reference=f"grant:{number}", expires_at=expires_at) != known

    def hold(self, amount, number):
        reference = f"generation:{number}"
        if self.wallet.held_for(reference):
            return
        there = sum(lot.available for lot in self.wallet.lots.spendable())
        try:
            with transaction.atomic():
                self.wallet.hold(amount, reference=reference)
        except Refused:
            assert self.wallet.debt or there < amount
        else:
            assert there >= amount
            self.held[reference] = amount

    def settle(self, share, number):
        reference = f"generation:{number}"
        if held := self.held.pop(reference, 0):
            self.wallet.settle(reference=reference, captured=int(held * share))

    def wait(self, days):
        for lot in self.wallet.lots.exclude(expires_at=None):
            Lot.objects.filter(pk=lot.pk).update(expires_at=lot.expires_at - timedelta(days=days))

    def expire(self):
        Wallet.objects.expire()
        assert Wallet.objects.expire() == 0
        assert not self.wallet.lots.due().exists()

    def take_back(self, amount, number, granted):
        done = self.wallet.take_back(amount, reference=f"refund:{number}", granted_as=granted and f"grant:{granted}")
        entries = self.wallet.entries.filter(reference=f"refund:{number}", kind__in=("take_back", "owe"))
        assert done <= entries.exists()


@pytest.mark.django_db
@given(st.lists(ACTS, max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_credit_is_accounted_for_whatever_is_done(acts):
    with transaction.atomic():
        story = Story(Wallet.objects.of(make_user().open_workspace()))
        for act in acts:
            story.tell(*act)
        assert not list(problems_of(story.wallet))
        assert sum(story.wallet.lots.values_list("amount", flat=True)) >= story.wallet.granted
        transaction.set_rollback(True)

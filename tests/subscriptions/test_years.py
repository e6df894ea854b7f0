"""A year is paid at once, and its credits come month by month: in each month once, as long as it is paid for."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from generation.jobs import sweep
from runwayweb.subscriptions.accounted import problems_of
from runwayweb.subscriptions.billing.following import follow
from runwayweb.subscriptions.models import Lot, Payment, Plan, Subscription, Wallet
from runwayweb.subscriptions.months import months_after
from tests.subscriptions.paying import subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def begin(client, ada, stripe, tell):
    """`begin(months, days)`: Ada began to pay for Standard by the year so long ago; her wallet."""
    wallets = []

    def begin(months=0, days=0, interval="year"):
        clock = ago(stripe, months_after(timezone.now(), -months) - timedelta(days=days))
        client.force_login(ada)
        subscribe(client, stripe, plan="standard", interval=interval)
        until_now(stripe, clock)
        tell.all()
        wallets.append(Wallet.objects.of(ada.open_workspace()))
        return wallets[0]

    yield begin
    for wallet in wallets:
        wallet.refresh_from_db()
        assert not list(problems_of(wallet))


def ago(stripe, then):
    """A clock of Stripe's that shows `then`, for customers that are made from here on."""
    clock = stripe.v1.test_helpers.test_clocks.create({"frozen_time": int(then.timestamp())})
    stripe.control("clock", clock=clock.id)
    return clock.id


def until_now(stripe, clock):
    stripe.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": int(timezone.now().timestamp())})


def let_a_month_pass(wallet):
    """As if everything here had been a month earlier; then the sweep looks twice."""
    for rows, *columns in (
        (Subscription.objects.all(), "period_start", "period_end"),
        (Payment.objects.all(), "paid_at"),
        (Wallet.objects.all(), "next_month_at"),
        (Lot.objects.all(), "expires_at"),
    ):
        for row in rows:
            earlier = {name: moment and months_after(moment, -1) for name in columns if (moment := getattr(row, name))}
            rows.filter(pk=row.pk).update(**earlier)
    for _again in "12":
        sweep()
    wallet.refresh_from_db()


def months_of(wallet):
    """What the plan brought so far, a number for each time."""
    lots = wallet.lots.filter(source="plan").exclude(reference__startswith="plan:")  # those of the free plan
    return list(lots.order_by("pk").values_list("amount", flat=True))


def test_each_month_of_a_year_brings_its_credits_once_and_they_last_as_those_of_a_month(begin):
    wallet = begin()
    sweep()
    assert months_of(wallet) == [625], "with the invoice"
    for month in range(1, 12):
        let_a_month_pass(wallet)
        assert months_of(wallet) == [625] * (month + 1)
        assert wallet.available == 1250, "this month's, and those of the month before, which roll over"
        ends_at = months_after(months_after(Subscription.objects.get().period_end, -12), month + 1)
        assert wallet.lots.latest("pk").expires_at == months_after(ends_at, 1)
    assert Payment.objects.get().credits == 12 * 625
    let_a_month_pass(wallet)
    assert months_of(wallet) == [625] * 12, "the next year's come with its invoice"


def test_the_next_year_begins_with_its_invoice(begin):
    wallet = begin(months=13, days=3)
    sweep()
    assert months_of(wallet) == [625, 625, 625], "two invoices, and the second month of this year"
    assert Payment.objects.first().credits == 1250


def test_a_year_that_was_cancelled_goes_on_until_it_ends(begin, client, stripe, tell):
    wallet = begin(months=2, days=3)
    sweep()
    client.post(reverse("billing:cancellation"))
    let_a_month_pass(wallet)
    assert months_of(wallet) == [625] * 3
    stripe.v1.subscriptions.cancel(Subscription.objects.get().stripe_id)
    tell.all()
    let_a_month_pass(wallet)
    assert months_of(wallet) == [625] * 3


@pytest.mark.parametrize("status", ["past_due", "unpaid", "paused"])
def test_nothing_comes_while_it_is_not_paid_and_this_month_once_it_is(begin, status):
    wallet = begin()
    Subscription.objects.update(status=status, past_due_since=timezone.now())
    let_a_month_pass(wallet)
    assert months_of(wallet) == [625]
    Subscription.objects.update(status="active")
    wallet.look_again()
    sweep()
    assert months_of(wallet) == [625, 625]


def test_once_stripe_says_that_it_is_paid_the_next_sweep_looks(begin):
    wallet = begin()
    sweep()
    Subscription.objects.update(status="past_due", past_due_since=timezone.now())
    follow(wallet.workspace.customer)
    assert Subscription.objects.get().status == "active"
    assert wallet in Wallet.objects.filter(next_month_at=None)


@pytest.mark.parametrize("looked", [True, False])
def test_a_larger_plan_brings_the_rest_of_this_month_and_then_all_of_each(begin, client, looked):
    wallet = begin(months=2, days=10)
    if looked:
        sweep()
    client.post(reverse("billing:change"), {"plan": "pro", "interval": "year"})
    assert Plan.objects.of(wallet.workspace).slug == "pro"
    sweep()
    more = Payment.objects.first().credits
    assert more == pytest.approx((2250 - 625) * 20 / 30, rel=0.06)
    assert months_of(wallet) == [625, 625, more]
    let_a_month_pass(wallet)
    assert months_of(wallet) == [625, 625, more, 2250]


def test_a_smaller_plan_waits_for_its_year(begin, client):
    wallet = begin(months=2, days=10)
    client.post(reverse("billing:change"), {"plan": "pro", "interval": "year"})
    client.post(reverse("billing:change"), {"plan": "standard", "interval": "year"})
    let_a_month_pass(wallet)
    assert months_of(wallet)[-1] == 2250


def test_from_the_month_to_the_year_no_month_comes_twice(begin, client):
    wallet = begin(days=10, interval="month")
    client.post(reverse("billing:change"), {"plan": "standard", "interval": "year"})
    sweep()
    assert months_of(wallet) == [625, pytest.approx(625 / 3, rel=0.1)], "what is used of the month, anew"
    let_a_month_pass(wallet)
    assert months_of(wallet)[2:] == [625]


def test_a_trial_brings_its_part_and_then_the_year_its_months(begin, settings):
    settings.STRIPE_TRIAL_DAYS = 60
    wallet = begin(days=40)
    sweep()
    assert Subscription.objects.get().status == "trialing"
    assert months_of(wallet) == [625]


def test_after_its_trial_a_year_brings_its_months(begin, settings):
    settings.STRIPE_TRIAL_DAYS = 6
    wallet = begin(months=1, days=6 + 4)
    sweep()
    assert Subscription.objects.get().status == "active"
    assert months_of(wallet) == [125, 625, 625]


def test_a_refund_takes_its_part_of_every_month(begin, stripe, tell):
    wallet = begin(months=1, days=3)
    sweep()
    charge = stripe.v1.charges.list().data[0]
    stripe.v1.refunds.create({"charge": charge.id, "amount": charge.amount // 2})
    tell.all()
    wallet.refresh_from_db()
    assert wallet.available == 625, "half of two months"
    let_a_month_pass(wallet)
    assert months_of(wallet) == [625, 625, 313]
    stripe.v1.refunds.create({"charge": charge.id})
    tell.all()
    wallet.refresh_from_db()
    assert wallet.available == 0
    let_a_month_pass(wallet)
    assert months_of(wallet) == [625, 625, 313]


def test_a_dispute_takes_every_month_and_none_comes_until_it_is_won(begin, stripe, tell):
    wallet = begin(months=1, days=3)
    sweep()
    wallet.hold(1000, reference="film")
    wallet.settle(reference="film", captured=1000)
    dispute = stripe.control("disputes", charge=stripe.v1.charges.list().data[0].id)
    tell.all()
    wallet.refresh_from_db()
    assert (wallet.available, wallet.debt) == (0, 1000)
    let_a_month_pass(wallet)
    assert months_of(wallet) == [625, 625]
    stripe.control(f"disputes/{dispute['id']}", status="won")
    tell.all()
    sweep()
    wallet.refresh_from_db()
    assert wallet.debt == 0 and wallet.lots.filter(amount=625).count() == 3

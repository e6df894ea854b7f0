"""Events come in any order, and more than once: whatever the order, the same plan and the same credits."""

import itertools
import random

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from runwayweb.subscriptions.models import Payment, StripeEvent, Subscription, Wallet
from tests.subscriptions.paying import put_in_card

pytestmark = pytest.mark.django_db
STORY = (
    "checkout.session.completed",
    "customer.subscription.created",
    "invoice.paid",
    "customer.subscription.updated",
    "invoice.payment_failed",
)


@pytest.fixture
def workspace(client, ada, stripe):
    """Ada paid for Pro, a month went by, and the card was declined."""
    clock = stripe.new_clock()
    client.force_login(ada)
    page = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"]
    stripe.press(page)
    put_in_card(stripe, ada.open_workspace(), "0341")
    stripe.pass_days(clock, 32)
    return ada.open_workspace()


@pytest.fixture
def mended(stripe, workspace):
    """And then another card paid after all."""
    invoice = stripe.v1.invoices.list({"status": "open"}).data[0]
    stripe.press(invoice.hosted_invoice_url, card="4242")
    return workspace


def outcome(workspace):
    """Everything that is left of a story."""
    columns = ("status", "plan__slug", "interval", "stripe_id", "period_start", "period_end", "cancels_at")
    wallet = Wallet.objects.of(workspace)
    return (
        Subscription.objects.values(*columns).get(),
        (wallet.available, wallet.debt, wallet.entries.count()),
        sorted(Payment.objects.values_list("stripe_id", "status", "credits")),
    )


def in_every_order(stripe, tell, workspace):
    """What becomes of the story's events in each of their 120 orders, each told three times."""
    events = [stripe.events(type)[-1] for type in STORY]
    for order in itertools.permutations(events):
        before = transaction.savepoint()
        for event in order:
            for _time in range(3):
                assert tell(event).status_code == 200
        assert StripeEvent.objects.filter(came=3).count() == 5
        yield outcome(workspace)
        transaction.savepoint_rollback(before)


def where_some_were_lost(stripe, tell, workspace, times):
    """What becomes of it where any of them never came, or came twice, and what was missed is then sent again or looked
    up."""
    events = [stripe.events(type)[-1] for type in STORY]
    for seed in range(times):
        chance = random.Random(seed)
        before = transaction.savepoint()
        came = chance.choices(events, k=chance.randint(0, 4))
        for event in came:
            assert tell(event).status_code == 200
        if chance.random() < 0.5:
            call_command("stripe_sync")
        else:
            for event in chance.sample(events, len(events)):
                assert tell(event).status_code == 200
        yield outcome(workspace)
        transaction.savepoint_rollback(before)


@pytest.mark.parametrize("end", ["workspace", "mended"])
def test_what_was_lost_is_made_up_for(stripe, tell, request, end):
    workspace = request.getfixturevalue(end)
    before = transaction.savepoint()
    for event in [stripe.events(type)[-1] for type in STORY]:
        tell(event)
    whole = outcome(workspace)
    transaction.savepoint_rollback(before)
    outcomes = list(where_some_were_lost(stripe, tell, workspace, 25))
    assert len(outcomes) == 25 and all(one == whole for one in outcomes)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_past_due(stripe, tell, workspace):
    outcomes = list(in_every_order(stripe, tell, workspace))
    assert len(outcomes) == 120
    assert all(one == outcomes[0] for one in outcomes)
    subscription, credits, payments = outcomes[0]
    assert (subscription["status"], subscription["plan__slug"]) == ("past_due", "pro")
    assert credits[:2] == (2250, 0)
    assert sorted((status, credits) for _id, status, credits in payments) == [("open", 0), ("paid", 2250)]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_recovered(stripe, tell, mended):
    outcomes = list(in_every_order(stripe, tell, mended))
    assert len(outcomes) == 120
    assert all(one == outcomes[0] for one in outcomes)
    subscription, credits, _payments = outcomes[0]
    assert subscription["status"] == "active" and credits[:2] == (4500, 0)

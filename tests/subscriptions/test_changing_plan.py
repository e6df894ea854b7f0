"""More, less, an end, no end after all: on our own page and on Stripe's."""

import pytest
from django.urls import reverse

from runwayweb.accounts.hooks import NotYet, end_elsewhere
from runwayweb.accounts.models import AuditEntry
from runwayweb.subscriptions.models import Payment, Plan, Subscription, Wallet
from tests.subscriptions.paying import put_in_card, subscribe, switch_at_portal

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace(client, ada, stripe, clock):
    """Ada's, on Standard since half a month."""
    client.force_login(ada)
    subscribe(client, stripe, plan="standard")
    stripe.pass_days(clock, 15)
    return ada.open_workspace()


def choose(client, plan, interval="month"):
    return client.post(reverse("billing:change"), {"plan": plan, "interval": interval}, follow=True)


def test_a_larger_plan_is_shown_what_it_costs_then_begins_at_once(client, stripe, workspace):
    page = client.get(reverse("billing:change"), {"plan": "pro", "interval": "month"}).content.decode()
    assert "Pro for the rest of the period" in page and "Time not used of Standard" in page
    assert "You are on Pro" in choose(client, "pro").content.decode()
    assert Plan.objects.of(workspace).slug == "pro"
    change = Payment.objects.first()
    assert 900 < change.cents < 1100  # half of 35 − 15
    assert change.about == "Pro"
    # And half of the credits that Pro has more.
    assert change.credits == pytest.approx((2250 - 625) / 2, rel=0.06)
    assert Wallet.objects.of(workspace).available == 625 + change.credits
    assert AuditEntry.objects.filter(workspace=workspace, action="plan.chosen").exists()


def test_a_smaller_plan_waits_until_the_period_ends(client, stripe, workspace, clock, tell):
    choose(client, "pro")
    assert "begins when this period ends" in choose(client, "standard").content.decode()
    subscription = Subscription.objects.get()
    assert (subscription.plan.slug, subscription.next_plan.slug) == ("pro", "standard")
    stripe.pass_days(clock, 20)
    tell.all()
    subscription.refresh_from_db()
    assert (subscription.plan.slug, subscription.next_plan) == ("standard", None)
    assert Payment.objects.first().cents == 1500


def test_who_thinks_better_of_it_stays(client, stripe, workspace, clock, tell):
    choose(client, "pro")
    choose(client, "standard")
    client.post(reverse("billing:resumption"))
    assert Subscription.objects.get().next_plan is None
    stripe.pass_days(clock, 20)
    tell.all()
    assert Plan.objects.of(workspace).slug == "pro"


def test_and_may_think_better_of_that_too(client, stripe, workspace):
    choose(client, "pro")
    for _time in range(2):
        choose(client, "standard")
        assert Subscription.objects.get().next_plan.slug == "standard"
        choose(client, "pro")
        assert Subscription.objects.get().next_plan is None


def test_another_plan_can_be_chosen_while_one_waits(client, stripe, workspace):
    choose(client, "pro")
    choose(client, "standard")
    choose(client, "unlimited")
    subscription = Subscription.objects.get()
    assert (subscription.plan.slug, subscription.next_plan) == ("unlimited", None)


def test_from_month_to_year_is_at_once_and_back_waits(client, stripe, workspace):
    choose(client, "standard", "year")
    assert Subscription.objects.get().interval == "year"
    choose(client, "standard", "month")
    subscription = Subscription.objects.get()
    assert (subscription.interval, subscription.next_plan.slug) == ("year", "standard")


def test_a_plan_that_is_cancelled_lasts_until_the_period_ends(client, stripe, workspace, clock, tell, mail, ada):
    client.post(reverse("billing:cancellation"))
    subscription = Subscription.objects.get()
    assert subscription.cancels_at == subscription.period_end
    assert Plan.objects.of(workspace).slug == "standard"
    stripe.pass_days(clock, 20)
    tell.all()
    assert Subscription.objects.get().status == "canceled"
    assert Plan.objects.of(workspace).slug == "free"
    assert mail.wait_for(ada.email, "was cancelled") and mail.wait_for(ada.email, "has ended")


def test_until_then_it_can_go_on(client, stripe, workspace, clock, tell):
    client.post(reverse("billing:cancellation"))
    client.post(reverse("billing:resumption"))
    assert Subscription.objects.get().cancels_at is None
    stripe.pass_days(clock, 20)
    tell.all()
    assert Plan.objects.of(workspace).slug == "standard"


def test_a_plan_that_waits_for_its_time_can_be_cancelled_too(client, stripe, workspace):
    choose(client, "pro")
    choose(client, "standard")
    client.post(reverse("billing:cancellation"))
    subscription = Subscription.objects.get()
    assert subscription.cancels_at and subscription.next_plan is None


def test_a_change_that_the_card_does_not_pay_leads_to_its_invoice(client, stripe, workspace, tell):
    put_in_card(stripe, workspace, "0341")
    answer = client.post(reverse("billing:change"), {"plan": "pro", "interval": "month"})
    assert answer.status_code == 303 and "/invoices/" in answer["Location"]
    assert Plan.objects.of(workspace).slug == "standard"
    before = Wallet.objects.of(workspace).available
    stripe.press(answer["Location"], card="4242")
    tell.all()
    assert Plan.objects.of(workspace).slug == "pro"
    assert Wallet.objects.of(workspace).available > before


def test_what_is_changed_at_stripes_portal_counts_here(client, stripe, workspace, tell):
    from runwayweb.subscriptions.billing.prices import price_of

    switch_at_portal(stripe, workspace, price_of(Plan.objects.get(slug="pro"), "month"))
    tell.all()
    assert Plan.objects.of(workspace).slug == "pro"
    switch_at_portal(stripe, workspace, price_of(Plan.objects.get(slug="standard"), "month"))
    tell.all()
    assert Subscription.objects.get().next_plan.slug == "standard"


def test_a_plan_that_costs_something_else_now_is_known_by_its_old_price(client, stripe, workspace, clock, tell):
    from django.core.management import call_command

    Plan.objects.filter(slug="standard").update(monthly_cents=1900)
    call_command("stripe_sync")
    stripe.pass_days(clock, 20)
    tell.all()
    assert Plan.objects.of(workspace).slug == "standard"
    assert Payment.objects.first().cents == 1500
    assert Wallet.objects.of(workspace).available == 1250


def test_a_workspace_that_goes_away_is_charged_no_more(client, stripe, workspace, clock):
    stripe.fault("500", path="GET /v1/subscriptions", times=2)
    with pytest.raises(NotYet):
        end_elsewhere(workspace)
    end_elsewhere(workspace)
    end_elsewhere(workspace)  # again changes nothing
    stripe.pass_days(clock, 40)
    assert len(stripe.v1.invoices.list().data) == 1

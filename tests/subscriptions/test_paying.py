"""Paying for a plan and for credits, at Stripe's own pages."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse

from runwayweb.subscriptions.models import Checkout, Customer, Payment, Plan, Subscription, Wallet
from tests.factories import make_user
from tests.subscriptions.paying import press, subscribe

pytestmark = pytest.mark.django_db


def test_who_pays_for_pro_is_on_pro_with_its_credits(client, ada, stripe):
    client.force_login(ada)
    page = subscribe(client, stripe)
    assert "It is paid" in page.content.decode()
    workspace = ada.open_workspace()
    assert Plan.objects.of(workspace).slug == "pro"
    assert Wallet.objects.of(workspace).available == 2250
    lot = Wallet.objects.of(workspace).lots.get()
    assert lot.source == "plan" and lot.expires_at > Subscription.objects.get().period_end


def test_events_that_come_after_it_change_nothing(client, ada, stripe, tell, mail):
    client.force_login(ada)
    subscribe(client, stripe)
    tell.all()
    assert Wallet.objects.of(ada.open_workspace()).available == 2250
    assert Payment.objects.get().credits == 2250
    assert [str(one["subject"]) for one in mail.messages] == ["“Ada's studio” is on Pro"]


def test_a_card_that_is_declined_pays_nothing(client, ada, stripe, tell):
    client.force_login(ada)
    press(client, stripe, card="0002", plan="pro", interval="month")
    tell.all()
    assert not Subscription.objects.exists()
    assert not Payment.objects.exists()


def test_who_presses_twice_is_sent_to_the_same_page(client, ada, stripe):
    client.force_login(ada)
    first, second = (
        client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"] for _ in "12"
    )
    assert first == second


def test_another_plan_closes_the_page_for_the_first(client, ada, stripe):
    client.force_login(ada)
    first = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"]
    second = client.post(reverse("billing:checkout"), {"plan": "standard", "interval": "month"})["Location"]
    assert first != second
    assert [one.status for one in stripe.v1.checkout.sessions.list().data] == ["open", "expired"]


@pytest.mark.django_db(transaction=True)
def test_of_two_pages_that_are_opened_at_once_one_is_left(client, ada, stripe):
    call_command("stripe_sync")
    stripe.fault("slow", path="POST /v1/checkout/sessions$", seconds=1)
    client.force_login(ada)
    other = Client()
    other.force_login(ada)

    def choose(browser, plan):
        try:
            return browser.post(reverse("billing:checkout"), {"plan": plan, "interval": "month"})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(choose, other, "pro")
        while not stripe.requests("POST /v1/checkout/sessions"):
            assert not first.done()
        second = choose(client, "standard")
        assert first.result()["Location"] == reverse("billing:billing")  # told that it did not work
    open_ones = [one.url for one in stripe.v1.checkout.sessions.list().data if one.status == "open"]
    assert open_ones == [second["Location"]]


def test_who_has_paid_on_another_page_does_not_pay_again(client, ada, stripe):
    client.force_login(ada)
    first = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"]
    stripe.press(first, card="4242")  # and the way back is lost, and so is every event
    answer = client.post(reverse("billing:checkout"), {"plan": "standard", "interval": "month"}, follow=True)
    assert "has a plan already" in answer.content.decode()
    assert len(stripe.v1.subscriptions.list().data) == 1
    assert Plan.objects.of(ada.open_workspace()).slug == "pro"


@pytest.mark.parametrize("invoices", [True, False])
def test_a_pack_is_bought_once(client, ada, stripe, tell, settings, invoices):
    settings.STRIPE_INVOICES = invoices
    client.force_login(ada)
    press(client, stripe, "pack", pack="small")
    tell.all()
    wallet = Wallet.objects.of(ada.open_workspace())
    assert wallet.available == 250
    assert wallet.lots.get().source == "pack"
    payment = Payment.objects.get()
    assert bool(payment.number) == invoices and payment.cents == 500
    assert not Checkout.objects.filter(ended_at=None).exists()
    press(client, stripe, "pack", pack="small")
    wallet.refresh_from_db()
    assert wallet.available == 500


def test_a_trial_is_given_once_and_brings_its_days(client, ada, stripe, tell, settings, mail):
    settings.STRIPE_TRIAL_DAYS = 6
    clock = stripe.new_clock()
    client.force_login(ada)
    subscribe(client, stripe)
    workspace = ada.open_workspace()
    assert Subscription.objects.get().status == "trialing"
    assert Plan.objects.of(workspace).slug == "pro"
    assert Wallet.objects.of(workspace).available == 450  # six days of thirty
    stripe.pass_days(clock, 5)
    tell.all()
    assert mail.wait_for(ada.email, "ends soon")
    stripe.pass_days(clock, 2)
    tell.all()
    assert Subscription.objects.get().status == "active"
    assert Wallet.objects.of(workspace).available == 450 + 2250
    client.post(reverse("billing:cancellation"))
    stripe.pass_days(clock, 40)
    tell.all()
    assert Subscription.objects.get().status == "canceled"
    subscribe(client, stripe)
    assert Subscription.objects.get().status == "active"


def test_a_code_takes_something_off_and_tax_is_added(client, ada, stripe, settings):
    settings.STRIPE_TAX = True
    coupon = stripe.v1.coupons.create({"percent_off": 50, "duration": "once"})
    stripe.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "HALF"})
    client.force_login(ada)
    page = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"]
    client.get(stripe.press(page, card="4242", code="HALF"))
    assert Payment.objects.get().cents == 2100  # half of 35, and a fifth of that
    assert Wallet.objects.of(ada.open_workspace()).available == 2250


def test_a_code_that_counts_once_is_used_once(client, ada, stripe):
    coupon = stripe.v1.coupons.create({"percent_off": 100, "duration": "once", "max_redemptions": 1})
    stripe.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "GIFT"})
    for somebody, comes_through in ((ada, True), (make_user("mallory"), False)):
        client.force_login(somebody)
        page = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"]
        back = stripe.press(page, card="4242", code="GIFT")
        assert bool(back) == comes_through
        if back:
            client.get(back)
    assert Payment.objects.get().cents == 0
    assert Wallet.objects.of(ada.open_workspace()).available == 2250


def test_a_year_is_paid_at_once_and_its_credits_come_month_by_month(client, ada, stripe):
    client.force_login(ada)
    subscribe(client, stripe, interval="year")
    assert Subscription.objects.get().interval == "year"
    assert Wallet.objects.of(ada.open_workspace()).available == 2250


def test_the_portal_is_somewhere_to_go(client, ada, stripe):
    client.force_login(ada)
    assert client.post(reverse("billing:portal")).status_code == 404
    subscribe(client, stripe)
    assert client.post(reverse("billing:portal"))["Location"].startswith(f"{stripe.url}/p/session/")


def test_what_is_not_sold_is_not_paid_for(client, ada, stripe):
    client.force_login(ada)
    for plan in ("free", "house", "none"):
        answer = client.post(reverse("billing:checkout"), {"plan": plan, "interval": "month"}, follow=True)
        assert "no such plan" in answer.content.decode()
    assert client.post(reverse("billing:pack"), {"pack": "none"}).status_code == 404
    assert not Customer.objects.exists()


def test_without_keys_the_page_says_so_and_no_door_is_there(client, ada, settings):
    settings.STRIPE_SECRET_KEY = ""
    client.force_login(ada)
    page = client.get(reverse("billing:billing"))
    assert "takes no payments" in page.content.decode()
    for name in ("checkout", "pack", "portal", "cancellation", "resumption", "webhook"):
        assert client.post(reverse(f"billing:{name}")).status_code == 404, name

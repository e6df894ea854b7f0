"""Stripe refuses the connection, is slow, fails, is busy, or does it and cannot say so: nobody pays twice."""

import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from runwayweb.subscriptions.models import Checkout, Customer, Payment, Plan, Subscription, Wallet
from tests.subscriptions.paying import subscribe

pytestmark = pytest.mark.django_db
FAULTS = ["refuse", "slow", "500", "429", "cut"]
AWAY = "does not answer just now"


@pytest.fixture
def impatient(settings):
    settings.STRIPE_TIMEOUT_SECONDS = 0.4


def fail(stripe, kind, path):
    """What happens to a request and to the one more that the library sends by itself."""
    stripe.fault(kind, path=path, times=2, seconds=0.8)


def keys(stripe, path):
    return {one["key"] for one in stripe.requests(path)}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAULTS)
def test_a_checkout_that_fails_is_told_and_is_the_same_when_pressed_again(client, ada, stripe, impatient, kind):
    client.force_login(ada)
    client.post(reverse("billing:checkout"), {"plan": "standard", "interval": "month"})  # prices are there
    fail(stripe, kind, "POST /v1/checkout/sessions$")
    asked = {"plan": "pro", "interval": "month"}
    answer = client.post(reverse("billing:checkout"), asked, follow=True)
    assert AWAY in answer.content.decode()
    stripe.control("faults")
    page = client.post(reverse("billing:checkout"), asked)["Location"]
    stripe.press(page)
    open_ones = [one for one in stripe.v1.checkout.sessions.list().data if one.status == "open"]
    assert open_ones == []
    assert len(keys(stripe, "POST /v1/checkout/sessions")) == 3  # of the first plan, its closing, and of the second
    assert len(stripe.v1.subscriptions.list().data) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAULTS)
def test_a_customer_is_made_once(client, ada, stripe, impatient, kind):
    client.force_login(ada)
    fail(stripe, kind, "POST /v1/customers")
    assert AWAY in client.post(reverse("billing:pack"), {"pack": "small"}, follow=True).content.decode()
    stripe.control("faults")
    client.post(reverse("billing:pack"), {"pack": "small"})
    assert [one.id for one in stripe.v1.customers.list().data] == [Customer.objects.get().stripe_id]


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAULTS)
def test_a_change_that_fails_is_made_once(client, ada, stripe, impatient, kind):
    client.force_login(ada)
    subscribe(client, stripe, plan="standard")
    client.get(reverse("billing:change"), {"plan": "pro", "interval": "month"})  # prices are there
    fail(stripe, kind, r"POST /v1/subscriptions/\w+$")
    choice = {"plan": "pro", "interval": "month"}
    assert AWAY in client.post(reverse("billing:change"), choice, follow=True).content.decode()
    stripe.control("faults")
    client.post(reverse("billing:change"), choice)
    assert Plan.objects.of(ada.open_workspace()).slug == "pro"
    reasons = [one.billing_reason for one in stripe.v1.invoices.list().data]
    assert reasons == ["subscription_update", "subscription_create"]


@pytest.mark.parametrize("kind", ["refuse", "cut"])
def test_the_way_back_opens_whatever_stripe_does(client, ada, stripe, tell, kind):
    client.force_login(ada)
    page = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"]
    back = stripe.press(page)
    fail(stripe, kind, "GET /v1/checkout/sessions")
    assert AWAY in client.get(back, follow=True).content.decode()
    tell.all()
    assert Wallet.objects.of(ada.open_workspace()).available == 2250


def test_the_billing_page_and_the_known_plan_stay(client, ada, stripe):
    client.force_login(ada)
    subscribe(client, stripe)
    stripe.fault("refuse", times=1000)
    page = client.get(reverse("billing:billing"))
    assert page.status_code == 200 and "Pro" in page.content.decode()
    assert client.get(reverse("billing:next-invoice")).status_code == 200
    assert Plan.objects.of(ada.open_workspace()).slug == "pro"


def test_a_key_that_is_wrong_is_told_like_an_outage(client, ada, stripe, settings):
    settings.STRIPE_SECRET_KEY = "sk_wrong"
    client.force_login(ada)
    answer = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"}, follow=True)
    assert AWAY in answer.content.decode()


def test_what_stripe_refuses_is_told_and_the_next_press_asks_anew(client, ada, stripe):
    client.force_login(ada)
    Plan.objects.filter(slug="pro").update(stripe_monthly_price="price_gone")
    answer = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"}, follow=True)
    assert "Stripe did not accept that" in answer.content.decode()
    assert not Checkout.objects.filter(ended_at=None).exists()


# After an outage


def test_sync_makes_products_and_prices_once(stripe, capsys):
    call_command("stripe_sync")
    first = [one.id for one in stripe.v1.prices.list({"limit": 100}).data]
    assert len(first) == 3 * 2 + 3  # three plans by the month and by the year, three packs
    capsys.readouterr()
    call_command("stripe_sync")
    assert [one.id for one in stripe.v1.prices.list({"limit": 100}).data] == first
    assert "0 things made" in capsys.readouterr().out
    assert len(stripe.v1.billing_portal.configurations.list().data) == 1
    assert stripe.v1.prices.list({"lookup_keys": ["runwayweb-pro-month"]}).data[0].unit_amount == 3500


def test_sync_forgets_no_price_when_the_database_does(stripe):
    call_command("stripe_sync")
    before = Plan.objects.get(slug="pro").stripe_monthly_price
    Plan.objects.update(stripe_product="", stripe_monthly_price="", stripe_yearly_price="")
    call_command("stripe_sync")
    assert Plan.objects.get(slug="pro").stripe_monthly_price == before


def test_sync_after_an_outage_brings_everything_that_was_missed(client, ada, stripe):
    clock = stripe.new_clock()
    client.force_login(ada)
    page = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"]
    stripe.press(page)
    pack = client.post(reverse("billing:pack"), {"pack": "small"})["Location"]
    stripe.press(pack)
    stripe.pass_days(clock, 64)  # two more invoices
    charge = next(one for one in stripe.v1.charges.list().data if one.amount == 3500)
    stripe.v1.refunds.create({"charge": charge.id})
    for _time in range(2):
        call_command("stripe_sync")
        assert Subscription.objects.get().status == "active"
        assert Payment.objects.count() == 4
        assert Wallet.objects.of(ada.open_workspace()).available == 250 + 2 * 2250


def test_sync_after_a_backup_was_put_back_finds_its_customers(client, ada, stripe):
    client.force_login(ada)
    subscribe(client, stripe)
    workspace = ada.open_workspace()
    for model in (Customer, Subscription, Payment):
        model.objects.all().delete()
    call_command("stripe_sync")
    assert Plan.objects.of(workspace).slug == "pro"
    assert Payment.objects.count() == 1


def test_sync_without_keys_or_without_stripe_says_so(stripe, settings):
    stripe.fault("500", times=100)
    with pytest.raises(CommandError, match="does not answer"):
        call_command("stripe_sync")
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(CommandError, match="no STRIPE_SECRET_KEY"):
        call_command("stripe_sync")


def test_stripes_library_is_loaded_by_whoever_asks_and_by_nobody_else():
    code = "import sys, runwayweb.asgi; from django.urls import get_resolver; get_resolver().url_patterns"
    told = subprocess.run([sys.executable, "-c", f"{code}; sys.exit('stripe' in sys.modules)"], capture_output=True)
    assert told.returncode == 0, told.stderr.decode()

"""What comes in at the webhook: from Stripe, or from somebody who says so."""

import json
import logging
import time

import pytest
from django.urls import reverse

from runwayweb.subscriptions.billing.views.webhook import MOST_BYTES
from runwayweb.subscriptions.models import Plan, StripeEvent, Subscription, Wallet
from tests.servers.stripe.signing import signature
from tests.servers.stripe.telling import post
from tests.subscriptions.paying import subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(client, ada, stripe):
    """Ada paid for Pro, and no event has come yet: the event about it."""
    client.force_login(ada)
    page = client.post(reverse("billing:checkout"), {"plan": "pro", "interval": "month"})["Location"]
    stripe.press(page)
    return stripe.events("customer.subscription.created")[0]


def test_an_event_alone_brings_the_plan_and_its_credits(ada, paid, tell):
    assert tell(paid).status_code == 200
    workspace = ada.open_workspace()
    assert Plan.objects.of(workspace).slug == "pro"
    assert Wallet.objects.of(workspace).available == 2250


@pytest.mark.parametrize(
    "header",
    ["", "t=1,v1=00", "v1=00", "t=,v1=", "nonsense", "t=99999999999999999999,v1=00", "t=1,v0=00"],
)
def test_what_is_not_signed_is_refused(client, paid, stripe, header):
    answer = post(client, paid, secret="", header=header)
    assert answer.status_code == 400
    assert not StripeEvent.objects.exists()


def test_what_is_signed_with_another_secret_or_changed_after_is_refused(client, paid, stripe):
    assert post(client, paid, secret="whsec_other").status_code == 400
    body = json.dumps(paid)
    header = signature(body, [stripe.SECRET])
    assert post(client, body.replace("customer", "costumer"), secret="", header=header).status_code == 400


def test_one_that_is_six_minutes_old_is_refused_and_one_of_four_is_not(client, paid, stripe):
    assert post(client, paid, secret=stripe.SECRET, at=time.time() - 360).status_code == 400
    assert post(client, paid, secret=stripe.SECRET, at=time.time() - 240).status_code == 200


def test_while_a_secret_is_rolled_over_both_count(client, paid, stripe, settings):
    settings.STRIPE_WEBHOOK_SECRET = ["whsec_new", stripe.SECRET]
    assert post(client, paid, secret=stripe.SECRET).status_code == 200
    assert post(client, paid, secret="whsec_new").status_code == 200
    body = json.dumps(paid)
    assert post(client, body, secret="", header=signature(body, ["whsec_old", "whsec_new"])).status_code == 200


def test_an_event_that_comes_again_changes_nothing_and_asks_nothing(paid, tell, stripe, ada):
    tell(paid)
    asked = len(stripe.requests())
    assert tell(paid).status_code == 200
    assert len(stripe.requests()) == asked
    assert StripeEvent.objects.get().came == 2
    assert Wallet.objects.of(ada.open_workspace()).available == 2250


def test_an_unknown_event_and_one_about_a_stranger_are_kept(tell, paid, stripe):
    assert tell(paid | {"id": "evt_1", "type": "climate.order.canceled"}).status_code == 200
    stranger = stripe.v1.customers.create({"email": "mallory@example.org"})
    product = stripe.v1.products.create({"name": "Soap"})
    price = {"product": product.id, "currency": "usd", "unit_amount": 100, "recurring": {"interval": "month"}}
    price = stripe.v1.prices.create(price)
    stripe.v1.subscriptions.create({"customer": stranger.id, "items": [{"price": price.id}]})
    theirs = [
        e for e in stripe.events("customer.subscription.created") if e["data"]["object"]["customer"] == stranger.id
    ]
    assert tell(theirs[0]).status_code == 200
    assert set(StripeEvent.objects.values_list("outcome", flat=True)) == {"nothing to do", "not a customer of ours"}
    assert not Subscription.objects.exists()


def test_an_event_about_what_is_gone_is_kept(tell, paid, ada, stripe):
    event = stripe.events("invoice.paid")[0]
    event["data"]["object"]["id"] = "in_gone"
    assert tell(event).status_code == 200
    assert StripeEvent.objects.get().outcome == "gone at Stripe"


@pytest.mark.parametrize(
    "changed",
    [
        {"livemode": True},
        {"account": "acct_other"},
        {"data": {}},
        {"data": {"object": "x"}},
        {"created": "soon"},
        {"id": None, "data": None},
    ],
)
def test_a_live_event_and_one_of_another_account_are_refused(tell, paid, changed):
    assert tell(paid | {"id": "evt_1"} | changed).status_code == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "null", "{}", '"x"', "{", "[" * 100_000])
def test_what_is_no_event_is_refused(client, stripe, body):
    assert post(client, body, secret=stripe.SECRET).status_code == 400


def test_what_is_no_text_is_refused(client, stripe):
    answer = client.post("/billing/webhook", b"\xff\xfe", content_type="application/json")
    assert answer.status_code == 400


def test_a_megabyte_is_refused(client, stripe):
    assert post(client, "x" * (MOST_BYTES + 1), secret=stripe.SECRET).status_code == 413


def test_only_posts_come_in(client, stripe):
    assert client.get("/billing/webhook").status_code == 405


@pytest.mark.parametrize("kind", ["refuse", "500", "429", "slow"])
def test_when_stripe_cannot_be_asked_the_event_is_to_come_again(ada, paid, tell, stripe, settings, kind):
    settings.STRIPE_TIMEOUT_SECONDS = 0.3
    stripe.fault(kind, path="GET ", times=2, seconds=0.5)
    answer = tell(paid)
    assert answer.status_code == 503 and answer["Retry-After"]
    assert StripeEvent.objects.get().handled_at is None
    stripe.control("faults")
    settings.STRIPE_TIMEOUT_SECONDS = 5
    assert tell(paid).status_code == 200
    assert Wallet.objects.of(ada.open_workspace()).available == 2250


def test_no_secret_is_written_down(client, paid, tell, stripe, caplog, settings):
    caplog.set_level(logging.DEBUG)
    settings.STRIPE_TIMEOUT_SECONDS = 0.3
    stripe.fault("500", times=3)
    tell(paid)
    tell(paid)
    post(client, paid, secret="whsec_other")
    assert stripe.KEY not in caplog.text and stripe.SECRET not in caplog.text


def test_what_was_read_earlier_never_overwrites_what_was_read_later(client, ada, stripe):
    from datetime import timedelta

    from django.utils import timezone

    from runwayweb.subscriptions.billing.following import follow
    from runwayweb.subscriptions.models import Customer

    client.force_login(ada)
    subscribe(client, stripe)
    Customer.objects.update(read_at=timezone.now() + timedelta(minutes=1))
    client.post(reverse("billing:cancellation"))
    assert Subscription.objects.get().cancels_at is None
    Customer.objects.update(read_at=timezone.now())
    follow(Customer.objects.get())
    assert Subscription.objects.get().cancels_at


def test_stripe_is_never_asked_inside_a_transaction(stripe):
    from django.db import transaction

    from runwayweb.subscriptions.billing.client import asking

    with pytest.raises(RuntimeError), transaction.atomic(), asking():
        pass


def test_a_customer_who_was_deleted_at_stripe_has_no_plan_any_more_and_can_pay_again(client, ada, stripe, tell):
    client.force_login(ada)
    subscribe(client, stripe)
    stripe.v1.customers.delete(ada.open_workspace().customer.stripe_id)
    for event in reversed(stripe.events("customer.subscription.deleted", "customer.deleted")):
        assert tell(event).status_code == 200
    assert Plan.objects.of(ada.open_workspace()).slug == "free"
    subscribe(client, stripe)
    assert Plan.objects.of(ada.open_workspace()).slug == "pro"


@pytest.mark.django_db(transaction=True)
def test_events_that_come_at_the_same_moment_bring_the_credits_once(ada, paid, stripe):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections
    from django.test import Client

    events = stripe.events("checkout.session.completed", "customer.subscription.created", "invoice.paid")

    def bring(event):
        try:
            return post(Client(), event, secret=stripe.SECRET).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(bring, events * 4)) == {200}
    assert Wallet.objects.of(ada.open_workspace()).available == 2250
    assert StripeEvent.objects.filter(came=4).count() == 3

"""The Stripe the other stories stand on behaves as the official library expects it to."""

import pytest
import stripe as library

from tests.servers.stripe.running import PracticeStripe


@pytest.fixture(scope="module")
def server():
    server = PracticeStripe().start()
    yield server
    server.stop()


@pytest.fixture
def stripe(server):
    server.forget()
    return server


@pytest.fixture
def prices(stripe):
    """A smaller and a larger price of a month."""
    product = stripe.v1.products.create({"name": "Pro"})
    common = {"product": product.id, "currency": "usd", "recurring": {"interval": "month"}}
    return [
        stripe.v1.prices.create(common | {"unit_amount": cents, "lookup_key": f"at-{cents}"}) for cents in (3000, 9000)
    ]


def subscribe(stripe, price, card="4242", customer=None, code="", **more):
    """Somebody pays in Checkout: the session afterwards."""
    customer = customer or stripe.v1.customers.create({"email": "ada@example.org"}).id
    session = stripe.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer,
            "line_items": [{"price": price.id, "quantity": 1}],
            "success_url": "http://shop.example/{CHECKOUT_SESSION_ID}",
        }
        | more
    )
    stripe.press(session.url, card=card, code=code)
    return stripe.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice", "invoice"]})


def types(stripe):
    return [event.type for event in reversed(stripe.v1.events.list({"limit": 100}).data)]


def test_a_card_that_is_declined_leaves_checkout_open(stripe, prices):
    session = subscribe(stripe, prices[0], card="0002")
    assert (session.status, session.subscription) == ("open", None)
    assert "payment_intent.payment_failed" in types(stripe)
    assert stripe.press(session.url, card="4242") == f"http://shop.example/{session.id}"


def test_a_month_later_there_is_a_second_invoice_and_a_declined_card_makes_it_past_due(stripe, prices):
    clock = stripe.new_clock()
    session = subscribe(stripe, prices[0])
    sub = session.subscription
    stripe.pass_days(clock, 32)
    invoices = stripe.v1.invoices.list({"customer": sub.customer}).data
    assert [(one.billing_reason, one.status) for one in invoices] == [
        ("subscription_cycle", "paid"),
        ("subscription_create", "paid"),
    ]
    portal = stripe.v1.billing_portal.sessions.create({"customer": sub.customer})
    stripe.press(portal.url, act="card", card="0341")
    stripe.pass_days(clock, 31)
    assert stripe.v1.subscriptions.retrieve(sub.id).status == "past_due"
    stripe.press(portal.url, act="card", card="4242")
    stripe.pass_days(clock, 4)
    assert stripe.v1.subscriptions.retrieve(sub.id).status == "active"
    assert types(stripe).count("invoice.payment_failed") == 1


def test_a_larger_plan_is_paid_for_in_part_and_a_smaller_one_waits_for_its_time(stripe, prices):
    clock = stripe.new_clock()
    sub = subscribe(stripe, prices[0]).subscription
    stripe.pass_days(clock, 15)
    portal = stripe.v1.billing_portal.sessions.create({"customer": sub.customer}).url
    stripe.press(portal, act="switch", price=prices[1].id)
    invoice = stripe.v1.invoices.list({"customer": sub.customer}).data[0]
    assert invoice.billing_reason == "subscription_update" and 2800 < invoice.amount_paid < 3200
    stripe.press(portal, act="switch", price=prices[0].id)
    assert stripe.v1.subscriptions.retrieve(sub.id)["items"].data[0].price.id == prices[1].id
    stripe.pass_days(clock, 20)
    after = stripe.v1.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})
    assert after["items"].data[0].price.id == prices[0].id
    assert (after.latest_invoice.total, after.schedule) == (3000, None)


def test_a_change_that_cannot_be_paid_waits(stripe, prices):
    sub = subscribe(stripe, prices[0]).subscription
    stripe.press(stripe.v1.billing_portal.sessions.create({"customer": sub.customer}).url, act="card", card="0341")
    change = {"items": [{"id": sub["items"].data[0].id, "price": prices[1].id}], "proration_behavior": "always_invoice"}
    changed = stripe.v1.subscriptions.update(sub.id, change | {"payment_behavior": "pending_if_incomplete"})
    assert changed.pending_update and changed["items"].data[0].price.id == prices[0].id
    stripe.press(stripe.v1.invoices.retrieve(changed.latest_invoice).hosted_invoice_url, card="4242")
    after = stripe.v1.subscriptions.retrieve(sub.id)
    assert not after.pending_update and after["items"].data[0].price.id == prices[1].id


def test_a_trial_costs_nothing_at_first_and_a_code_takes_something_off(stripe, prices):
    clock = stripe.new_clock()
    coupon = stripe.v1.coupons.create({"percent_off": 50, "duration": "once"})
    stripe.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "HALF"})
    trial = {"subscription_data": {"trial_period_days": 7}}
    session = subscribe(stripe, prices[0], code="HALF", allow_promotion_codes=True, **trial)
    assert session.subscription.status == "trialing" and session.invoice.amount_paid == 0
    stripe.pass_days(clock, 5)
    assert "customer.subscription.trial_will_end" in types(stripe)
    stripe.pass_days(clock, 3)
    sub = stripe.v1.subscriptions.retrieve(session.subscription.id, {"expand": ["latest_invoice"]})
    assert (sub.status, sub.latest_invoice.amount_paid) == ("active", 1500)


def test_the_same_key_is_answered_the_same(stripe):
    def make(**asked):
        return stripe.v1.customers.create(asked, {"idempotency_key": "one"})

    first = make(email="ada@example.org")
    assert make(email="ada@example.org").id == first.id
    with pytest.raises(library.IdempotencyError):
        make(email="grace@example.org")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("refuse", library.APIConnectionError),
        ("cut", library.APIConnectionError),
        ("500", library.APIError),
        ("429", library.RateLimitError),
    ],
)
def test_faults(stripe, kind, error):
    stripe.fault(kind, path="POST /v1/customers")
    with pytest.raises(error):
        stripe.v1.customers.create({"email": "ada@example.org"}, {"idempotency_key": kind})
    assert len(stripe.v1.customers.list().data) == (1 if kind == "cut" else 0)
    stripe.v1.customers.create({"email": "ada@example.org"}, {"idempotency_key": kind})
    assert len(stripe.v1.customers.list().data) == 1


def test_refunds_and_disputes(stripe, prices):
    sub = subscribe(stripe, prices[0]).subscription
    payment = stripe.v1.invoice_payments.list({"invoice": sub.latest_invoice.id}).data[0].payment.payment_intent
    stripe.v1.refunds.create({"payment_intent": payment, "amount": 1000})
    charge = stripe.v1.payment_intents.retrieve(payment, {"expand": ["latest_charge"]}).latest_charge
    assert (charge.amount_refunded, charge.refunded) == (1000, False)
    dispute = stripe.control("disputes", charge=charge.id)
    stripe.control(f"disputes/{dispute['id']}", status="won")
    assert stripe.v1.disputes.retrieve(dispute["id"]).status == "won"

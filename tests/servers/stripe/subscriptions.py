"""Subscriptions: begun, renewed, past due, ended."""

from calendar import monthrange
from datetime import UTC, datetime

from .book import DAY, Refused, listed
from .forms import number, words
from .invoices import line, make_invoice, pay, subscription_of, void
from .products import redeem
from .routes import route

LIVING = ("active", "trialing", "past_due", "unpaid", "incomplete")


def period_after(start, recurring):
    """When a period of this price ends that starts then: the same day of a later month, or its last."""
    count = recurring["interval_count"]
    if recurring["interval"] in ("day", "week"):
        return start + count * DAY * (7 if recurring["interval"] == "week" else 1)
    day = datetime.fromtimestamp(start, UTC)
    months = day.year * 12 + day.month - 1 + count * (12 if recurring["interval"] == "year" else 1)
    year, month = months // 12, months % 12 + 1
    return int(day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1])).timestamp())


def begin(book, customer, prices, *, trial_days=0, discounts=(), metadata=None, tax=False, method=None, trial_end=None):
    """A new subscription with its first invoice, which is not paid yet: both."""
    now = book.now(customer["id"])
    trial_end = trial_end or (now + trial_days * DAY if trial_days else None)
    end = trial_end or period_after(now, prices[0]["recurring"])
    subscription = book.make(
        "sub",
        "subscription",
        automatic_tax={"enabled": tax, "disabled_reason": None, "liability": None},
        billing_cycle_anchor=end if trial_end else now,
        billing_mode={"type": "flexible"},
        cancel_at=None,
        cancel_at_period_end=False,
        canceled_at=None,
        cancellation_details={"comment": None, "feedback": None, "reason": None},
        collection_method="charge_automatically",
        created=now,
        currency=prices[0]["currency"],
        customer=customer["id"],
        default_payment_method=method,
        description=None,
        discounts=[],
        ended_at=None,
        items=None,
        latest_invoice=None,
        metadata=metadata or {},
        pause_collection=None,
        pending_setup_intent=None,
        pending_update=None,
        schedule=None,
        start_date=now,
        status="trialing" if trial_end else "incomplete",
        test_clock=customer["test_clock"],
        trial_end=trial_end,
        trial_settings={"end_behavior": {"missing_payment_method": "create_invoice"}},
        trial_start=now if trial_end else None,
    )
    kept = [make_item(book, subscription, price, now, end) for price in prices]
    subscription["items"] = listed(kept, f"/v1/subscription_items?subscription={subscription['id']}")
    customer["currency"] = subscription["currency"]
    subscription["discounts"] = [
        redeem(book, **discount, customer=customer["id"], subscription=subscription["id"])["id"]
        for discount in discounts
    ]
    book.emit("customer.subscription.created", subscription)
    lines = [
        line(
            one["price"],
            0 if trial_end else one["price"]["unit_amount"],
            now,
            end,
            subscription=subscription["id"],
            item=one["id"],
            description=("Trial period for " if trial_end else "1 × ") + name_of(book, one["price"]),
        )
        for one in kept
    ]
    invoice = make_invoice(
        book, customer, lines, "subscription_create", subscription=subscription, tax=tax,
        discounts=[] if trial_end else subscription["discounts"],
    )  # fmt: skip
    subscription["latest_invoice"] = invoice["id"]
    return subscription, invoice


def make_item(book, subscription, price, start, end, quantity=1):
    return book.make(
        "si",
        "subscription_item",
        created=start,
        current_period_end=end,
        current_period_start=start,
        discounts=[],
        metadata={},
        plan=None,
        price=price,
        quantity=quantity,
        subscription=subscription["id"],
        tax_rates=[],
    )


def name_of(book, price):
    return book.objects[price["product"]]["name"]


def after_payment(book, subscription, invoice, paid):
    """What paying an invoice, or failing to, does to the subscription it is of."""
    from .changes import apply_pending

    update = "customer.subscription.updated"
    if paid and subscription["status"] in ("incomplete", "past_due", "unpaid"):
        owed = [
            one
            for one in book.all("invoice", status="open", customer=invoice["customer"])
            if subscription_of(book, one) is subscription and one is not invoice
        ]
        if not owed:
            book.change(subscription, update, status="active")
    elif not paid and invoice["billing_reason"] in ("subscription_cycle", "subscription_update"):
        if (subscription["pending_update"] or {}).get("invoice") == invoice["id"]:
            return
        if subscription["status"] in ("active", "trialing"):
            book.change(subscription, update, status="past_due")
        elif invoice["next_payment_attempt"] is None and subscription["status"] == "past_due":
            if book.after_last_attempt == "cancel":
                end_now(book, subscription, reason="payment_failed")
            else:
                book.change(subscription, update, status=book.after_last_attempt)
    if paid and (subscription["pending_update"] or {}).get("invoice") == invoice["id"]:
        apply_pending(book, subscription)


def renew(book, subscription):
    """The period is over: end, or begin the next one with an invoice that is a draft for an hour."""
    item = subscription["items"]["data"][0]
    if subscription["cancel_at_period_end"]:
        end_now(book, subscription, reason="cancellation_requested")
        return
    was_trial = subscription["status"] == "trialing"
    start = item["current_period_end"]
    before = {"items": {"data": [dict(item)]}}
    for one in subscription["items"]["data"]:
        one["current_period_start"], one["current_period_end"] = start, period_after(start, one["price"]["recurring"])
    if was_trial:
        before["status"] = "trialing"
        subscription["status"] = "active"
    subscription["discounts"] = [one for one in subscription["discounts"] if _goes_on(book, one, start)]
    lines = [
        line(
            one["price"], one["price"]["unit_amount"], start, one["current_period_end"],
            subscription=subscription["id"], item=one["id"], description=f"1 × {name_of(book, one['price'])}",
        )
        for one in subscription["items"]["data"]
    ]  # fmt: skip
    invoice = make_invoice(
        book, book.objects[subscription["customer"]], lines, "subscription_cycle", subscription=subscription,
        discounts=subscription["discounts"], tax=subscription["automatic_tax"]["enabled"], status="draft",
    )  # fmt: skip
    before["latest_invoice"] = subscription["latest_invoice"]
    subscription["latest_invoice"] = invoice["id"]
    book.emit("customer.subscription.updated", subscription, before)


def _goes_on(book, discount, start):
    discount = book.objects[discount]
    duration = book.objects[discount["source"]["coupon"]]["duration"]
    # A coupon for one invoice that met a trial waits for the first one with a sum.
    first = duration == "once" and not any(
        discount["id"] in one["discounts"] and one["total"]
        for one in book.all("invoice", customer=discount["customer"])
    )
    return duration == "forever" or first or (discount["end"] or 0) > start


def end_now(book, subscription, reason="cancellation_requested"):
    now = book.now(subscription["customer"])
    for invoice in book.all("invoice", customer=subscription["customer"], status="open"):
        if subscription_of(book, invoice) is subscription:
            invoice.update(auto_advance=False, next_payment_attempt=None)
    for invoice in book.all("invoice", customer=subscription["customer"], status="draft"):
        if subscription_of(book, invoice) is subscription:
            void(book, invoice)
    if subscription["schedule"]:
        book.objects[subscription["schedule"]].update(status="canceled", canceled_at=now)
    subscription.update(
        status="canceled",
        canceled_at=subscription["canceled_at"] or now,
        ended_at=now,
        schedule=None,
        pending_update=None,
        cancellation_details={"comment": None, "feedback": None, "reason": reason},
    )
    book.emit("customer.subscription.deleted", subscription)


@route("POST", "/v1/subscriptions")
def create_subscription(book, params):
    customer = book.get(params["customer"], "customer")
    prices = [book.get(one["price"], "price") for one in params["items"]]
    subscription, invoice = begin(
        book,
        customer,
        prices,
        trial_days=number(params, "trial_period_days", 0),
        discounts=params.get("discounts") or [],
        metadata=words(params),
        tax=(params.get("automatic_tax") or {}).get("enabled", False),
    )
    pay(book, invoice)
    return subscription


@route("GET", "/v1/subscriptions")
def list_subscriptions(book, params):
    status = params.get("status")
    found = [
        one
        for one in book.all("subscription", customer=params.get("customer"))
        if status == "all" or (one["status"] == status if status else one["status"] != "canceled")
    ]
    return listed(
        found, "/v1/subscriptions", limit=params.get("limit", 10), starting_after=params.get("starting_after")
    )


@route("GET", "/v1/subscriptions/{id}")
def subscription(book, params, id):
    return book.get(id, "subscription")


@route("DELETE", "/v1/subscriptions/{id}")
def cancel_subscription(book, params, id):
    subscription = book.get(id, "subscription")
    if subscription["status"] == "canceled":
        raise Refused(404, f"No such subscription: '{id}'", code="resource_missing", param="id")
    end_now(book, subscription)
    return subscription

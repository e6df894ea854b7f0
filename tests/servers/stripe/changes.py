"""What changes within a period: another price with its proration, an end in view, no end after all."""

from .book import DAY, Refused
from .forms import number, words
from .invoices import line, make_invoice, pay, void
from .products import redeem
from .routes import route
from .subscriptions import name_of, period_after

UPDATED = "customer.subscription.updated"
PENDING_SECONDS = 23 * 60 * 60


@route("POST", "/v1/subscriptions/{id}")
def update_subscription(book, params, id):
    subscription = book.get(id, "subscription")
    if subscription["status"] == "canceled":
        raise Refused(400, "A canceled subscription can only update its cancellation_details and metadata.")
    if subscription["schedule"] and ({"items", "cancel_at_period_end", "cancel_at"} & params.keys()):
        raise Refused(400, "The subscription is managed by a subscription schedule, release it first.")
    columns = {"metadata": words(params, before=subscription["metadata"])}
    if "cancel_at_period_end" in params:
        columns |= _ending(book, subscription, params["cancel_at_period_end"])
    if "default_payment_method" in params:
        columns["default_payment_method"] = params["default_payment_method"] or None
    if params.get("trial_end") == "now":
        end_trial(book, subscription)
    if params.get("discounts"):
        columns["discounts"] = [
            redeem(book, **one, customer=subscription["customer"], subscription=id)["id"] for one in params["discounts"]
        ]
    book.change(subscription, UPDATED, **columns)
    if price := _price_asked(book, params, subscription):
        change_price(
            book,
            subscription,
            price,
            proration=params.get("proration_behavior", "create_prorations"),
            behavior=params.get("payment_behavior", "allow_incomplete"),
        )
    return subscription


def _ending(book, subscription, wanted):
    if not wanted:
        return {"cancel_at_period_end": False, "cancel_at": None, "canceled_at": None}
    end = subscription["items"]["data"][0]["current_period_end"]
    return {"cancel_at_period_end": True, "cancel_at": end, "canceled_at": book.now(subscription["customer"])}


def _price_asked(book, params, subscription):
    for one in params.get("items") or []:
        if one.get("price") and one["price"] != subscription["items"]["data"][0]["price"]["id"]:
            return book.get(one["price"], "price")
    return None


def end_trial(book, subscription):
    from .clocks import settle_due

    now = book.now(subscription["customer"])
    for item in subscription["items"]["data"]:
        item["current_period_end"] = now
    subscription["trial_end"] = now
    settle_due(book, subscription["test_clock"], now)


def prorated(book, subscription, price, now):
    """The lines of a change to `price` now, and the end of the period after it."""
    item = subscription["items"]["data"][0]
    old, start, end = item["price"], item["current_period_start"], item["current_period_end"]
    new_end = end
    if old["recurring"] != price["recurring"] and subscription["status"] != "trialing":
        new_end = period_after(now, price["recurring"])
    if subscription["status"] == "trialing":
        return [], end
    left = (end - now) / (end - start)
    kept = {"subscription": subscription["id"], "item": item["id"], "proration": True}
    unused = line(
        old, -round(old["unit_amount"] * left), now, end, description=f"Unused time on {name_of(book, old)}", **kept
    )
    if new_end == end:
        full, words = round(price["unit_amount"] * left), f"Remaining time on {name_of(book, price)}"
    else:
        full, words = price["unit_amount"], f"1 × {name_of(book, price)}"
        kept["proration"] = False
    return [unused, line(price, full, now, new_end, description=words, **kept)], new_end


def change_price(book, subscription, price, *, proration, behavior):
    """Another price from now on. With "pending_if_incomplete" only once its invoice is paid."""
    customer = book.objects[subscription["customer"]]
    now = book.now(customer["id"])
    lines, end = prorated(book, subscription, price, now)
    if proration == "none" or not lines:
        put(book, subscription, price, now, end)
        return
    invoice = make_invoice(
        book, customer, lines, "subscription_update", subscription=subscription,
        tax=subscription["automatic_tax"]["enabled"],
    )  # fmt: skip
    before = subscription["latest_invoice"]
    subscription["latest_invoice"] = invoice["id"]
    pending = {
        "billing_cycle_anchor": None,
        "expires_at": now + PENDING_SECONDS,
        "subscription_items": [{"id": subscription["items"]["data"][0]["id"], "price": price["id"]}],
        "trial_end": None,
        "invoice": invoice["id"],  # ours: which one it waits for
    }
    subscription["pending_update"] = pending
    paid = pay(book, invoice)  # which puts the price, when it is paid
    if paid:
        return
    if behavior == "error_if_incomplete":
        subscription.update(pending_update=None, latest_invoice=before)
        void(book, invoice)
        raise Refused(402, "Your card was declined.", "card_error", code="card_declined")
    if behavior == "allow_incomplete":
        subscription["pending_update"] = None
        put(book, subscription, price, now, end)
        book.change(subscription, UPDATED, status="past_due")
    else:
        book.emit(UPDATED, subscription, {"pending_update": None, "latest_invoice": before})


def apply_pending(book, subscription):
    """The invoice of a pending change is paid: the change is made."""
    pending = subscription["pending_update"]
    subscription["pending_update"] = None
    invoice = book.objects[pending["invoice"]]
    price = book.objects[pending["subscription_items"][0]["price"]]
    put(book, subscription, price, invoice["created"], invoice["lines"]["data"][-1]["period"]["end"])
    book.emit("customer.subscription.pending_update_applied", subscription)


def expire_pending(book, subscription):
    void(book, book.objects[subscription["pending_update"]["invoice"]])
    subscription["pending_update"] = None
    book.emit("customer.subscription.pending_update_expired", subscription)


def put(book, subscription, price, now, end):
    """This price, and a period that ends then."""
    item = subscription["items"]["data"][0]
    before = {"items": {"data": [dict(item)]}}
    if end != item["current_period_end"]:
        item["current_period_start"] = now
        subscription["billing_cycle_anchor"] = now
    item["price"], item["current_period_end"] = price, end
    book.emit(UPDATED, subscription, before)


def previewed(book, params):
    """The invoice a change would make, or the next one."""
    subscription = book.get(params["subscription"], "subscription")
    customer = book.objects[subscription["customer"]]
    details = params.get("subscription_details") or {}
    price = _price_asked(book, details, subscription)
    now = number(details, "proration_date", book.now(customer["id"]))
    tax = subscription["automatic_tax"]["enabled"]
    if price and details.get("proration_behavior") == "always_invoice":
        lines, _ = prorated(book, subscription, price, now)
        if lines:
            return make_invoice(
                book, customer, lines, "subscription_update", subscription=subscription, tax=tax, keep=False
            )
    if subscription["cancel_at_period_end"]:
        raise Refused(400, "No upcoming invoices for customer.", code="invoice_upcoming_none")
    item = subscription["items"]["data"][0]
    price = price or _scheduled(book, subscription) or item["price"]
    start = item["current_period_end"]
    end = period_after(start, price["recurring"])
    lines = [line(price, price["unit_amount"], start, end, subscription=subscription["id"], item=item["id"])]
    return make_invoice(
        book, customer, lines, "upcoming", subscription=subscription, tax=tax,
        discounts=subscription["discounts"], keep=False,
    )  # fmt: skip


def _scheduled(book, subscription):
    from .schedules import next_phase

    schedule = subscription["schedule"] and book.objects[subscription["schedule"]]
    phase = schedule and next_phase(schedule, subscription["items"]["data"][0]["current_period_end"] - DAY)
    return phase and book.objects[phase["items"][0]["price"]]

"""Another plan, an end in view, no end after all: what somebody who pays may do with a subscription."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from runwayweb.accounts.models import AuditEntry
from runwayweb.subscriptions.models import Customer

from .client import asking, stripe
from .following import follow
from .grants import MONTHS
from .prices import plan_of_price_id, price_of
from .times import moment

AT_ONCE = "always_invoice"  # what a larger plan costs for the rest of the period is paid now


@dataclass(frozen=True)
class Preview:
    """What a change costs: `cents` now, `then_cents` from `then_at` on."""

    at_once: bool
    cents: int
    currency: str
    then_cents: int
    then_at: datetime | None
    lines: tuple = ()


def is_larger(plan, interval, subscription):
    """Whether a change costs more a month, so that it is made at once; one that costs less waits for its time."""

    def a_month(of, every):
        return of.price_cents(every) / MONTHS[every]

    now = (subscription.plan, subscription.interval)
    if plan == now[0]:  # the same plan, by the year: at once; back to the month: at the end of the year
        return MONTHS[interval] > MONTHS[now[1]]
    return a_month(plan, interval) >= a_month(*now)


def preview(subscription, plan, interval):
    """What a change to `plan` would cost. Raises StripeAway, StripeRefuses."""
    if not is_larger(plan, interval, subscription):
        return Preview(False, 0, plan.currency, plan.price_cents(interval), subscription.period_end)
    with asking():
        item = stripe().subscriptions.retrieve(subscription.stripe_id)["items"].data[0]
        invoice = stripe().invoices.create_preview(
            {
                "subscription": subscription.stripe_id,
                "subscription_details": {
                    "items": [{"id": item.id, "price": price_of(plan, interval)}],
                    "proration_behavior": AT_ONCE,
                },
            }
        )
    lines = tuple((_words(line), line.amount) for line in invoice.lines.data)
    ends = max((line.period.end for line in invoice.lines.data), default=None)
    return Preview(True, invoice.amount_due, invoice.currency, plan.price_cents(interval), moment(ends), lines)


def _words(line):
    """What a line is for, in the language of the page; Stripe speaks English there."""
    found = line.pricing and plan_of_price_id(line.pricing.price_details.price)
    if not found:
        return line.description
    told = {"plan": found[0].name}
    return _("Time not used of %(plan)s") % told if line.amount < 0 else _("%(plan)s for the rest of the period") % told


def next_invoice_of(subscription):
    """(cents, currency, when) of what is to be paid next; None where nothing is. Raises StripeAway."""
    from .client import StripeRefuses

    try:
        with asking():
            invoice = stripe().invoices.create_preview({"subscription": subscription.stripe_id})
    except StripeRefuses:
        return None
    return invoice.amount_due, invoice.currency, subscription.period_end


def change_plan(subscription, plan, interval, by):
    """Put another plan in place: a larger one at once, a smaller one when the period ends.

    The address of an invoice that must be paid first, or "" when nothing is left to do. Raises StripeAway,
    StripeRefuses.
    """
    customer = Customer.objects.get(workspace=subscription.workspace)
    price = price_of(plan, interval)
    with asking():
        now = stripe().subscriptions.retrieve(subscription.stripe_id)
    _release(now)
    if now.cancel_at_period_end:
        with asking():
            stripe().subscriptions.update(now.id, {"cancel_at_period_end": False})
    item = now["items"].data[0]
    page = ""
    if item.price.id == price:
        pass  # back to what it is: whatever was to come is called off
    elif is_larger(plan, interval, subscription):
        page = _change_at_once(now, item, price)
    else:
        _change_later(now, item, price)
    AuditEntry.objects.record(
        subscription.workspace, by, "plan.chosen", about=plan.name, before=subscription.plan.name, interval=interval
    )
    follow(customer)
    return page


def _change_at_once(now, item, price):
    # The same change asked twice is one: an answer that was lost is asked for again with the key of the item's price.
    key = f"change-{item.id}-{item.price.id}-{price}-{now.latest_invoice}"
    asked = {
        "items": [{"id": item.id, "price": price}],
        "proration_behavior": AT_ONCE,
        "payment_behavior": "pending_if_incomplete",
        "expand": ["latest_invoice"],
    }
    with asking():
        after = stripe().subscriptions.update(now.id, asked, {"idempotency_key": key})
    return after.latest_invoice.hosted_invoice_url or "" if after.pending_update else ""


def _change_later(now, item, price):
    """A schedule of two phases: as it is until the period ends, then the other price; then Stripe lets go of it."""
    with asking():
        # One that was made by an answer that was lost has just been found on the subscription, and released.
        schedule = stripe().subscription_schedules.create({"from_subscription": now.id})
        stripe().subscription_schedules.update(
            schedule.id,
            {
                "end_behavior": "release",
                "phases": [
                    {
                        "items": [{"price": item.price.id, "quantity": 1}],
                        "start_date": item.current_period_start,
                        "end_date": item.current_period_end,
                    },
                    {"items": [{"price": price, "quantity": 1}], "proration_behavior": "none"},
                ],
            },
        )


def cancel(subscription, by):
    """Let it end with the period that is paid."""
    _set_ending(subscription, True, by, "plan.cancelled")


def resume(subscription, by):
    """Let it go on after all; a smaller plan that was to come does not."""
    _set_ending(subscription, False, by, "plan.resumed")


def _set_ending(subscription, ends, by, action):
    customer = Customer.objects.get(workspace=subscription.workspace)
    with asking():
        now = stripe().subscriptions.retrieve(subscription.stripe_id)
    _release(now)
    if now.cancel_at_period_end != ends:
        with asking():
            stripe().subscriptions.update(now.id, {"cancel_at_period_end": ends})
        AuditEntry.objects.record(subscription.workspace, by, action, about=subscription.plan.name)
    follow(customer)


def _release(now):
    """What a schedule was to do is called off: it would stand in the way."""
    if now.schedule:
        with asking():
            stripe().subscription_schedules.release(now.schedule)

"""Making our rows say what Stripe says. What was read first never overwrites what was read later."""

import logging

from django.db import transaction
from django.utils import timezone

from runwayweb.accounts.models import AuditEntry
from runwayweb.subscriptions.models import Customer, Subscription, Wallet

from . import letters
from .client import asking, stripe
from .payments import keep_invoice
from .prices import plan_of, plan_of_price_id
from .times import moment

logger = logging.getLogger(__name__)
LIVING = ("active", "trialing", "past_due", "unpaid", "paused")
EXPANDED = ["data.latest_invoice.payments", "data.schedule"]


def follow(customer):
    """Ask for the subscriptions of a customer and be as they say, the credits of the last invoice included.

    Raises StripeAway. One question; a second for a price that is sold no more.
    """
    began = timezone.now()
    with asking():
        found = stripe().subscriptions.list(
            {"customer": customer.stripe_id, "status": "all", "limit": 20, "expand": EXPANDED}
        )
    current = _current(customer, found.data)
    if current is not None:
        _apply(customer, current, began)
    for one in found.data:
        if one.latest_invoice:
            keep_invoice(customer, one.latest_invoice)


def _current(customer, subscriptions):
    """The one that counts: the oldest of those that live, or else the last that did."""
    known = [one for one in subscriptions if one.status not in ("incomplete", "incomplete_expired")]
    living = sorted((one for one in known if one.status in LIVING), key=lambda one: (one.created, one.id))
    if len(living) > 1:
        ids = ", ".join(one.id for one in living)
        logger.error("Customer %s has more than one subscription at Stripe: %s", customer.stripe_id, ids)
    return living[0] if living else max(known, key=lambda one: one.created, default=None)


def _apply(customer, current, began):
    item = current["items"].data[0]
    found = plan_of(item.price)
    if found is None:
        logger.error("Subscription %s has a price that is no plan of ours: %s", current.id, item.price.id)
        return
    plan, interval = found
    next_plan = _next_plan(current, item)
    columns = {
        "plan": plan,
        "interval": interval,
        "status": current.status,
        "stripe_customer": customer.stripe_id,
        "stripe_id": current.id,
        "period_start": moment(item.current_period_start),
        "period_end": moment(item.current_period_end),
        "cancels_at": moment(current.cancel_at or (item.current_period_end if current.cancel_at_period_end else None)),
        "past_due_since": _past_due_since(current),
        "trial_end": moment(current.trial_end) if current.status == "trialing" else None,
        "next_plan": next_plan,
    }
    with transaction.atomic():
        locked = Customer.objects.select_for_update().get(pk=customer.pk)
        before = Subscription.objects.filter(workspace=customer.workspace).select_related("plan").first()
        if locked.read_at and locked.read_at > began:
            return  # somebody read later than we did, and has written
        if before and before.is_assigned and current.status not in LIVING:
            return  # what ended long ago takes nothing from whom the operator gave a plan
        locked.read_at = began
        locked.save(update_fields=["read_at"])
        wallet = Wallet.objects.of(customer.workspace)
        if before and before.in_force and before.is_paid_by_the_year:
            wallet.begin_month()  # as the plan was: an invoice brings what another has more
        after = Subscription.objects.update_or_create(workspace=customer.workspace, defaults=columns)[0]
        wallet.look_again()
        news = _news(before, after)
        for name in news:
            AuditEntry.objects.record(customer.workspace, None, f"subscription.{name}", about=plan.name)
    for name in news:
        letters.write(f"subscription_{name}", customer.workspace, subscription=after, plan=plan)


def _news(before, after):
    """What is worth a line in the log and a letter, in words: started, changed, ending, goes_on, ended."""
    lives = after.status in LIVING
    if before is None or before.stripe_id != after.stripe_id:
        return ["started"] if lives else []
    if not lives:
        return ["ended"] if before.status in LIVING else []
    news = []
    if before.plan_id != after.plan_id or before.interval != after.interval:
        news.append("changed")
    if after.cancels_at and not before.cancels_at:
        news.append("ending")
    if before.cancels_at and not after.cancels_at:
        news.append("goes_on")
    return news


def _past_due_since(current):
    """Since when something is owed: the invoice says so, but never later than now."""
    if current.status not in ("past_due", "unpaid"):
        return None
    invoice = current.latest_invoice
    since = moment(invoice.status_transitions.finalized_at) if invoice else None
    return min(since or timezone.now(), timezone.now())


def _next_plan(current, item):
    """The plan that a schedule puts in place when the period ends; None where nothing changes."""
    schedule = current.schedule
    if not schedule or schedule.status != "active":
        return None
    for phase in schedule.phases:
        if phase.start_date >= item.current_period_end and phase["items"][0].price != item.price.id:
            found = plan_of_price_id(phase["items"][0].price)
            return found[0] if found else None
    return None

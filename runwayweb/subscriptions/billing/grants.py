"""How many credits an invoice brings, and how long they last."""

from datetime import UTC, datetime

from runwayweb.subscriptions.months import month_at, months_after

from .client import notes_of
from .prices import pack_of, plan_of_price_id
from .times import moment

MONTHS = {"month": 1, "year": 12}
TRIAL_DAYS_OF_A_MONTH = 30


def credits_of(invoice):
    """(credits, when they expire) for a paid invoice; (0, None) for one that brings none.

    A plan's for the time that is paid; a change within a period brings the difference for the rest of it; a trial
    brings its days' part of a month. Tax and coupons change nothing. Asks Stripe for prices that are sold no more.
    """
    if slug := notes_of(invoice).get("pack"):
        return credits_of_pack(slug, invoice.metadata, moment(invoice.status_transitions.paid_at))
    total, expires_at = 0.0, None
    for line in invoice.lines.data:
        if not line.parent or line.parent.type != "subscription_item_details" or not line.pricing:
            continue
        found = plan_of_price_id(line.pricing.price_details.price)
        if found is None:
            continue
        plan, interval = found
        total += plan.credits_a_month * _share(line, interval)
        if line.amount >= 0:
            expires_at = _expiry(plan, line, interval)
    return max(round(total), 0), expires_at


def credits_of_pack(slug, bought, at):
    """As many as were promised when it was bought, whatever the pack holds today."""
    pack = pack_of(slug)
    months = pack.months if pack else None
    return int(bought["credits"]), months_after(at or datetime.now(UTC), months) if months else None


def _share(line, interval):
    """How much of a month's credits a line brings: below 0 for what was paid before and is not used.

    A year's invoice brings its first month; the others come month by month (see month_of_year).
    """
    start, end = moment(line.period.start), moment(line.period.end)
    if line.amount == 0:  # a trial
        return min((end - start).days / TRIAL_DAYS_OF_A_MONTH, 1)
    if not line.parent.subscription_item_details.proration:
        return 1
    _number, month_starts, month_ends = month_at(months_after(end, -MONTHS[interval]), start)
    share = min((month_ends - start) / (month_ends - month_starts), 1)
    return share if line.amount > 0 else -share


def _expiry(plan, line, interval):
    """When the credits of the month in which a line begins expire."""
    start, end = moment(line.period.start), moment(line.period.end)
    if plan.rollover_months is None:
        return None
    if interval == "year":
        end = month_at(months_after(end, -MONTHS[interval]), start)[2]
    return months_after(end, plan.rollover_months)

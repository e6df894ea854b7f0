"""The billing page: the plan, what is paid next, what was paid, and what is wrong."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runwayweb.accounts.doors import workspace_in_use
from runwayweb.accounts.models import Right
from runwayweb.subscriptions.models import Customer, Pack, Payment, Plan, Subscription, Wallet

from .. import is_on
from ..changes import is_larger, next_invoice_of
from ..client import StripeAway
from ..following import LIVING
from .doors import for_payers

PAYMENTS = 24


@login_required
@require_safe
def billing(request):
    """Asks Stripe nothing, so it opens whatever is wrong there."""
    workspace = workspace_in_use(request, Right.BILLING)
    subscription = Subscription.objects.filter(workspace=workspace).select_related("plan", "next_plan").first()
    paying = bool(subscription and subscription.stripe_id and subscription.status in LIVING)
    told = {
        "is_on": is_on(),
        "plan": Plan.objects.of(workspace),
        "subscription": subscription,
        "paying": paying,
        "wallet": Wallet.objects.of(workspace),
        "packs": Pack.objects.public() if is_on() else [],
        "payments": Payment.objects.filter(workspace=workspace)[:PAYMENTS],
        "owed": Payment.objects.owed_by(workspace).first(),
        "has_customer": Customer.objects.filter(workspace=workspace).exists(),
    }
    if is_on():
        told["interval"] = interval = _interval(request, subscription if paying else None)
        told["offers"] = _offers(subscription if paying else None, interval)
    return render(request, "settings/billing.html", told)


@for_payers
@require_safe
def next_invoice(request, workspace):
    """What the next invoice comes to, as Stripe works it out: with tax, coupons and what is left over."""
    subscription = Subscription.objects.filter(workspace=workspace).first()
    try:
        due = next_invoice_of(subscription) if subscription and subscription.stripe_id else None
    except StripeAway:
        due = None
    return render(request, "settings/billing.html#next", {"due": due, "subscription": subscription, "asked": True})


def _interval(request, subscription):
    """By the month or by the year, as chosen on the page; else as it is paid now."""
    chosen = request.GET.get("interval", "")
    return chosen if chosen in ("month", "year") else subscription.interval if subscription else "month"


def _offers(subscription, interval):
    """The plans one can pay for: which of them is the one, larger or smaller, and the next that is larger."""
    next_is_known = False
    for plan in Plan.objects.public():
        if plan.is_free or not plan.price_cents(interval):
            continue
        current = bool(subscription) and subscription.plan_id == plan.pk and subscription.interval == interval
        larger = not subscription or (not current and is_larger(plan, interval, subscription))
        yield {
            "plan": plan,
            "cents": plan.price_cents(interval),
            "current": current,
            "chosen_next": bool(subscription) and subscription.next_plan_id == plan.pk,
            "larger": larger,
            "next": larger and not next_is_known,
        }
        next_is_known = next_is_known or larger

"""What people may do on Stripe's portal: cards, addresses, invoices, another plan, an end."""

from runwayweb.subscriptions.models import Plan

from .client import asking, notes_of, stripe

NAME = {"runwayweb": "portal"}
FEATURES = {
    "customer_update": {"enabled": True, "allowed_updates": ["email", "name", "address", "tax_id"]},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
}
# As on our own page: what costs more is paid and begins at once, what costs less waits for the end of the period.
AT_PERIOD_END = {"conditions": [{"type": "decreasing_item_amount"}, {"type": "shortening_interval"}]}


def configuration():
    """The id of ours at Stripe; None where `stripe_sync` has made none, and Stripe's default counts."""
    with asking():
        found = stripe().billing_portal.configurations.list({"active": True, "limit": 100}).data
    return next((one.id for one in found if notes_of(one).get("runwayweb") == NAME["runwayweb"]), None)


def offer_portal():
    """Have a portal at Stripe that offers what it should; whether one was made."""
    asked = {"features": FEATURES | {"subscription_update": _plans()}, "metadata": NAME}
    if id := configuration():
        with asking():
            stripe().billing_portal.configurations.update(id, asked)
        return False
    with asking():
        stripe().billing_portal.configurations.create(asked)
    return True


def _plans():
    products = [
        {"product": plan.stripe_product, "prices": prices}
        for plan in Plan.objects.public()
        if (prices := [price for price in (plan.stripe_monthly_price, plan.stripe_yearly_price) if price])
    ]
    if not products:
        return {"enabled": False}
    return {
        "enabled": True,
        "default_allowed_updates": ["price", "promotion_code"],
        "products": products,
        "proration_behavior": "always_invoice",
        "schedule_at_period_end": AT_PERIOD_END,
    }

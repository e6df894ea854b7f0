"""The workspace at Stripe, made when it first wants to pay."""

from runwayweb.subscriptions.models import Checkout, Customer

from .client import asking, stripe

OURS = "runwayweb_workspace"


def customer_of(workspace, by):
    """The customer of a workspace, who gets the bills at the address of `by`. Raises StripeAway."""
    if customer := Customer.objects.filter(workspace=workspace).first():
        return customer
    asked = {"email": by.email, "name": workspace.name, "metadata": {OURS: str(workspace.pk)}}
    with asking():
        # Whoever presses twice, or again after an answer that was lost, gets the same customer; but not one that the
        # operator has deleted since, with whom this workspace was at a checkout.
        before = Checkout.objects.filter(workspace=workspace).count()
        key = f"customer-{workspace.pk}-{by.pk}-{before}"
        made = stripe().customers.create(asked, {"idempotency_key": key})
    return Customer.objects.get_or_create(workspace=workspace, defaults={"stripe_id": made.id})[0]


def customer_at_stripe(stripe_id):
    """The customer that Stripe calls so, or None for one that is not ours."""
    return Customer.objects.filter(stripe_id=stripe_id).select_related("workspace").first()

"""A workspace that goes away is charged no more."""

from runwayweb.accounts.hooks import NotYet
from runwayweb.subscriptions.models import Customer

from . import is_on
from .client import StripeAway, StripeRefuses, asking, stripe
from .following import LIVING


def end_subscription(workspace):
    """End what a workspace pays for, at once, at Stripe; nothing is paid back by itself. Raises NotYet."""
    customer = Customer.objects.filter(workspace=workspace).first()
    if customer is None or not is_on():
        return
    try:
        with asking():
            found = stripe().subscriptions.list({"customer": customer.stripe_id, "status": "all", "limit": 20}).data
            for one in found:
                if one.status in LIVING:
                    stripe().subscriptions.cancel(one.id)
    except StripeAway as error:
        raise NotYet from error
    except StripeRefuses as refused:
        if refused.code != "resource_missing":  # else the customer is gone there, and every subscription with it
            raise NotYet from refused

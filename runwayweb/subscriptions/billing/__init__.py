"""Paying, by Stripe. `is_on()` says whether this studio takes payments at all; without, nothing in here is asked.

What Stripe says about a customer is the truth and is always asked for anew: an event only says that it is time to.
"""

from django.conf import settings


def is_on():
    return bool(settings.STRIPE_SECRET_KEY)


def is_live():
    """Whether real money moves."""
    return "_live_" in settings.STRIPE_SECRET_KEY

"""Times as Stripe tells them."""

from datetime import UTC, datetime


def moment(seconds):
    """A time of Stripe's; None for None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

"""The credits that somebody begins with, once they may have them."""

from .models import Wallet


def start_those_of(user):
    """Give the wallets of somebody who showed an address to be theirs what waited for that."""
    own = Wallet.objects.filter(workspace__memberships__user=user, workspace__memberships__role="owner")
    for wallet in own.select_related("workspace").order_by("workspace__created_at"):
        wallet.start()
    Wallet.objects.filter(pk__in=own.values("pk")).update(next_month_at=None)  # and what the month gives

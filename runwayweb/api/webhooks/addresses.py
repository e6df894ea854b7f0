"""Where messages may go: the same guard that keeps fetches out of the house, asked when an address is saved and again
whenever something is sent there."""

from django.utils.translation import gettext as _

from runwayweb.assets.guarded import Address, Guard, Unfetchable
from runwayweb.subscriptions.refused import Refused

guard = Guard()


class AddressRefused(Refused):
    """Nothing can be sent there."""


def check(url: str) -> str:
    """The address as it is kept. Asks what its name means just now. Raises AddressRefused."""
    try:
        address = Address(url)
    except Unfetchable:
        raise AddressRefused(
            _("It must be an HTTPS address with a domain name, like https://example.org/webhooks.")
        ) from None
    try:
        guard.public_address(address)
    except Unfetchable:
        raise AddressRefused(_("This address is not on the open internet, or its name is not known.")) from None
    return address.url

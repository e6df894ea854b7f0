from .announcement import Announcement
from .checkout import Checkout
from .customer import Customer
from .entry import Entry
from .lot import Lot, Portion
from .pack import Pack
from .payment import Payment
from .plan import Plan
from .stripe_event import StripeEvent
from .subscription import Subscription
from .wallet import Indebted, InsufficientCredits, Wallet

__all__ = [
    "Announcement",
    "Checkout",
    "Customer",
    "Entry",
    "Indebted",
    "InsufficientCredits",
    "Lot",
    "Pack",
    "Payment",
    "Plan",
    "Portion",
    "StripeEvent",
    "Subscription",
    "Wallet",
]

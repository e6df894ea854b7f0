from .entry import Entry
from .pack import Pack
from .plan import Plan
from .subscription import Subscription
from .wallet import InsufficientCredits, Wallet

__all__ = ["Entry", "InsufficientCredits", "Pack", "Plan", "Subscription", "Wallet"]

from .entry import Entry
from .lot import Lot, Portion
from .pack import Pack
from .plan import Plan
from .subscription import Subscription
from .wallet import Indebted, InsufficientCredits, Wallet

__all__ = ["Entry", "Indebted", "InsufficientCredits", "Lot", "Pack", "Plan", "Portion", "Subscription", "Wallet"]

from .entry import Entry
from .wallet import InsufficientCredits, Wallet

__all__ = ["Entry", "InsufficientCredits", "Wallet"]

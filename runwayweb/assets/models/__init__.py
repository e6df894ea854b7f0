from .asset import Asset

__all__ = ["Asset"]

from .asset import CLIP, STILL, Asset

__all__ = ["CLIP", "STILL", "Asset"]

from .asset import CAPTIONS, CLIP, RECORDING, SOUND, STILL, Asset

__all__ = ["CAPTIONS", "CLIP", "RECORDING", "SOUND", "STILL", "Asset"]

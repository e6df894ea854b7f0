from runwayweb.assets.kinds import CAPTIONS, CLIP, RECORDING, SOUND, STILL

from .asset import Asset
from .upload import Upload

__all__ = ["CAPTIONS", "CLIP", "RECORDING", "SOUND", "STILL", "Asset", "Upload"]

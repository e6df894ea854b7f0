from runwayweb.assets.kinds import CAPTIONS, CLIP, RECORDING, SOUND, STILL

from .asset import Asset
from .folder import Folder, FolderRefused, Tree
from .shelf import KINDS
from .tag import Favourite, Tag, TagRefused
from .upload import Upload
from .words import AssetWords

__all__ = [
    "CAPTIONS",
    "CLIP",
    "KINDS",
    "RECORDING",
    "SOUND",
    "STILL",
    "Asset",
    "AssetWords",
    "Favourite",
    "Folder",
    "FolderRefused",
    "Tag",
    "TagRefused",
    "Tree",
    "Upload",
]

from .asset import CAPTIONS, CLIP, RECORDING, SOUND, STILL, Asset
from .folder import Folder, FolderRefused, Tree
from .shelf import KINDS
from .tag import Favourite, Tag, TagRefused
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
]

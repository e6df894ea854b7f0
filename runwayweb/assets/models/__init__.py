from runwayweb.assets.kinds import CAPTIONS, CLIP, RECORDING, SOUND, STILL

from .asset import Asset
from .ephemeral import Ephemeral
from .folder import Folder, FolderRefused, Tree
from .given import Given
from .retention import Retention
from .shelf import KINDS
from .signing_key import SigningKey
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
    "Ephemeral",
    "Favourite",
    "Folder",
    "FolderRefused",
    "Given",
    "Retention",
    "SigningKey",
    "Tag",
    "TagRefused",
    "Tree",
    "Upload",
]

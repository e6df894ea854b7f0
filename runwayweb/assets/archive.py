"""Many files as one ZIP, written while it is sent: nothing of it is ever whole in memory or on disk."""

import io
import re
import unicodedata
import zipfile
from pathlib import Path

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

PIECE_BYTES = 256 * 1024
NAME_LETTERS = 120
# Names that Windows keeps for its devices, whatever their ending.
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def safe_names(assets):
    """A file name for each asset: one that every system takes and that leads nowhere else, no two alike."""
    taken: set[str] = set()
    for asset in assets:
        stem, ending = _safe(asset.name), Path(asset.file_name).suffix
        stem = stem.removesuffix(ending) or "file"
        number, name = 1, f"{stem}{ending}"
        while name.lower() in taken:
            number += 1
            name = f"{stem} ({number}){ending}"
        taken.add(name.lower())
        yield name


def _safe(name):
    name = unicodedata.normalize("NFC", name)
    name = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cf", "Cs"))  # writes backwards
    name = FORBIDDEN.sub("_", name).strip(" .")[:NAME_LETTERS].strip(" .")
    return f"_{name}" if DEVICES.fullmatch(name.partition(".")[0]) else name


class _Sent(io.RawIOBase):
    """What a ZipFile writes into and the answer is read out of."""

    def __init__(self):
        self._pieces: list[bytes] = []

    def writable(self):
        return True

    def write(self, data):
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self):
        """Everything that was written since this was asked for the last time."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


async def pieces(assets, texts=(), folder=""):
    """The bytes of a ZIP of the assets' files, as they are: media does not get any smaller.

    `texts`: (name, bytes) of what stands before them, made small; `folder`: what the files are in, "files/".

    A file that is not there is named in a text at the end; everything else comes all the same.
    """
    sent, missing = _Sent(), []
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_STORED) as archive:
        for name, text in texts:
            archive.writestr(name, text, zipfile.ZIP_DEFLATED)
            yield sent.taken()
        for asset, name in zip(assets, safe_names(assets), strict=True):
            told = zipfile.ZipInfo(folder + name, asset.created_at.timetuple()[:6])
            told.external_attr = 0o644 << 16
            try:
                opened = await sync_to_async(default_storage.open)(asset.file.name)
            except OSError:
                missing.append(name)
                continue
            try:
                with archive.open(told, "w", force_zip64=asset.size_bytes > 2**31) as entry:
                    while piece := await sync_to_async(opened.read)(PIECE_BYTES):
                        entry.write(piece)
                        yield sent.taken()
            finally:
                await sync_to_async(opened.close)()
        if missing:
            words = [_("These files could not be read and are missing here:"), *missing, ""]
            archive.writestr(_("missing files.txt"), "\n".join(words))
    yield sent.taken()

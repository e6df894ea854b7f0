"""A cut for editors' tools with all that it shows and plays beside it, in one zip."""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from projects.export.interchange import FORMATS, safe_name, timeline_of, write
from projects.export.media import film_media, only_media

FOLDER = "media"
PIECE_BYTES = 1 << 20


class Packing:
    """A zip that files of the storage are copied into. `on_progress(copied, total)`, in bytes, is called after every
    piece and may raise to stop."""

    def __init__(self, archive: zipfile.ZipFile, total: int, on_progress: Callable[[int, int], None]):
        self.archive, self.total, self.copied = archive, total, 0
        self._on_progress = on_progress

    def add(self, name, stored):
        """Copy a file, in pieces and without compressing it again. Raises OSError where it is not there."""
        with default_storage.open(stored) as file, self.archive.open(name, "w", force_zip64=True) as entry:
            while piece := file.read(PIECE_BYTES):
                entry.write(piece)
                self.copied = min(self.total, self.copied + len(piece))
                self._on_progress(self.copied, self.total)


def write_package(timeline, kind, path, on_progress=lambda copied, total: None):
    """Write the cut of a timeline in one of FORMATS and its media into a zip at `path`; what was left out.

    Raises ValueError when the format refuses the cut, OSError when a file of the film is not there or the disk is
    full. `on_progress`: see Packing.
    """
    name = safe_name(timeline.project.name)
    found = film_media(timeline)
    used = {found[source][1].name: found[source][0] for source in timeline.cut.sources() if found.get(source)}
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        cut_file = Path(folder) / f"{name}{FORMATS[kind].ending}"
        left_out = write(timeline_of(timeline.cut, timeline.project.name, only_media(found), FOLDER), cut_file, kind)
        package.write(cut_file, cut_file.name)
        if left_out:
            package.writestr("left-out.txt", "\n".join([_("Not in this file:"), *left_out, ""]))
        packing = Packing(package, sum(asset.size_bytes for asset in used.values()), on_progress)
        for file_name, asset in sorted(used.items(), key=lambda item: item[0]):
            packing.add(f"{FOLDER}/{file_name}", asset.file.name)
    return left_out

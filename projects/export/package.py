"""A cut for editors' tools with all that it shows and plays beside it, in one zip."""

import shutil
import tempfile
import zipfile
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from projects.export.interchange import FORMATS, safe_name, timeline_of, write
from projects.export.media import film_media, only_media

FOLDER = "media"


def write_package(timeline, kind, path):
    """Write the cut of a timeline in one of FORMATS and its media into a zip at `path`; what was left out.

    Files are copied in pieces and not compressed again. Raises ValueError when the format refuses the cut, OSError
    when a file of the film is not there or the disk is full.
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
        for file_name, asset in sorted(used.items()):
            add_stored(package, f"{FOLDER}/{file_name}", asset.file.name)
    return left_out


def add_stored(package, name, stored):
    """Add a file of the storage to a zip, in pieces."""
    with default_storage.open(stored) as file, package.open(name, "w", force_zip64=True) as entry:
        shutil.copyfileobj(file, entry, 1 << 20)

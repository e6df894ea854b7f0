"""A cut for editors' tools with all that it shows and plays beside it, in one zip."""

import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from projects.export.interchange import FORMATS, safe_name, timeline_of, write
from projects.export.media import film_media, only_media
from projects.subtitles import caption_files

FOLDER = "media"
RECIPES = "recipes.json"  # the take, model, request, recipe and SHA-256 of each file in FOLDER, by its name
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


def write_package(timeline, kind, path, on_progress=lambda copied, total: None, shown=None):
    """Write the cut of a timeline in one of FORMATS into a zip at `path`, beside it its media, what is known of each
    and the captions; what was left out.

    Raises ValueError when the format refuses the cut, OSError when a file of the film is not there or the disk is
    full. `on_progress`: see Packing. `shown`: see `film_media`.
    """
    name = safe_name(timeline.project.name)
    found = film_media(timeline, shown)
    pairs = [found[source] for source in timeline.cut.sources() if found.get(source)]
    used = {media.name: asset for asset, media in pairs}
    recipes = {media.name: dict(media.facts) for _asset, media in sorted(pairs, key=lambda pair: pair[1].name)}
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        cut_file = Path(folder) / f"{name}{FORMATS[kind].ending}"
        left_out = write(timeline_of(timeline.cut, timeline.project.name, only_media(found), FOLDER), cut_file, kind)
        package.write(cut_file, cut_file.name)
        if left_out:
            package.writestr("left-out.txt", "\n".join([_("Not in this file:"), *left_out, ""]))
        package.writestr(RECIPES, json.dumps(recipes, ensure_ascii=False, indent=1), zipfile.ZIP_DEFLATED)
        for file_name, text in caption_files(timeline.cut).items():
            package.writestr(file_name, text, zipfile.ZIP_DEFLATED)
        packing = Packing(package, sum(asset.size_bytes for asset in used.values()), on_progress)
        for file_name, asset in sorted(used.items(), key=lambda item: item[0]):
            packing.add(f"{FOLDER}/{file_name}", asset.file.name)
    return left_out

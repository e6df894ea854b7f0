"""Files: what rows name is there, of assets whole and as it was kept; and nothing lies about that nobody tells of."""

import hashlib
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from PIL import Image

from generation.models import Generation
from generation.models.status import Status
from runwayweb.assets import named, pictures, sounds
from runwayweb.assets.models import Asset
from runwayweb.proof.finding import Finding

MADE_HERE = "clips"  # the folder of the storage in which attempts lay what they made


def findings(hashes=True):
    """What is off with any file. `hashes`: every file is read, and what was made here is decoded."""
    # Before the rows: whoever lays a file in while this looks has his row by then.
    folders, working = list(folders_with_files(MADE_HERE)), working_folders()
    for model in named.models():
        for row in model._base_manager.order_by("pk").iterator():
            for subject, sentence in _problems(row, hashes):
                yield Finding("file", subject, sentence)
    yield from _unowned(folders)
    yield from _left(working)


def _problems(row, hashes):
    """(what it is about, a sentence) each."""
    if not row.has_its_files:
        return
    subject = f"{type(row).__name__} {row.pk}"
    if isinstance(row, Asset):
        subject += f" ({row.file.name})"
    away = {file for file in row.named_files() if not default_storage.exists(file.name)}
    for file in _still_named(row, away) if away else ():
        yield subject, f"its {file.what}{'' if file.what == 'file' else f' {file.name}'} is not there."
    if hashes and isinstance(row, Asset) and not any(file.what == "file" for file in away):
        for sentence in _problems_within(row):
            yield subject, sentence


def _still_named(row, away):
    """Those files that the row names now, too: what somebody deleted meanwhile is no finding."""
    now = type(row)._base_manager.filter(pk=row.pk).first()
    return [file for file in now.named_files() if file in away] if now and now.has_its_files else []


def _problems_within(asset):
    with default_storage.open(asset.file.name) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != asset.sha256:
            yield "its file is not the one that was kept: its SHA-256 is another."
            return
        if asset.origin == Asset.Origin.MADE:
            file.seek(0)
            try:
                _decode(asset, file)
            except (OSError, ValueError, pictures.UnreadableVideo, sounds.UnreadableSound) as error:
                yield f"its file cannot be decoded: {error}"


def _decode(asset, file):
    """Read it to its end. Raises what is read raises."""
    if asset.is_clip:
        pictures.still_of_video(file, "last")
    elif asset.is_sound:
        sounds.samples_of(file, asset.media_type)
    elif asset.is_still or asset.is_picture:
        Image.open(file, formats=["WEBP", "PNG"]).load()
    elif asset.is_captions:
        file.read().decode()


def folders_with_files(folder):
    """The names of all folders of the storage below this one in which files lie."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    if files:
        yield folder
    for name in folders:
        yield from folders_with_files(f"{folder}/{name}")


def _unowned(folders):
    """Folders of files that could be reached by who knows their names, and of which no asset tells. A running attempt
    has its own."""
    if not folders:
        return
    owned = {str(Path(file.name).parent) for row, file in named.named() if row.has_its_files}
    for folder in folders:
        if folder not in owned and not _runs(*folder.split("/")[-2:]):
            yield Finding("unowned", f"Folder {folder}", "has files of which no asset tells.")


def working_folders():
    """Where attempts write before what they made is moved in: (folder, generation, attempt)."""
    found = []
    for folder in (Path(settings.MEDIA_ROOT) / "tmp").glob("*-*"):
        generation, _, attempt = folder.name.rpartition("-")
        try:
            found.append((folder, str(UUID(generation)), str(int(attempt))))
        except ValueError:
            continue  # not of an attempt
    return found


def _left(working):
    for folder, generation, attempt in working:
        if not _runs(generation, attempt) and folder.exists():
            yield Finding("left behind", f"Folder {folder}", "belongs to no attempt that runs.")


def _runs(generation, attempt):
    try:
        UUID(generation)
        number = int(attempt)
    except ValueError:
        return False
    return Generation.objects.filter(pk=generation, attempt=number, status=Status.RUNNING).exists()

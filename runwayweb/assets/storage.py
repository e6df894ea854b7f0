"""Laying files into the media storage, in one step, so that half a file is never seen; and having them here to work on.

The storage is a folder of this machine, or a bucket that all machines share (docs/storage.md). What needs a path asks
for a `local_copy`, whichever it is.
"""

import hashlib
import logging
import secrets
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

logger = logging.getLogger(__name__)
PIECE_BYTES = 1024**2


class StorageAway(OSError):
    """The storage is another machine's, and does not answer, or answers what cannot be gone on with."""


class MovableFile(File):
    """A local file that storage may take as it is: a rename on the same disk, an upload elsewhere."""

    def temporary_file_path(self):
        return self.name


def bucket():
    """The storage where it is a bucket (an `S3Storage`), which browsers reach by themselves; else None."""
    return default_storage if hasattr(default_storage, "address_of") else None


def take_in(path, name):
    """Move the local file at `path` into storage as `name`, in one step; whatever was there is replaced.

    The file at `path` is gone after that, or still there: who made it clears it away.
    """
    with open(path, "rb") as opened:
        return _save(name, MovableFile(opened, name=str(path)))


def store(data, name):
    """Store bytes as `name`; whatever was there is replaced."""
    return _save(name, ContentFile(data))


@contextmanager
def local_copy(name):
    """The path of a stored file, to be read: its own on this disk, else that of a copy which goes afterwards.

    Raises FileNotFoundError where there is none, OSError where it cannot be brought here.
    """
    path = path_of(name)
    if path is not None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="stored-") as folder:
        path = Path(folder) / Path(name).name
        bring(name, path)
        yield path


def path_of(name):
    """Where a stored file lies on this disk; None where the storage is not here. Raises FileNotFoundError."""
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:
        return None
    if not path.exists():
        raise FileNotFoundError(path)
    return path


def bring(name, path):
    """Write a stored file to `path`, whole or not at all. Raises OSError."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")  # somebody else may bring the same
    try:
        with open(beside, "wb") as copy:
            if bucket():
                bucket().copy_out(name, copy)
            else:
                with default_storage.open(name) as file:
                    shutil.copyfileobj(file, copy, PIECE_BYTES)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def discard_folder(name):
    """Remove the files of a folder of the storage; nothing happens where there is none."""
    try:
        _folders, files = default_storage.listdir(name)
    except (FileNotFoundError, NotADirectoryError):
        return
    discard(*(f"{name}/{file}" for file in files))


def discard(*names):
    """Remove files that nobody needs any more; True if they are gone.

    Where the storage is elsewhere and does not answer they stay, which the log tells. One question to a bucket.
    """
    try:
        if bucket():
            bucket().delete_all(list(names))
        else:
            for name in names:
                default_storage.delete(name)
    except StorageAway as error:
        logger.warning("%s stay in the storage: %s", ", ".join(names), error)
        return False
    return True


def sha256_of(path):
    """The SHA-256 of a local file, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _save(name, content):
    if not bucket():  # which puts the new file in the place of the old one by itself
        default_storage.delete(name)
    stored = default_storage.save(name, content)
    if stored != name:
        raise FileExistsError(f"Storage kept {stored} where {name} was asked for.")
    return stored

"""Laying files into the media storage: in one step, so that half a file is never seen."""

import hashlib

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage


class MovableFile(File):
    """A local file that storage may take as it is: a rename on the same disk, an upload elsewhere."""

    def temporary_file_path(self):
        return self.name


def take_in(path, name):
    """Move the local file at `path` into storage as `name`, in one step; whatever was there is replaced."""
    with open(path, "rb") as opened:
        return _save(name, MovableFile(opened, name=str(path)))


def store(data, name):
    """Store bytes as `name`; whatever was there is replaced."""
    return _save(name, ContentFile(data))


def discard_folder(name):
    """Remove the files of a folder of the storage; nothing happens where there is none."""
    try:
        _folders, files = default_storage.listdir(name)
    except FileNotFoundError:
        return
    for file in files:
        default_storage.delete(f"{name}/{file}")


def sha256_of(path):
    """The SHA-256 of a local file, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _save(name, content):
    default_storage.delete(name)
    stored = default_storage.save(name, content)
    if stored != name:
        raise FileExistsError(f"Storage kept {stored} where {name} was asked for.")
    return stored

"""Small disks of their own, as root only may mount them."""

import shutil
import subprocess
from contextlib import contextmanager

import pytest


@contextmanager
def small_disk(folder, size="8m"):
    """A disk of its own at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("Only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def full(folder, size="8m", but=0):
    """A small disk on which nothing has room, or no more than `but` bytes; what is given makes room."""
    with small_disk(folder, size):
        filler = folder / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(folder).free - but))
        yield filler.unlink

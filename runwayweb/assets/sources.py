"""What the files that something was made from say of themselves, gathered in closed processes for its own credentials.

They came from outside, and so is what such a process hands over: it is not believed beyond its matter.
"""

import json
import logging
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from runwayweb.assets import sandbox
from runwayweb.assets.storage import local_copy

logger = logging.getLogger(__name__)
GATHERER = Path(__file__).with_name("credentials_gathering.py")
SECONDS = 60  # of one process
SECONDS_OF_ALL = 120
LARGEST = 512 * 1024**2  # bytes of a file, and of those that one process looks into
MOST_SAID = 64 * 1024**2  # bytes that all may say of themselves, together
# What a picture that was kept as it came begins with: its name does not say what it is.
HEADS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
UNKNOWN = "application/octet-stream"  # of which C2PA takes only what it is called


class Source(NamedTuple):
    told: dict[str, Any]  # what C2PA is told of it
    kind: str  # its media type; "" for a picture of which only its first bytes tell
    name: str  # in the storage
    size_bytes: int


def said_by(sources: dict[int, Source]) -> Iterator[tuple[int, bytes]]:
    """(number, what it says of itself or nothing) of each, read in closed processes: one for as many files as fit, and
    one for each where such a process was ended. Once that took SECONDS_OF_ALL the rest says nothing."""
    until, room = time.monotonic() + SECONDS_OF_ALL, MOST_SAID
    for batch in _batches(sources):
        archives = _gathered(batch, until, room)
        if archives is None:
            archives = {}
            for number, source in batch.items():
                archives |= _gathered({number: source}, until, room - _size(archives)) or {}
        room -= _size(archives)
        yield from ((number, archives.get(number, b"")) for number in batch)


def _size(archives):
    return sum(map(len, archives.values()))


def _batches(sources):
    batch, size = {}, 0
    for number, source in sources.items():
        if batch and size + source.size_bytes > LARGEST:
            yield batch
            batch, size = {}, 0
        batch[number] = source
        size += source.size_bytes
    if batch:
        yield batch


def _gathered(batch, until, room):
    """{number: what it says of itself}, at most `room` bytes in all; None where the process was ended."""
    if time.monotonic() > until:
        return {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="credentials-")))
        asked, numbers = [], []
        for number, source in batch.items():
            try:
                asked.append(_asked(stack, source))
            except OSError:
                logger.warning("%s could not be read", source.name, exc_info=True)
            else:
                numbers.append(number)
        (folder / "asked.json").write_text(json.dumps(asked))
        try:
            told = sandbox.told(GATHERER, str(folder), seconds=SECONDS, turn=sandbox.AT_ONCE)
        except sandbox.Broken:
            return None
        gathered, archives = told.get("gathered"), {}
        for place, number in enumerate(numbers):
            if isinstance(gathered, list) and place in gathered:
                archives[number] = _archive(folder / str(place), room - _size(archives))
        return archives


def _asked(stack, source):
    """What the closed process is asked of one: what C2PA is told of it, its kind, and where it lies."""
    path = stack.enter_context(local_copy(source.name))
    kind = source.kind or _kind_of(path)
    return source.told | {"format": kind}, kind, str(path)


def _kind_of(path):
    """The media type of a picture by its first bytes."""
    with open(path, "rb") as file:
        head = file.read(4)
    return next((kind for begins, kind in HEADS.items() if head.startswith(begins)), UNKNOWN)


def _archive(path, room):
    """What a closed process left there: a file of at most `room` bytes. Nothing for whatever else it may have put."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                archive = file.read(room + 1)
                return archive if len(archive) <= room else b""
    except OSError:
        pass
    return b""

"""A clip, a film or a still of ours without what it says of how it was asked for: the same bytes, but for those that
tell, which are blank. It stays as long as it is, so parts of it can be asked for as of the file itself.

Its Content Credentials are blank, too: they are of the whole file, and whoever reads them would call this one changed.
That a model made it, it still says (XMP, in the words of IPTC).
"""

import struct
import zlib
from collections.abc import Iterator
from typing import IO

from runwayweb.assets.kinds import STILL

Patch = tuple[int, bytes]  # where in the file, and what stands there instead

# ISO/IEC 14496-12: boxes that hold others, and those that tell; C2PA's own is a `uuid` of this kind.
HOLDERS, TELLING = {b"moov", b"trak"}, {b"udta", b"meta"}
CREDENTIALS = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
# PNG: chunks that tell, and one that nobody reads; XMP is kept.
PNG_TELLING, NOTHING = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"caBX"}, b"blAn"
XMP = b"XML:com.adobe.xmp\0"


def patches_of(file: IO[bytes], media_type: str) -> list[Patch]:
    """What is to stand in the place of what tells, in a file that is open: a PNG, or else one of ISO's media files."""
    file.seek(0)
    if media_type == STILL:
        return list(_of_png(file))
    end = file.seek(0, 2)
    return list(_of_boxes(file, 0, end))


def patched(piece: bytes, at: int, patches: list[Patch]) -> bytes:
    """A piece of the file, which begins at byte `at`, with what is to stand there."""
    changed = bytearray(piece)
    for begin, instead in patches:
        low, high = max(begin, at), min(begin + len(instead), at + len(piece))
        if low < high:
            changed[low - at : high - at] = instead[low - begin : high - begin]
    return bytes(changed)


def _of_boxes(file, start, end) -> Iterator[Patch]:
    while start + 8 <= end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        head = 16 if size == 1 else 8
        if size == 1:
            size = int.from_bytes(file.read(8), "big")
        size = size or end - start  # 0: up to the end
        if size < head or start + size > end:
            return  # cut off, or no box at all
        if kind in TELLING or (kind == b"uuid" and file.read(16) == CREDENTIALS):
            yield start + 4, b"free"
            yield start + head, bytes(size - head)
        elif kind in HOLDERS:
            yield from _of_boxes(file, start + head, start + size)
        start += size


def _of_png(file) -> Iterator[Patch]:
    start = 8
    while len(head := _read(file, start, 8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind in PNG_TELLING and _read(file, start + 8, len(XMP)) != XMP:
            blank = NOTHING + bytes(length)
            yield start + 4, blank + struct.pack(">I", zlib.crc32(blank))
        start += 12 + length


def _read(file, at, count):
    file.seek(at)
    return file.read(count)

"""Files that mean harm, or are merely odd, made byte by byte. Needs no Django."""

import io
import struct
import zlib
from fractions import Fraction

import av
from PIL import Image

from tests.media import media_file

KEY = "00112233445566778899aabbccddeeff"


def unpacking_profile(megabytes):
    """A PNG whose colour profile is this large once it is unpacked."""
    packer = zlib.compressobj(9)
    profile = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    return _png(64, (b"iCCP", b"bomb\0\0" + profile), (b"IDAT", _pixels(64)))


def animated_png(frames, side=16):
    """An APNG of so many frames."""
    place = struct.pack(">IIIIHHBB", side, side, 0, 0, 1, 25, 0, 0)
    pixels = _pixels(side)
    parts = [(b"acTL", struct.pack(">II", frames, 0)), (b"fcTL", bytes(4) + place), (b"IDAT", pixels)]
    for number in range(1, 2 * frames - 2, 2):
        parts.append((b"fcTL", struct.pack(">I", number) + place))
        parts.append((b"fdAT", struct.pack(">I", number + 1) + pixels))
    return _png(side, *parts)


def animated_webp(frames, side=16):
    """A WebP of so many frames."""
    still = io.BytesIO()
    Image.new("RGB", (side, side), (9, 9, 9)).save(still, "WEBP", lossless=True)
    size = (side - 1).to_bytes(3, "little") * 2
    frame = _riff(b"ANMF", bytes(6) + size + (10).to_bytes(3, "little") + b"\0" + still.getvalue()[12:])
    header = _riff(b"VP8X", b"\x02\0\0\0" + size) + _riff(b"ANIM", bytes(6))
    return _riff(b"RIFF", b"WEBP" + header + frame * frames)


def animated_gif(frames):
    """A GIF of so many frames of one pixel."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    return screen + (b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0") * frames + b"\x3b"


def playlist_in_subtitles():
    """An AVI whose subtitles, a GAB2 chunk, are a playlist that names a file of this machine."""
    playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    title = "x\0".encode("utf-16-le")
    subtitles = b"GAB2\0" + struct.pack("<HI", 2, len(title)) + title + struct.pack("<HI", 4, len(playlist)) + playlist
    main = _riff(b"avih", struct.pack("<14I", 40_000, 0, 0, 0, 1, 0, 1, 0, 64, 64, 0, 0, 0, 0))
    stream = _riff(b"LIST", b"strl" + _riff(b"strh", b"txts" + bytes(44)) + _riff(b"strf", bytes(4)))
    movie = _riff(b"LIST", b"movi" + _riff(b"00tx", subtitles))
    return _riff(b"RIFF", b"AVI " + _riff(b"LIST", b"hdrl" + main + stream) + movie)


def motion_jpeg(*sizes, said=None):
    """A Matroska of JPEGs, each of its own size, (width, height); `said`: what the film says its size is.

    A JPEG of more than 4,096 pixels says so and holds 64 × 64.
    """
    told = [min(side, 4096) for side in said or sizes[0]]
    film = io.BytesIO()
    with av.open(film, "w", format="matroska") as written:
        stream = written.add_stream("mjpeg", rate=24)
        stream.width, stream.height, stream.pix_fmt = *told, "yuvj420p"
        for number, size in enumerate(sizes):
            packet = av.Packet(_jpeg(*size))
            packet.stream, packet.time_base = stream, Fraction(1, 1000)
            packet.pts = packet.dts = number * 1000 // 24
            packet.duration = 41
            written.mux(packet)
    data = film.getvalue()
    for element, side, wanted in zip(
        (b"\xb0", b"\xba"), told, said or sizes[0], strict=True
    ):  # PixelWidth, PixelHeight
        data = data.replace(element + _number(side), element + _number(wanted)) if wanted > 4096 else data
    return data


def without_a_frame():
    """A film that has a track for pictures and none in it: it lasts no time."""
    film = io.BytesIO()
    with av.open(film, "w", format="matroska") as written:
        stream = written.add_stream("mjpeg", rate=24)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
        written.start_encoding()
    return film.getvalue()


def encrypted():
    """A film that only its key opens (ISO/IEC 23001-7)."""
    return media_file(encryption_scheme="cenc-aes-ctr", encryption_key=KEY, encryption_kid=KEY)


def _jpeg(width, height):
    small = (64, 64) if max(width, height) > 4096 else (width, height)
    file = io.BytesIO()
    Image.new("RGB", small, (90, 40, 40)).save(file, "JPEG")
    data = bytearray(file.getvalue())
    at = data.index(b"\xff\xc0") + 5  # the frame's header: height and width
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def _number(side):
    """How Matroska writes a side of two bytes."""
    return b"\x82" + side.to_bytes(2, "big")


def _png(side, *chunks):
    """A PNG of its header and these chunks, (kind, data) each."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(*chunk) for chunk in ((b"IHDR", header), *chunks, (b"IEND", b"")))


def _pixels(side):
    return zlib.compress((b"\0" + bytes(3 * side)) * side)


def _png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _riff(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

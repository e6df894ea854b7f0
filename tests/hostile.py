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


def strangers(decoy, port):
    """(what it is, its bytes) of files that are none of the studio's kinds, or that lead elsewhere: to the file `decoy`
    and to `port` of this machine."""
    here = f"127.0.0.1:{port}"
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"
    still = Image.new("RGB", (64, 64), (90, 40, 40))
    return [
        ("a playlist of a file", playlist.format(f"file://{decoy}").encode()),
        ("a playlist of an address", playlist.format(f"http://{here}/piece.ts").encode()),
        ("a playlist of a crypted piece", playlist.format(f"crypto+http://{here}/piece.ts").encode()),
        ("a playlist that concatenates", playlist.format(f"concat:{decoy}|http://{here}/").encode()),
        ("a master playlist", f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://{here}/all.m3u8\n".encode()),
        ("a list of files and addresses", f"ffconcat version 1.0\nfile {decoy}\nfile http://{here}/\n".encode()),
        ("a session", f"v=0\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n".encode()),
        ("a stream of pieces", f"<?xml version='1.0'?><MPD><BaseURL>http://{here}/</BaseURL></MPD>".encode()),
        ("smooth pieces", f"<SmoothStreamingMedia Url='http://{here}/'/>".encode()),
        ("a list of songs", f"[playlist]\nFile1=http://{here}/\n".encode()),
        ("a drawing", f"<svg xmlns='http://www.w3.org/2000/svg'><image href='http://{here}/'/></svg>".encode()),
        (
            "a drawing of a file",
            f"<svg xmlns='http://www.w3.org/2000/svg'><image href='file://{decoy}'/></svg>".encode(),
        ),
        ("a drawing with an entity", f"<!DOCTYPE s [<!ENTITY e SYSTEM 'file://{decoy}'>]><svg>&e;</svg>".encode()),
        ("a program of ImageMagick", f"push graphic-context\nimage over 0,0 0,0 'http://{here}/'\n".encode()),
        ("a subtitle", f"1\n00:00:00,000 --> 00:00:01,000\n<img src=http://{here}/>\n".encode()),
        ("a page", f"<!doctype html><script src=http://{here}/></script>".encode()),
        ("print", f"%!PS\n({decoy}) (r) file\n".encode()),
        ("paper", b"%PDF-1.7\n1 0 obj\n<< /JS (app.alert(1)) >>\nendobj\n"),
        ("a transport stream", media_file("mpegts", frames=6)),
        ("an FLV", media_file("flv", frames=6, codec="flv1", sound=None)),
        ("a TIFF", _as(still, "TIFF")),
        ("a BMP", _as(still, "BMP")),
        ("an icon", _as(still, "ICO")),
        ("a PPM", _as(still, "PPM")),
        ("a JPEG 2000", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60)),
        ("a pickle", b"\x80\x04\x95\x1c\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."),
        ("weights", struct.pack("<Q", 2**63) + b"{}"),
        ("a gzip", b"\x1f\x8b\x08\0" + bytes(60)),
        ("a program of Linux", b"\x7fELF\x02\x01\x01" + bytes(60)),
        ("a program of Windows", b"MZ" + bytes(120)),
        ("a box of nine exabytes", b"\0\0\0\x01ftyp" + struct.pack(">Q", 2**63) + b"isom" + bytes(60)),
        ("a box of no size in itself", b"\0\0\0\x18ftypisom\0\0\0\0isom" + b"\0\0\0\0moov" * 40),
        ("a Matroska of nine exabytes", b"\x1a\x45\xdf\xa3\x01\x7f\xff\xff\xff\xff\xff\xff" + bytes(60)),
        ("a page of Ogg and no more", b"OggS\0\x02" + bytes(21) + b"\xff" * 200),
        ("a tag of 256 MB", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(60)),
        ("a FLAC of no blocks", b"fLaC\x7f\xff\xff\xff" + bytes(60)),
    ]


def _as(picture, kind):
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()

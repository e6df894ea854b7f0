"""More than sixty files that must not come in, each with what the sentence says that refuses it. Needs no Django."""

import io
import struct
import zipfile
import zlib
from fractions import Fraction

import numpy as np

from tests import hostile
from tests.media import cut_off, many_tracks, media_file, tone
from tests.pictures import as_file, two_colors

NOT_MEDIA = "no picture, video or sound"
FASTSTART = {"movflags": "+faststart"}


def hostile_files(decoy="/etc/passwd", port=9):
    """(what it is, its bytes, what the sentence says) of files that must not come in. The limit is two minutes.

    Those that lead elsewhere lead to the file `decoy` and to `port` of this machine.
    """
    quiet = np.zeros((1, 48_000 * 121), np.float32)
    broken = tone()
    broken[:, 20_000:20_100] = np.nan
    mp4 = media_file(frames=48, **FASTSTART)
    return [
        ("nothing", b"", "empty"),
        ("words", b"once upon a time " * 40, NOT_MEDIA),
        ("playlist", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", NOT_MEDIA),
        ("list of files", b"ffconcat version 1.0\nfile /etc/passwd\n", NOT_MEDIA),
        ("stream of pieces", b'<?xml version="1.0"?><MPD><BaseURL>https://example.org/</BaseURL></MPD>', NOT_MEDIA),
        ("session", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n", NOT_MEDIA),
        ("old AVI", media_file("avi", codec="mpeg4", sound=None), NOT_MEDIA),
        ("playlist in the subtitles", hostile.playlist_in_subtitles(), NOT_MEDIA),
        ("drawing", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', NOT_MEDIA),
        ("page", b"<!doctype html><script>alert(1)</script>", NOT_MEDIA),
        ("paper", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", NOT_MEDIA),
        ("print", b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n", NOT_MEDIA),
        ("bitmap in words", b"#define x_width 16\n#define x_height 16\nstatic char x_bits[] = {0};", NOT_MEDIA),
        ("layers", b"8BPS\0\1" + bytes(40), NOT_MEDIA),
        ("archive", b"PK\3\4" + bytes(60), NOT_MEDIA),
        ("archive behind a GIF", hostile.animated_gif(3) + archive(), NOT_MEDIA),
        ("GIF of 100,000 frames", hostile.animated_gif(100_000), NOT_MEDIA),
        ("noise", np.random.default_rng(7).bytes(4000), NOT_MEDIA),
        ("phone picture", b"\0\0\0\x18ftypheic" + bytes(60), "HEIC"),
        ("169 megapixels", png(13_000, 13_000), "64 megapixels"),
        ("900 megapixels", png(30_000, 30_000), "64 megapixels"),
        ("a line", png(1_000_000, 1), "small"),
        ("a profile of 64 megabytes", hostile.unpacking_profile(64), "damaged"),
        ("no sides", png(0, 0), "no picture in PNG"),
        ("half a picture", cut_off(as_file(two_colors(size=(600, 400)), "JPEG").read()), "damaged"),
        ("half a video", cut_off(mp4), "not whole"),
        ("a video without its index", cut_off(media_file()), NOT_MEDIA),
        ("half a sound", cut_off(media_file("wav", codec=None, sound="pcm_s16le")), "not whole"),
        ("too small", media_file(size=(32, 32), sound=None, frames=3), "each side needs 64"),
        ("16,384 pixels square", hostile.motion_jpeg((16_384, 16_384), (16_384, 16_384)), "at most 8K"),
        (
            "a line of pixels",
            media_file(size=(9000, 64), codec="ffv1", container="matroska", frames=1, sound=None),
            "8K",
        ),
        ("pixels fifty times as wide as high", media_file(shape=Fraction(50), frames=2, sound=None), "at most 8K"),
        ("a film without a frame", hostile.without_a_frame(), NOT_MEDIA),
        ("a film under a lock", hostile.encrypted(), "encrypted"),
        ("500 frames a second", media_file(fps=500, frames=100, sound=None), "240 frames a second"),
        ("60 tracks", many_tracks(), "too many tracks"),
        (
            "1 frame a second for hours",
            media_file(fps=1, frames=200, size=(64, 64), sound=None),
            "longer than 2 minutes",
        ),
        ("long sound", media_file("flac", codec=None, sound="flac", samples=quiet), "longer than 2 minutes"),
        ("no number", media_file("wav", codec=None, sound="pcm_f32le", samples=broken), "damaged"),
        ("slow sound", wav(rate=1000), "sample rate"),
        ("255 channels", wav(channels=255), "channels"),
        *((what, data, NOT_MEDIA) for what, data in hostile.strangers(decoy, port)),
    ]


def png(width, height):
    """A PNG of a few hundred bytes that says it is this large."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def archive():
    """A zip that holds a program."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        packed.writestr("run.sh", "echo harm")
    return data.getvalue()


def wav(rate=48_000, channels=1):
    data = bytes(2 * channels * 500)
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body

"""Sounds and videos that come from outside: decoded in a process of their own, so that nothing else comes in."""

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _

from runwayweb.assets import sandbox
from runwayweb.assets.decoding import SOUND_SECONDS
from runwayweb.assets.sounds import peaks_of

DECODER = Path(__file__).with_name("decoding.py")
MOST_BYTES = 100 * 1024**2
DECODING_SECONDS = 90


class BadFootage(ValueError):
    """Not a sound or a video that can be used. The message is a sentence for whoever chose it."""


@dataclass(frozen=True)
class Recording:
    """A sound as FLAC bytes, 16 bits, one or two channels."""

    data: bytes
    duration_seconds: float
    peaks: list[int]


@dataclass(frozen=True)
class Footage:
    """A video as H.264 MP4 bytes, without sound."""

    data: bytes
    width: int
    height: int
    num_frames: int
    fps: int

    @property
    def duration_seconds(self):
        return self.num_frames / self.fps


def read_recording(file):
    """The Recording in an uploaded binary file: of a sound, or the sound of a video. Raises BadFootage, Busy."""
    with _decoded(file, "sound") as (told, written):
        peaks = peaks_of(np.array(told["loudest"])[:, None])
        return Recording(written.read_bytes(), told["duration_seconds"], peaks)


def read_footage(file, *, fps, most_pixels, most_seconds):
    """The Footage in an uploaded binary file, cut and shrunk to these limits. Raises BadFootage, Busy."""
    with _decoded(file, "video", fps, most_pixels, most_seconds) as (told, written):
        return Footage(written.read_bytes(), fps=fps, **told)


@contextmanager
def _decoded(file, kind, *limits):
    """What the decoder tells of a file, and the path of what it wrote."""
    if file.size > MOST_BYTES:
        raise BadFootage(
            _("This file is larger than %(most)d MB. Cut it and choose it again.") % {"most": MOST_BYTES // 1024**2}
        )
    with tempfile.TemporaryDirectory(prefix="footage-") as folder:
        given, written = Path(folder) / "given", Path(folder) / "written"
        with given.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        told = _told(kind, str(given), str(written), *map(str, limits))
        if "refused" in told:
            raise BadFootage(_why(kind, told["refused"]))
        yield told, written


def _told(*arguments):
    try:
        return sandbox.told(DECODER, *arguments, seconds=DECODING_SECONDS, turn=sandbox.SLOW_IN_TURN)
    except sandbox.Broken:  # too slow, or killed where it took too much
        return {"refused": "damaged"}


def _why(kind, refused):
    if refused == "silent":
        return _("There is no sound in this file. Choose another.")
    if refused == "blind":
        return _("There is no picture in this file. Choose another.")
    if refused == "long":
        most = SOUND_SECONDS // 60
        return _("This sound is longer than %(most)d minutes. Cut it and choose it again.") % {"most": most}
    if kind == "sound" and refused == "format":
        return _("This sound has more than 8 channels or an unusual sample rate. Save it as stereo and try again.")
    if kind == "sound":
        return _("This is no sound in MP3, WAV, FLAC, Ogg, M4A or a video, or it is damaged. Choose another file.")
    if refused == "format":
        return _("This video is too small or too large: each side needs 64 to 8,192 pixels. Save it anew.")
    return _("This is no video in MP4, MOV, MKV or WebM, or it is damaged. Choose another file.")

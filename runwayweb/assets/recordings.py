"""Sounds that come from outside: decoded in a process of their own, so that nothing but samples comes in."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _

from runwayweb.assets.decoding import MOST_SECONDS
from runwayweb.assets.sounds import peaks_of

DECODER = Path(__file__).with_name("decoding.py")
MOST_BYTES = 100 * 1024**2
DECODING_SECONDS = 90

# A process each takes memory: one after the other, whatever comes at once.
_one_at_a_time = threading.Lock()


class BadRecording(ValueError):
    """Not a sound that can be used. The message is a sentence for whoever chose it."""


@dataclass(frozen=True)
class Recording:
    """A sound as FLAC bytes, 16 bits, one or two channels."""

    flac: bytes
    duration_seconds: float
    peaks: list[int]


def read_recording(file):
    """The Recording in an uploaded binary file: of a sound, or the sound of a video. Raises BadRecording."""
    if file.size > MOST_BYTES:
        raise BadRecording(
            _("This file is larger than %(most)d MB. Cut it and choose it again.") % {"most": MOST_BYTES // 1024**2}
        )
    with tempfile.TemporaryDirectory(prefix="recording-") as folder, _one_at_a_time:
        given, written = Path(folder) / "given", Path(folder) / "written.flac"
        with given.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        told = _decoded(given, written)
        if "refused" in told:
            raise BadRecording(_why(told["refused"]))
        flac = written.read_bytes()
    return Recording(flac, told["duration_seconds"], peaks_of(np.array(told["loudest"])[:, None]))


def _decoded(given, written):
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(DECODER), str(given), str(written)],
            capture_output=True,
            text=True,
            timeout=DECODING_SECONDS,
            env={},
        )
        return json.loads(child.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):  # too slow, or killed where it took too much
        return {"refused": "damaged"}


def _why(refused):
    return {
        "silent": _("There is no sound in this file. Choose another."),
        "long": _("This sound is longer than %(most)d minutes. Cut it and choose it again.")
        % {"most": MOST_SECONDS // 60},
        "format": _("This sound has more than 8 channels or an unusual sample rate. Save it as stereo and try again."),
    }.get(refused, _("This is no sound in MP3, WAV, FLAC, Ogg, M4A or a video, or it is damaged. Choose another file."))

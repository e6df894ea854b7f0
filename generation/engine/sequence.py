"""A clip as every frame a picture, for compositing programs, and its sound beside it."""

import io
import json
import os
import secrets
import zipfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from generation.engine.clip import Audio
from generation.engine.encode import DIGITAL_SOURCE_TYPE, cut_or_padded, sound_frame
from generation.engine.still import told_in_png

SOME_DAY = (1980, 1, 1, 0, 0, 0)  # of every entry, so that equal frames make equal bytes
PNG_LEVEL = 1  # of compression: the others take many times as long for a tenth less
PCM = "pcm_s24le"


def write_png_sequence(frames: Iterable[np.ndarray], fps: int, path: Path | str, *, metadata: dict[str, Any]) -> None:
    """Write frames, uint8 (H, W, 3) each, to a zip at `path`: frame-000000.png and on, and recipe.json, which tells
    `metadata` (the recipe, JSON-able) and how many frames a second there are.

    Each is marked as made by a trained algorithm, as a still is. Written beside `path` and moved in when whole. Frames
    are taken one at a time. Raises OSError where the folder cannot be written.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
            for number, frame in enumerate(frames):
                picture = io.BytesIO()
                Image.fromarray(frame).save(picture, "PNG", compress_level=PNG_LEVEL, pnginfo=told_in_png({}))
                archive.writestr(zipfile.ZipInfo(f"frame-{number:06}.png", SOME_DAY), picture.getvalue())
            recipe = {**metadata, "fps": fps, "digital_source_type": DIGITAL_SOURCE_TYPE}
            told = json.dumps(recipe, ensure_ascii=False, sort_keys=True)
            archive.writestr(zipfile.ZipInfo("recipe.json", SOME_DAY), told)
        with open(beside, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_wav(audio: Audio, path: Path | str, *, seconds: Fraction) -> None:
    """Write a sound, cut or padded with silence to a length, to a WAV of 24 bits at `path`."""
    channels = audio.samples.shape[1]
    with av.open(str(path), "w", format="wav") as container:
        layout = "mono" if channels == 1 else "stereo"
        stream: Any = container.add_stream(PCM, rate=audio.sample_rate, layout=layout)
        container.mux(stream.encode(sound_frame(cut_or_padded(audio, seconds), audio.sample_rate, 0, PCM)))
        container.mux(stream.encode(None))

"""Small pictures for stories. Needs no Django."""

import io

import numpy as np
from PIL import Image


def two_colors(left=(220, 30, 30), right=(30, 30, 220), size=(64, 48)):
    """An RGB picture, one colour to the left and one to the right."""
    picture = Image.new("RGB", size, left)
    picture.paste(right, (size[0] // 2, 0, *size))
    return picture


def noise(seed=7, size=(64, 48)):
    """An RGB picture that no format makes small."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8))


def as_file(picture, kind="PNG", **options):
    """A picture as an open file of this kind, at its beginning."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    file.seek(0)
    return file


def frames_of(seed, count, height=48, width=64):
    """A clip whose frames are all different and none like another clip's: uint8 (F, H, W, 3)."""
    rng = np.random.default_rng(seed)
    base = rng.integers(40, 200, (height // 8, width // 8, 3)).repeat(8, 0).repeat(8, 1)
    return np.stack([np.roll(base, 2 * n, 1) for n in range(count)]).astype(np.uint8)

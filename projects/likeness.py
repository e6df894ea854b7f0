"""How alike two pictures of somebody are: numpy and Pillow alone, so that the media worker can measure it.

A picture becomes numbers for its colours, where they are, and its outlines and texture; a linear map learned from
stills of the world (bench/consistency.py) keeps of them what differs between entities and not between cameras, lights
and poses. Sources: Swain & Ballard 1991 (colour histograms); Dalal & Triggs 2005 (oriented gradients); Fisher's linear
discriminant.
"""

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

METHOD = 1  # a new number whenever equal pictures would get other scores
LEARNED = Path(__file__).with_name("likeness.npz")
SIDE = 64  # pixels: how large everything is looked at
GRID, BINS = 4, 8  # cells a side; directions of an edge
LIGHTNESS_STEPS, COLOR_STEPS = 4, 8
PAIRS = 500  # on which it was measured how often it errs (bench/consistency.json)
SHOWN_AS = {"good": (0.796, 0.104), "bad": (0.056, 0.752)}  # of the same, of strangers: the share that is shown so
PLAIN, APART = 10, 24  # of 255: a border that differs less is a plain background; what differs more is the subject


def seen_in(picture):
    """Numbers of who is in a picture, uint8 (H, W, 3): all of it but a plain background."""
    return numbers_of(picture, subject_of(picture))


def alike(sheet, seen):
    """How much somebody looks like the most similar view of a sheet, from 0 to 1; 0.5: as likely the same as not.

    All of them as `numbers_of` tells them.
    """
    return chance(max(evidence(view, seen) for view in sheet))


def evidence(one, other):
    """How much more likely two pictures, as `numbers_of` tells them, show one entity than two (its logarithm).

    Both are taken for an entity's own appearance plus what camera, light and pose add, each normally distributed.
    Source: probabilistic linear discriminant analysis, Ioffe 2006.
    """
    learned = _learned()
    a, b = ((numbers - learned["mean"]) @ learned["map"] for numbers in (one, other))
    between = learned["between"]
    whole = between + 1
    together = (whole * (a * a + b * b) - 2 * between * a * b) / (whole * whole - between * between)
    return float(((a * a + b * b) / whole - together).sum() / 2)


def level_of(value):
    """ "good" where hardly any stranger comes so high, "bad" where hardly any of the same comes so low, else "warn"."""
    low, high = _learned()["levels"]
    return "good" if value >= high else "bad" if value < low else "warn"


def shares_of(level):
    """Of pairs of the same, and of strangers, the share that is shown as a level, 0 to 1 each."""
    if level in SHOWN_AS:
        return SHOWN_AS[level]
    (same_good, strangers_good), (same_bad, strangers_bad) = SHOWN_AS.values()
    return 1 - same_good - same_bad, 1 - strangers_good - strangers_bad


def chance(evidence):
    """Evidence as a chance from 0 to 1, as often right as it says (of strangers and the same, as many of each)."""
    slope, offset = _learned()["calibration"]
    return float(1 / (1 + np.exp(-np.clip(slope * evidence + offset, -30, 30))))


@cache
def _learned():
    with np.load(LEARNED) as file:
        return {name: file[name].astype(np.float64) for name in file.files}


def subject_of(picture):
    """Which pixels of a cut-out, uint8 (H, W, 3), are its subject, bool (H, W): all but a plain background."""
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]).astype(np.int16)
    background = np.median(border, axis=0)
    apart = np.abs(picture.astype(np.int16) - background).max(axis=2) > APART
    plain = np.quantile(np.abs(border - background).max(axis=1), 0.9) < PLAIN
    return apart if plain and apart.mean() > 0.01 else np.ones(picture.shape[:2], bool)


def numbers_of(picture, own):
    """A picture, uint8 (H, W, 3), of whose pixels those of `own`, bool (H, W), are somebody's: float64 (N,).

    The same for its mirror image.
    """
    picture, own = _centred(picture, own)
    lab = _lab(picture)
    return np.concatenate([_colors(lab, own), _both_ways(_layout, lab, own), _both_ways(_edges, lab, own)])


def _both_ways(describe, lab, own):
    return (describe(lab, own) + describe(lab[:, ::-1], own[:, ::-1])) / 2


def _centred(picture, own):
    """The subject in the middle of a square, float (SIDE, SIDE, 3) and its share of each pixel (SIDE, SIDE)."""
    rows, columns = own.any(1).nonzero()[0], own.any(0).nonzero()[0]
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    picture, own = picture[box], own[box]
    height, width = own.shape
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.zeros((side, side, 4), np.uint8)
    square[top : top + height, left : left + width, :3] = picture * own[..., None]
    square[top : top + height, left : left + width, 3] = own * 255
    small = [
        np.asarray(Image.fromarray(square[..., channel]).resize((SIDE, SIDE), Image.Resampling.BOX), float)
        for channel in range(4)
    ]
    share = small[3] / 255
    rgb = np.stack(small[:3], axis=-1) / 255 / np.maximum(share, 1e-3)[..., None]
    return rgb.clip(0, 1), share


def _lab(rgb):
    """sRGB in [0, 1] as Oklab (lightness, green to red, blue to yellow). Source: Ottosson 2020."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(linear @ TO_CONES.T)
    return cones @ TO_LAB.T


TO_CONES = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
TO_LAB = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip


def _colors(lab, own):
    """How much of it has which colour: the roots of the shares, which makes small ones count."""
    lightness = np.clip(lab[..., 0] * LIGHTNESS_STEPS, 0, LIGHTNESS_STEPS - 1e-6)
    green = np.clip((lab[..., 1] + 0.25) * 2 * COLOR_STEPS, 0, COLOR_STEPS - 1 - 1e-6)
    blue = np.clip((lab[..., 2] + 0.25) * 2 * COLOR_STEPS, 0, COLOR_STEPS - 1 - 1e-6)
    counted = np.zeros((LIGHTNESS_STEPS, COLOR_STEPS, COLOR_STEPS))
    for up in (0, 1):
        for right in (0, 1):
            weight = own * np.abs(1 - up - green % 1) * np.abs(1 - right - blue % 1)
            np.add.at(counted, (lightness.astype(int), green.astype(int) + up, blue.astype(int) + right), weight)
    return np.sqrt(counted / max(own.sum(), 1e-6)).ravel()


def _layout(lab, own):
    """Its shape and its colours where they are, on a coarse grid."""
    cell = SIDE // GRID
    share = own.reshape(GRID, cell, GRID, cell).mean((1, 3))
    mean = (lab * own[..., None]).reshape(GRID, cell, GRID, cell, 3).mean((1, 3)) / np.maximum(share, 0.02)[..., None]
    middle = (lab * own[..., None]).sum((0, 1)) / max(own.sum(), 1e-6)
    spread = np.sqrt((((lab - middle) ** 2) * own[..., None]).sum((0, 1)) / max(own.sum(), 1e-6))
    apart = (mean - middle) * share[..., None]
    return np.concatenate([share.ravel(), 4 * apart.ravel(), 4 * middle, 4 * spread])


def _edges(lab, own):
    """Which way its edges run, cell by cell, in its lightness and in its outline."""
    told = []
    for plane, weight in ((lab[..., 0], own), (own, 1.0)):
        down, across = np.gradient(plane)
        strength = np.hypot(down, across) * weight
        direction = np.arctan2(down, across) % np.pi / np.pi * BINS
        histogram = np.zeros((GRID, GRID, BINS))
        rows, columns = np.mgrid[:SIDE, :SIDE] // (SIDE // GRID)
        low = direction.astype(int) % BINS
        np.add.at(histogram, (rows, columns, low), strength * (1 - direction % 1))
        np.add.at(histogram, (rows, columns, (low + 1) % BINS), strength * (direction % 1))
        told.append(np.sqrt(histogram / (histogram.sum() + 1e-6)).ravel())
    return np.concatenate(told)

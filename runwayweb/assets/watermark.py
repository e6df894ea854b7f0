"""The studio's name in a corner of what is made on a plan with a watermark: there to be read, and in nobody's way."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONT = Path(settings.BASE_DIR) / "static/vendor/inter/inter-latin-wght-normal.woff2"
SIZE, SMALLEST = 0.042, 8  # of the type: its part of the shorter side, and pixels
INK, SHADE = 0.66, 0.55  # how much of the picture the words and their soft dark edge cover


@dataclass(frozen=True, eq=False)
class Mark:
    """What covers a frame, from row and column on: `ink`, the white words, and `shade` around them, 0 to 1, (h, w)."""

    top: int
    left: int
    ink: np.ndarray
    shade: np.ndarray


@lru_cache(maxsize=16)
def mark_of(width: int, height: int, text: str) -> Mark:
    """The mark for frames of a size, in the lower right corner; smaller where the words would not fit."""
    pixels = max(SMALLEST, round(min(width, height) * SIZE))
    font = _font(pixels)
    while pixels > 4 and font.getlength(text) > 0.8 * width:
        pixels -= 1
        font = _font(pixels)
    edge = max(1, round(pixels / 4))
    wide, high = round(font.getlength(text)) + 2 * edge, round(1.2 * pixels) + 2 * edge
    # Even sides and an even place, since the colours of a film have half as many pixels.
    wide, high = min(wide + wide % 2, width // 2 * 2), min(high + high % 2, height // 2 * 2)
    words = Image.new("L", (max(wide, 1), max(high, 1)))
    ImageDraw.Draw(words).text((wide / 2, high / 2), text, 255, font, "mm")
    ink = np.asarray(words, np.float32) / 255
    soft = np.asarray(words.filter(ImageFilter.GaussianBlur(edge / 2)), np.float32) / 255
    margin = round(pixels / 2)
    top, left = (max(0, height - high - margin) // 2 * 2, max(0, width - wide - margin) // 2 * 2)
    return Mark(top, left, (ink * INK)[: height - top, : width - left], (soft * SHADE)[: height - top, : width - left])


def marked(frames: np.ndarray) -> np.ndarray:
    """The same frames, uint8 (F, H, W, 3), with the mark; a copy."""
    mark = mark_of(frames.shape[2], frames.shape[1], settings.WATERMARK)
    rows = slice(mark.top, mark.top + mark.ink.shape[0])
    columns = slice(mark.left, mark.left + mark.ink.shape[1])
    after = frames.copy()
    corner = after[:, rows, columns].astype(np.float32)  # (F, h, w, 3)
    corner *= (1 - mark.shade)[None, :, :, None]
    corner += (255 - corner) * mark.ink[None, :, :, None]
    after[:, rows, columns] = corner.round().astype(np.uint8)
    return after


def _font(pixels):
    font = ImageFont.truetype(str(FONT), pixels)
    font.set_variation_by_axes([600])
    return font

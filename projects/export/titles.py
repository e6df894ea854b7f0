"""Words over the pictures: titles and captions, drawn with Pillow in the studio's own type."""

import textwrap
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

import numpy as np
from django.conf import settings
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from runwayweb.assets.watermark import mark_of

FONTS = [
    Path(settings.BASE_DIR) / "static/vendor/inter" / f"inter-{part}-wght-normal.woff2"
    for part in ("latin", "latin-ext")
]
WHITE = (235, 128, 128)  # Y, U, V
# Of the height of the picture: the type, and where the middle of the words stands; of its width: the longest line.
STYLES = {
    "centre": (0.075, 0.5, 30),
    "lower third": (0.05, 0.82, 40),
    "credits": (0.04, 0.5, 46),
    "caption": (0.042, 0.9, 42),
}


@dataclass(frozen=True)
class Drawing:
    """Words ready to lay over the rows `rows` of a picture. y, u, v and both alphas: uint8, chroma at half the size."""

    rows: tuple[int, int]
    y: np.ndarray
    u: np.ndarray
    v: np.ndarray
    alpha: np.ndarray
    small_alpha: np.ndarray


class Titles:
    """Draws words for pictures of one size; the same words are drawn once."""

    def __init__(self, width: int, height: int):
        self.width, self.height = width, height
        self.drawing = lru_cache(maxsize=32)(self._drawing)

    def _drawing(self, text: str, style: str, *, is_caption: bool = False) -> Drawing:
        size, middle, letters = STYLES["caption" if is_caption else style]
        pixels = max(8, round(self.height * size))
        lines = [part for line in text.split("\n") for part in textwrap.wrap(line, letters) or [""]]
        weight = 600 if style == "centre" and not is_caption else 500
        height = round(pixels * 1.3) * len(lines)
        top = max(0, min(self.height - height - pixels // 2, round(self.height * middle - height / 2)))
        rows = (max(0, top - pixels // 2) // 2 * 2, min(self.height, top + height + pixels // 2) // 2 * 2)
        words = Image.new("L", (self.width, rows[1] - rows[0]))
        draw = ImageDraw.Draw(words)
        for number, line in enumerate(lines):
            runs = [(part, _font(is_marked, pixels, weight)) for part, is_marked in _runs(line)]
            x = (self.width - sum(font.getlength(part) for part, font in runs)) / 2
            for part, font in runs:
                draw.text((x, top - rows[0] + round(pixels * 1.3) * (number + 0.5)), part, 255, font, "lm")
                x += font.getlength(part)
        # A soft dark edge keeps white words legible over snow.
        edge = words.filter(ImageFilter.GaussianBlur(max(1, pixels / 10)))
        shadow = np.minimum(np.asarray(edge, np.uint16) * 2, 200)
        ink = np.asarray(words, np.uint16)
        alpha = ink + shadow * (255 - ink) // 255
        y = np.where(alpha > 0, (ink * WHITE[0] + (alpha - ink) * 16) // np.maximum(alpha, 1), 16)
        small = alpha.reshape(alpha.shape[0] // 2, 2, -1, 2).mean((1, 3))
        grey = np.full(small.shape, WHITE[1], np.uint8)
        return Drawing(rows, y.astype(np.uint8), grey, grey, alpha.astype(np.uint8), small.astype(np.uint8))


def watermark(width, height):
    """The studio's name in the corner, ready to lay over a picture of this size."""
    mark = mark_of(width, height, settings.WATERMARK)
    rows = (mark.top, mark.top + mark.ink.shape[0])
    ink, shade = (np.zeros((rows[1] - rows[0], width), np.float32) for _one in range(2))
    across = slice(mark.left, mark.left + mark.ink.shape[1])
    ink[:, across], shade[:, across] = mark.ink, mark.shade
    alpha = ink + shade * (1 - ink)  # what is seen of both over the picture
    y = np.where(alpha > 0, (ink * WHITE[0] + (alpha - ink) * 16) / np.maximum(alpha, 1e-6), 16)
    small = alpha.reshape(alpha.shape[0] // 2, 2, -1, 2).mean((1, 3))
    grey = np.full(small.shape, WHITE[1], np.uint8)
    whole, half = (part.round().astype(np.uint8) for part in (alpha * 255, small * 255))
    return Drawing(rows, y.round().astype(np.uint8), grey, grey, whole, half)


def _runs(line):
    """The line in pieces, each with whether it is of letters that stand in the second half of the type: Š, ł, ộ."""
    return [("".join(run), marked) for marked, run in groupby(line, key=lambda letter: 0x100 <= ord(letter) < 0x2000)]


@cache
def _font(is_marked, pixels, weight):
    font = ImageFont.truetype(str(FONTS[is_marked]), pixels)
    font.set_variation_by_axes([weight])
    return font

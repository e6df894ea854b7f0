"""What a painter makes of pictures it is given: portraits, views of places, and frames to begin or end with."""

import numpy as np
import torch
from torch.nn.functional import interpolate

from generation.engine.painter.conditions import PORTRAIT, VIEW
from generation.engine.painter.network import Painter
from generation.engine.painter.words import COLORS, ENTITY_SIZES, KINDS, Words
from generation.engine.world import vocabulary
from generation.engine.world.palette import COLOR_VALUES

PLAIN = 14.0  # of 255: a border whose colours differ less is a plain background
APART = 28.0  # of 255: what differs more from a plain background belongs to the subject


def portrait_of(picture: np.ndarray) -> torch.Tensor:
    """A picture of somebody, uint8 (H, W, 3), as uint8 (64, 64, 4): cut out where the background is plain.

    Otherwise all of the picture counts, which the painter has also learned.
    """
    pixels = torch.from_numpy(np.ascontiguousarray(picture)).float()
    border = torch.cat([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    background = border.median(0).values
    apart = (pixels - background).abs().amax(-1) > APART
    alpha = torch.ones(pixels.shape[:2])
    if (border - background).abs().amax(-1).quantile(0.9) < PLAIN and apart.any():
        alpha = apart.float()
        rows, columns = apart.any(1).nonzero()[:, 0], apart.any(0).nonzero()[:, 0]
        box = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
        pixels, alpha = pixels[box], alpha[box]
    cut = torch.cat([pixels * alpha[..., None], alpha[..., None] * 255], dim=-1)
    height, width = alpha.shape
    side = max(height, width) + 4
    square = torch.zeros(side, side, 4)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = cut
    return _resized(square, (PORTRAIT, PORTRAIT))


def view_of(picture: np.ndarray) -> torch.Tensor:
    """A picture of a place, uint8 (H, W, 3), as uint8 (72, 128, 3): its middle in that shape."""
    return framed(picture, *VIEW)


def framed(picture: np.ndarray, height: int, width: int) -> torch.Tensor:
    """The middle of a picture uint8 (H, W, 3) that fills (height, width), uint8."""
    pixels = torch.from_numpy(np.ascontiguousarray(picture)).float()
    scale = max(height / pixels.shape[0], width / pixels.shape[1])
    rows, columns = round(height / scale), round(width / scale)
    top, left = (pixels.shape[0] - rows) // 2, (pixels.shape[1] - columns) // 2
    return _resized(pixels[top : top + rows, left : left + columns], (height, width))


def _resized(pixels, size):
    channels = pixels.permute(2, 0, 1)[None]
    small = interpolate(channels, size, mode="bilinear", antialias=True, align_corners=False)
    return small[0].permute(1, 2, 0).round().clamp(0, 255).to(torch.uint8)


@torch.inference_mode()
def likeness(painter: Painter, portrait: torch.Tensor, kinds: tuple[str, ...]) -> tuple[str, str | None]:
    """Which of `kinds` (species, or objects) a portrait, uint8 (64, 64, 4), shows most likely, and in which colour.

    The painter understands a picture as the words for what it shows: the nearest words are the answer.
    """
    colors = vocabulary.COLORS
    entity = torch.zeros(1, len(kinds) * len(colors), len(ENTITY_SIZES), dtype=torch.int64)
    hue = torch.zeros(1, entity.shape[1], 3)
    for row, (kind, color) in enumerate((kind, color) for kind in kinds for color in colors):
        first = 1 if kinds == vocabulary.SPECIES else len(vocabulary.SPECIES) + 1
        entity[0, row, :2] = torch.tensor([KINDS.index(kind, first), COLORS.index(color)])
        hue[0, row] = torch.tensor(COLOR_VALUES[color])
    device = painter.device
    asked = Words(entity.to(device), hue.to(device), entity[:, 0], hue[:, 0, 0])
    words = painter.describe_entity(asked)[0]
    seen = painter.look_at((portrait.permute(2, 0, 1).float() / 127.5 - 1)[None].to(device))
    nearest = int((words - seen).square().mean(-1).argmin())
    return kinds[nearest // len(colors)], colors[nearest % len(colors)]

"""Somebody or something of a shot, painted anew wherever they are."""

import torch
from torch.nn.functional import max_pool2d

from generation.engine.clip import EngineError
from generation.engine.request import gettext_noop
from generation.engine.world.render import Rendering
from generation.engine.world.scene import Scene

RIM = 72  # a rim around whoever is painted anew is this part of the picture's height


def refuse_nobody(scene: Scene, subject: int) -> None:
    """Raise EngineError for a number, counted from 1, that nobody and nothing of a scene has."""
    if subject > len(scene.characters) + len(scene.props):
        raise EngineError(gettext_noop("There is nobody of that number in the shot."), code="INPUT.SUBJECT")


def theirs(subject: int, before: Rendering, after: Rendering) -> torch.Tensor:
    """Which pixels are painted anew, bool (F, H, W): where they were and where they will be, of one clip each, with a
    rim for what melted into what is behind them."""
    return with_rim((before.mask[0] == subject) | (after.mask[0] == subject))


def with_rim(pixels: torch.Tensor) -> torch.Tensor:
    """Pixels bool (F, H, W) and a rim around them, on the CPU."""
    rim = 2 * round(pixels.shape[1] / RIM) + 1
    return max_pool2d(pixels[:, None].float(), rim, stride=1, padding=rim // 2)[:, 0].cpu() > 0

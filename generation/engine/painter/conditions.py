"""From a scene, its rendering and pictures of who is in it to what a painter is given."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from generation.engine.painter.codec import CELL, GROUP
from generation.engine.painter.guide import TOLD, as_told, guide_of
from generation.engine.painter.network import TOKEN, UNKNOWN, Conditions
from generation.engine.painter.words import words_of
from generation.engine.world.render import Rendering
from generation.engine.world.scene import Scene

PORTRAIT = 64  # pixels: side of an entity's picture
VIEW = (72, 128)  # pixels: height and width of a picture of a place


def conditions_for(
    scenes: Sequence[Scene],
    rendering: Rendering,
    *,
    latent_channels: int,
    portraits: torch.Tensor | None = None,
    views: torch.Tensor | None = None,
) -> Conditions:
    """What to paint over the rendering of B scenes: 4k + 1 frames, height and width multiples of 16.

    portraits: uint8 (B, E, 64, 64, 4), entities cut out of other pictures, in the order of the rendering's mask;
    whoever has a picture (alpha anywhere above a half) is painted after it instead of after their words. views: uint8
    (B, 72, 128, 3), the same for the place. Raises ValueError for sizes and lengths that a painter has no tokens for.
    """
    clips, frames, height, width = rendering.depth.shape
    if (frames - 1) % GROUP or height % TOKEN or width % TOKEN:
        raise ValueError(f"A painter cannot paint {frames} frames of {width} × {height}.")
    entities = max(1, *(len(scene.characters) + len(scene.props) for scene in scenes))
    guide = guide_of(rendering, entities)
    cells = (clips, (frames - 1) // GROUP + 1, height // CELL, width // CELL)
    pictures = torch.full((clips, entities, 4, PORTRAIT, PORTRAIT), -1.0)
    if portraits is not None:
        some = portraits[:, :entities].permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        pictures[:, : some.shape[1]] = some
    return Conditions(
        words=words_of(scenes, entities),
        pictured=(pictures[:, :, 3].amax((2, 3)) > 0).float(),
        portraits=pictures,
        viewed=torch.full((clips,), float(views is not None)),
        views=torch.zeros(clips, 3, *VIEW) if views is None else views.permute(0, 3, 1, 2).float() / 127.5 - 1,
        guided=torch.ones(clips),
        **as_told(guide),
        known=torch.zeros(clips, cells[1], latent_channels, *cells[2:]),
        knowledge=torch.full(cells, UNKNOWN),
    )


def unguided(given: Conditions) -> Conditions:
    """The same, told in words and pictures alone."""
    return replace(given, **{name: torch.zeros_like(getattr(given, name)) for name in ("guided", *TOLD)})

"""Who can be seen in a shot, each cut out of the frame that shows them best: pictures to be references for the next."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import torch
from torch.nn.functional import interpolate

from generation.engine.clip import CastPicture
from generation.engine.world.scene import Character, Scene

SIDE = 256  # pixels: a cut-out is no larger
SEEN = 150  # pixels: whoever covers fewer in every frame is left out
MARGIN = 0.06  # of the longer side, all around
APART = 32  # of 255: a little more than what parts a subject from its background for those who look at references
# Backgrounds: paper, and for who would be lost on it two that no grey comes near.
LIGHTS = ((242, 241, 238), (250, 214, 178), (178, 214, 250))


class Casting:
    """Looks at the frames of a shot one by one and keeps of each entity the one that shows it best.

    That is where it covers most, not cut off by the picture's edge if ever it is not. Only a crop of that frame is
    held, so a long shot needs no more memory than a short one.
    """

    def __init__(self, scene: Scene, tagged: Mapping[str, tuple[str, int]] = MappingProxyType({})):
        """`tagged`: whom the prompt calls by name, as `Reading.tagged` tells it."""
        self._entities = scene.characters + scene.props
        first = {"character": 1, "object": len(scene.characters) + 1}
        self._tags = {first[role] + index: tag for tag, (role, index) in tagged.items()}
        self._best: dict[int, tuple[tuple[bool, int], np.ndarray, np.ndarray]] = {}  # number → rank, crop, its own part

    def see(self, picture: np.ndarray, mask: np.ndarray) -> None:
        """A frame, uint8 (H, W, 3), and whose its pixels are, uint8 (H, W), numbered as in `Rendering.mask`."""
        areas = np.bincount(mask.ravel(), minlength=len(self._entities) + 1)
        at_edge = set(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).tolist())
        for number in range(1, len(self._entities) + 1):
            rank = (number not in at_edge, int(areas[number]))
            if rank[1] < SEEN or (number in self._best and rank <= self._best[number][0]):
                continue
            own = mask == number
            rows, columns = own.any(1).nonzero()[0], own.any(0).nonzero()[0]
            box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
            self._best[number] = rank, picture[box].copy(), own[box].copy()

    def pictures(self) -> tuple[CastPicture, ...]:
        """Everybody who was seen, in the scene's order."""
        return tuple(
            CastPicture(
                name=_name(self._entities[number - 1]),
                role="character" if isinstance(self._entities[number - 1], Character) else "object",
                picture=_laid_out(crop, own),
                tag=self._tags.get(number, ""),
            )
            for number, (_, crop, own) in sorted(self._best.items())
        )


def _name(entity):
    """In the world's words: “red fox”, “ball”."""
    name = entity.species if isinstance(entity, Character) else entity.name
    return f"{entity.color} {name}" if entity.color else name


def _laid_out(crop, own):
    """The pixels `own`, bool (H, W), of a crop, in the middle of a plain light square, uint8 (S, S, 3)."""
    height, width = own.shape
    side = max(height, width) + 2 * max(2, round(MARGIN * max(height, width)))
    square = np.empty((side, side, 3), np.uint8)
    square[:] = _background_for(crop[own])
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width][own] = crop[own]
    if side <= SIDE:
        return square
    channels = torch.from_numpy(square).permute(2, 0, 1)[None].float()
    small = interpolate(channels, (SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False)[0]
    return small.round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous().numpy()


def _background_for(colors):
    """The light in which the least of these colours (N, 3) would be lost; paper when it makes no difference."""

    def lost(light):
        distance = np.abs(colors.astype(np.int16) - np.array(light, np.int16)).max(1)
        return round(float((distance <= APART).mean()), 2)

    return min(LIGHTS, key=lost)

"""What a sound stage is made of: layers, each asked for one second of the shot after the other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from generation.engine.foley.ear import Heard
from generation.engine.foley.noise import Key, coloured, decibels, moments
from generation.engine.foley.timbre import Stroke

Curve = Callable[[np.ndarray], np.ndarray]  # seconds (21,) → how loud (21,)


class Layer:
    """Something that is heard. The same second is always the same, whatever was asked for before."""

    def bed(self, second: int) -> np.ndarray | None:
        """What goes on all the time: one second of it, (48000, 2)."""
        return None

    def strokes(self, second: int) -> Iterable[Stroke]:
        """What begins within a second."""
        return ()


@dataclass(frozen=True, eq=False)
class Bed(Layer):
    """Noise in a few colours.

    colors: pairs of a colour (K,), as `noise.band` makes it, and its level in dB or how loud it is over time.
    heard: where from. `spread`: how much of its side is kept. `width`: 0 for a point, 1 for what is all around.
    """

    key: Key
    colors: Sequence[tuple[np.ndarray, Curve | float]]
    heard: Heard
    spread: float = 0.5
    width: float = 0.9

    def bed(self, second):
        at = moments(second)
        color = sum(
            np.outer(level(at) if callable(level) else np.full(len(at), decibels(level)), shape)
            for shape, level in self.colors
        )
        return coloured(self.key, second, color, self.heard.sides(at, self.spread) * np.sqrt(2), self.width)

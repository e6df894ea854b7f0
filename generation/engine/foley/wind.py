"""Wind: gusts, what they whistle through, and the leaves and cloths they move."""

import numpy as np

from generation.engine.foley.bed import Bed, Layer
from generation.engine.foley.ear import Ear
from generation.engine.foley.noise import Key, band, coloured, decibels, moments, peaks, wander


class Wind:
    """The wind of a place, at a level in dB: whatever it moves, it moves in the same gusts, of `period` seconds."""

    def __init__(self, key: Key, ear: Ear, level: float, period: float = 4.5):
        self.key, self.ear, self.level, self.period = (*key, "wind"), ear, level, period

    def gust(self, t):
        """How it blows, about 1."""
        return 0.35 + 1.3 * wander((*self.key, "gust"), t, self.period) ** 1.6

    def air(self, low: float, high: float) -> Layer:
        """The wind itself, brighter where it is stronger."""
        dull = (band(low, high, 5), lambda t: decibels(self.level) * self.gust(t))
        bright = (band(1.5 * low, 3.2 * high, 3), lambda t: decibels(self.level - 9) * self.gust(t) ** 2.2)
        return Bed((*self.key, "air"), (dull, bright), self.ear.direction(0), 0.4, 0.9)

    def leaves(self, level: float, low: float = 1700, high: float = 7500) -> Layer:
        """Leaves, or blades of grass, which flutter faster than it blows."""

        def flutter(t):
            quick = 0.45 + 1.1 * wander((*self.key, "flutter", int(low)), t, 0.22)
            return decibels(self.level + level) * self.gust(t) ** 1.7 * quick

        branches = (band(500, 2200, 3), lambda t: decibels(self.level + level - 5) * self.gust(t - 0.4) ** 1.4)
        return Bed(
            (*self.key, "leaves", int(low)), ((band(low, high, 2), flutter), branches), self.ear.direction(15), 0.5, 1.0
        )

    def cloth(self, level: float, bearing: float) -> Layer:
        """A flag or washing that it beats."""

        def beats(t):
            quick = np.clip(2 * wander((*self.key, "flap", int(bearing)), t, 0.18) - 0.6, 0, 1)
            return decibels(self.level + level) * self.gust(t) ** 1.5 * quick

        color = ((band(220, 2200, 4), beats),)
        return Bed((*self.key, "cloth", int(bearing)), color, self.ear.direction(bearing), 0.8, 0.4)

    def whistle(self, hz: float, level: float) -> Layer:
        return Whistle(self, hz, level)


class Whistle(Layer):
    """Wind in a gap: a narrow band whose pitch follows the gusts."""

    steps = np.exp(np.linspace(np.log(0.6), np.log(1.7), 24))

    def __init__(self, wind: Wind, hz: float, level: float):
        self.wind, self.level, self.key = wind, level, (*wind.key, "whistle", int(hz))
        self.colors = np.stack([peaks((hz * step, 0.06, 1.0), (2 * hz * step, 0.05, 0.25)) for step in self.steps])

    def bed(self, second):
        at = moments(second)
        blows = self.wind.gust(at)
        which = np.interp(0.72 + 0.28 * blows, self.steps, np.arange(len(self.steps)))
        low = which.astype(int).clip(0, len(self.steps) - 2)
        share = (which - low)[:, None]
        color = self.colors[low] * np.sqrt(1 - share) + self.colors[low + 1] * np.sqrt(share)
        loud = decibels(self.wind.level + self.level) * np.clip(blows - 0.45, 0, 2) ** 1.5
        sides = self.wind.ear.direction(-30).sides(at, 0.5)
        return coloured(self.key, second, color * loud[:, None], sides * np.sqrt(2), 0.5)

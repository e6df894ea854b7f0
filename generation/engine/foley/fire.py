"""Fire: a soft roar, and wood that cracks."""

import numpy as np

from generation.engine.foley.bed import Bed, Layer
from generation.engine.foley.ear import Heard
from generation.engine.foley.noise import Key, band, chance, decibels, wander
from generation.engine.foley.timbre import Stroke, burst, mixed, ring

CRACKS = 24  # different ones of a fire


class Fire(Layer):
    """`level` of its cracks, `roar` of its flames, in dB. `busy`: cracks a second, of which few are loud."""

    def __init__(self, key: Key, heard: Heard, level: float, roar: float, busy: float = 16.0):
        self.key, self.heard, self.level, self.busy = (*key, "fire"), heard, level, busy

        def flicker(t):
            return decibels(roar) * (0.5 + 0.9 * wander((*self.key, "flicker"), t, 0.35))

        breath = (band(60, 420, 5), flicker), (band(500, 3500, 4), lambda t: 0.22 * flicker(t) ** 1.0)
        self.flames = Bed((*self.key, "flames"), breath, heard, 1.0, 0.5)
        rng = chance((*self.key, "wood"))
        self.cracks = [self._crack(rng) for _ in range(CRACKS)]

    def _crack(self, rng):
        snap = burst(
            rng, 0.035, rng.uniform(900, 2600), 11_000, attack=0.0002, fall=rng.uniform(0.0015, 0.006), slope=1
        )
        hz = rng.uniform(500, 1900)
        wood = ring(0.05, ((hz, 0.005, 1.0), (2.4 * hz, 0.003, 0.5)))
        return mixed(2.2 * snap, 0.5 * wood)

    def bed(self, second):
        return self.flames.bed(second)

    def strokes(self, second):
        rng = chance((*self.key, "cracks"), second)
        # They come in flurries: one that gives way takes others with it.
        lively = self.busy * (0.4 + 1.2 * wander((*self.key, "lively"), np.array([second + 0.5]), 2.0)[0])
        for at in second + np.sort(rng.uniform(0, 1, rng.poisson(lively))):
            loud = decibels(self.level + 10 - rng.exponential(7.0)) * self.heard.sides(at) * rng.uniform(0.7, 1.2, 2)
            yield Stroke(at, self.cracks[rng.integers(CRACKS)], loud, 0.25)

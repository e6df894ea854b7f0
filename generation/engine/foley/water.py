"""Water: waves on a beach, a bank that is lapped at, a stream, bubbles."""

import numpy as np

from generation.engine.foley.bed import Bed, Layer
from generation.engine.foley.ear import Ear, Heard
from generation.engine.foley.noise import SAMPLE_RATE, Key, band, chance, decibels, wander
from generation.engine.foley.timbre import Stroke, clock, ended, struck


def bubble(rng, size=1.0):
    """A bubble rings higher while it rises and shrinks (Minnaert 1933)."""
    t = clock(0.09 * size)
    hz = rng.uniform(380, 1200) / size * (1 + 2.2 * t / t[-1])
    return ended(0.6 * np.sin(2 * np.pi * np.cumsum(hz) / SAMPLE_RATE) * struck(t, 0.004, 0.025 * size))


class Waves(Layer):
    """Waves on a shore: each swells far out, breaks and runs back, hissing."""

    every = 6.8  # seconds
    parts = {  # seconds: how long it comes, how long it goes, when
        "swell": (1.9, 1.0, 0.0),
        "break": (0.45, 1.1, 0.15),
        "foam": (0.9, 2.3, 1.0),
    }

    def __init__(self, key: Key, ear: Ear, level: float):
        self.key = (*key, "waves")
        sea = ear.direction(0)

        def part(name, low, high, slope, level, width):
            loud = lambda t: decibels(level) * self._loud(t, *self.parts[name])  # noqa: E731
            return Bed((*self.key, name), ((band(low, high, slope), loud),), sea, 0.5, width)

        self.layers = [
            Bed((*self.key, "far"), ((band(60, 420, 4), level - 7),), sea, 0.5, 1.0),
            part("swell", 90, 900, 4, level, 0.8),
            part("break", 350, 3800, 3, level, 0.9),
            part("foam", 2200, 9500, 2, level - 5, 1.0),
        ]

    def _loud(self, t, rise, fall, delay):
        heard = np.zeros(len(t))
        for number in range(int(t[0] // self.every) - 2, int(t[-1] // self.every) + 2):
            rng = chance(self.key, number)
            begins = (number + 0.25 + 0.5 * rng.uniform()) * self.every + delay
            loud, slow = rng.uniform(0.55, 1.0), rng.uniform(0.9, 1.3)
            since = (t - begins) / slow
            heard += loud * np.exp(-((since / np.where(since < 0, rise, fall)) ** 2))
        return heard * (0.75 + 0.5 * wander((*self.key, "fizz"), t, 0.15)) if delay > 0.5 else heard

    def bed(self, second):
        return sum(layer.bed(second) for layer in self.layers)


class Lapping(Layer):
    """Small water against a bank: soft slaps, in sets."""

    def __init__(self, key: Key, heard: Heard, level: float):
        self.key = (*key, "lapping")

        def slaps(t):
            beat = np.clip(wander((*self.key, "slap"), t, 0.55) * 1.6 - 0.55, 0, 1)
            return decibels(level) * (0.25 + beat * (0.4 + wander((*self.key, "set"), t, 5.0)))

        low = ((band(180, 900, 3), slaps),)
        high = ((band(900, 3200, 5), lambda t: 0.7 * slaps(t - 0.06)),)  # the splash comes after the blow
        self.layers = [
            Bed((*self.key, "low"), low, heard, 0.6, 0.7),
            Bed((*self.key, "high"), high, heard, 0.6, 0.9),
        ]

    def bed(self, second):
        return sum(layer.bed(second) for layer in self.layers)

    def strokes(self, second):
        rng = chance((*self.key, "gurgle"), second)
        for at in second + np.sort(rng.uniform(0, 1, rng.poisson(5))):
            yield Stroke(at, bubble(rng, rng.uniform(0.8, 1.5)) * decibels(rng.uniform(-46, -34)), _aside(rng), 0.2)


class Stream(Layer):
    """Running water: a rush, and in it the ringing of many bubbles (van den Doel 2005)."""

    def __init__(self, key: Key, heard: Heard, level: float, bubbles: int = 60):
        self.key, self.heard, self.level, self.bubbles = (*key, "stream"), heard, level, bubbles
        self.rush = Bed((*self.key, "rush"), ((band(450, 4200, 4), level - 5),), heard, 0.9, 0.6)

    def bed(self, second):
        return self.rush.bed(second)

    def strokes(self, second):
        rng = chance((*self.key, "bubbles"), second)
        for at in second + np.sort(rng.uniform(0, 1, self.bubbles)):
            drop = bubble(rng, rng.uniform(0.3, 0.9)) * decibels(self.level + 8 + rng.uniform(-16, 0))
            yield Stroke(at, drop, self.heard.sides(at) * rng.uniform(0.6, 1.3, 2), 0.15)


def _aside(rng):
    turn = rng.uniform(0.15, 0.85) * np.pi / 2
    return np.array([np.cos(turn), np.sin(turn)])

"""Rain as it falls on each place, storm and thunder, the hush of snow, a horn in the fog."""

from collections.abc import Iterator

import numpy as np

from generation.engine.foley.bed import Bed, Layer
from generation.engine.foley.ear import Ear
from generation.engine.foley.noise import SAMPLE_RATE, Key, band, chance, decibels, turns, wander
from generation.engine.foley.timbre import Stroke, burst, clock, ended, grains, hiss, mixed, ring
from generation.engine.foley.wildlife import Creatures, Wild, foghorn

WIND = {"clear": 0.0, "cloudy": 2.0, "rain": 2.5, "snowfall": 0.0, "fog": -5.0}  # dB more than usual
STORM = 7.0
HUSHED = ("rain", "snowfall", "fog")
INSIDE = ("room",)
NO_WEATHER = ("moon",)
FOGHORNS = ("beach", "lake", "city", "rooftop")
DROPS = 32  # different ones of a rain


def weather(name: str, place: str, ear: Ear, key: Key, *, storm: bool = False) -> Iterator[Layer]:
    """The layers of a weather where it is heard. `storm`: with thunder."""
    key = (*key, "weather")
    if place in NO_WEATHER:
        return
    if name == "rain":
        yield Rain(key, ear, place, heavy=storm)
    if name == "snowfall" and place not in (*INSIDE, "underwater"):
        yield Snow(key, ear)
    if name == "fog" and place in FOGHORNS:
        yield Creatures(Wild(foghorn, 12.0, -28, wet=1.0), "foghorn", ear, key)
    if storm:
        yield Thunder(key, ear, muffled=place in (*INSIDE, "underwater"))


class Rain(Layer):
    """A far rush, a nearer patter that comes in veils, and single drops that strike close by."""

    def __init__(self, key: Key, ear: Ear, place: str, heavy: bool = False):
        self.key, self.ear = (*key, "rain"), ear
        more = 3.0 * heavy
        self.near = 0.0 if place == "underwater" else 70.0 if place in INSIDE else 150.0 + 90 * heavy
        if place == "underwater":
            self.colors = [(250, 1600, 4, -37 + more, 2.5, 1.0)]
        elif place in INSIDE:
            self.colors = [(160, 900, 5, -33 + more, 3.0, 1.0), (1200, 4500, 4, -43 + more, 0.9, 0.5)]
        else:
            self.colors = [(350, 3600, 3, -33 + more, 4.0, 1.0), (2600, 11_000, 2, -34 + more, 0.7, 0.9)]
        self.veils = [
            Bed(
                (*self.key, low),
                ((band(low, high, slope), self._veil(level, period, low)),),
                ear.direction(0),
                0.3,
                width,
            )
            for low, high, slope, level, period, width in self.colors
        ]
        rng = chance((*self.key, "drops"))
        self.drops = [self._drop(rng, place) for _ in range(DROPS)]

    def _veil(self, level, period, name):
        return lambda t: decibels(level) * (0.7 + 0.6 * wander((*self.key, "veil", name), t, period))

    def _drop(self, rng, place):
        far = 0.3 if place in INSIDE else 1.0  # a roof between
        low, fall = rng.uniform(900, 3000), rng.uniform(0.002, 0.006)
        splash = burst(rng, 0.03, far * low, far * 9500, attack=0.0004, fall=fall, slope=2 / far)
        hz = rng.uniform(1200, 4200) * (0.45 if place in INSIDE else 1.0)
        plink = ring(0.05, ((hz, rng.uniform(0.004, 0.012), 1.0), (1.9 * hz, 0.003, 0.3)), attack=0.0006, bend=-0.3)
        return mixed(1.2 * splash, rng.uniform(0.1, 0.7) * plink)

    def bed(self, second):
        return sum(veil.bed(second) for veil in self.veils)

    def strokes(self, second):
        rng = chance((*self.key, "falls"), second)
        for at in second + np.sort(rng.uniform(0, 1, rng.poisson(self.near))):
            turn = rng.uniform(0, np.pi / 2)
            loud = decibels(-9 - rng.exponential(8.0))
            yield Stroke(at, self.drops[rng.integers(DROPS)] * loud, np.array([np.cos(turn), np.sin(turn)]), 0.1)


class Thunder(Layer):
    """Far and near: the nearer, the sharper its beginning."""

    def __init__(self, key: Key, ear: Ear, muffled: bool):
        self.key, self.ear, self.muffled = (*key, "thunder"), ear, muffled

    def strokes(self, second):
        for at, rng in turns(self.key, 7.5, second):
            near = 0.0 if self.muffled else rng.uniform() ** 2
            t = clock(5.0)
            # The sound of each part of the flash comes at its own time: claps in a row, each duller than the last.
            claps = np.sort(np.append(0.05, rng.uniform(0.1, 3.2, 7)))
            shape = sum(
                rng.uniform(0.4, 1) * np.exp(-0.55 * when) * np.where(t < when, 0, np.exp(-(t - when) / 0.75))
                for when in claps
            )
            rumble = hiss(rng, len(t), 28, 140 if self.muffled else 260, 5) * shape
            crack = 0.9 * near * grains(rng, 0.7, 160, 300, 6000, grain=0.012, bias=2.0)
            heard = mixed(0.5 * rumble / max(1e-9, np.abs(rumble).max()) * 1.6, crack)
            heard[: SAMPLE_RATE // 50] *= np.linspace(0, 1, SAMPLE_RATE // 50)
            sides = self.ear.direction(rng.uniform(-70, 70)).sides(at, 0.7)
            yield Stroke(at, ended(heard) * decibels(-10 + 5 * near - 6 * self.muffled), sides, 0.6)


class Snow(Layer):
    """Flakes: hardly anything, and that close by."""

    def __init__(self, key: Key, ear: Ear):
        self.key = (*key, "snow")

        def soft(t):
            return decibels(-47) * (0.5 + wander((*self.key, "soft"), t, 2.0))

        self.hush = Bed(self.key, ((band(1500, 6000, 4), soft),), ear.direction(0), 0.3, 1.0)
        rng = chance(self.key)
        self.flakes = [burst(rng, 0.02, 3500, 9000, attack=0.001, fall=0.003, slope=2) for _ in range(8)]

    def bed(self, second):
        return self.hush.bed(second)

    def strokes(self, second):
        rng = chance((*self.key, "flakes"), second)
        for at in second + np.sort(rng.uniform(0, 1, rng.poisson(22))):
            turn = rng.uniform(0, np.pi / 2)
            loud = decibels(-38 - rng.exponential(5.0))
            yield Stroke(at, self.flakes[rng.integers(8)] * loud, np.array([np.cos(turn), np.sin(turn)]), 0.05)

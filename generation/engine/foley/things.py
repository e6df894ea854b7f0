"""What the things beside the cast sound like, those that make a sound by themselves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from generation.engine.foley.bed import Bed, Layer
from generation.engine.foley.ear import Heard
from generation.engine.foley.fire import Fire
from generation.engine.foley.machines import Clock, Engine
from generation.engine.foley.noise import SAMPLE_RATE, Key, band, chance, decibels, turns, wander
from generation.engine.foley.steps import creaking
from generation.engine.foley.timbre import (
    Stroke,
    burst,
    clock,
    curve,
    delayed,
    ended,
    hiss,
    mixed,
    plucked,
    ring,
    struck,
)
from generation.engine.foley.voices import wizard
from generation.engine.foley.water import Lapping, Stream
from generation.engine.foley.wildlife import bee


@dataclass(frozen=True, eq=False)
class Thing:
    """A thing of the scene, where it stands. swing: radians that its swinging part has turned (F,), at `seconds`."""

    name: str
    number: int
    heard: Heard
    seconds: np.ndarray
    swing: np.ndarray


class NowAndThen(Layer):
    """Something a thing does about once in `every` seconds."""

    def __init__(self, thing: Thing, key: Key, sound: Callable, every: float, level: float, wet: float = 0.3):
        self.thing, self.sound, self.every, self.level, self.wet = thing, sound, every, level, wet
        self.key = (*key, thing.name, thing.number)

    def strokes(self, second):
        for at, rng in turns(self.key, self.every, second):
            loud = decibels(self.level + rng.uniform(-3, 1))
            yield Stroke(at, self.sound(rng) * loud, self.thing.heard.sides(at), self.wet)


class Bell(Layer):
    """A bell rings when it has swung as far as it does."""

    def __init__(self, thing: Thing, key: Key):
        self.thing = thing
        slow = np.diff(thing.swing)
        self.times = thing.seconds[1:-1][(slow[:-1] * slow[1:] < 0)]
        hz = chance((*key, "bell", thing.number)).uniform(690, 760)
        # A bell's own chord: hum, prime, minor third, fifth, nominal (Lehr 1965).
        partials = ((0.5, 1.1, 0.5), (1.0, 0.75, 1.0), (1.2, 0.6, 0.7), (1.5, 0.42, 0.5), (2.0, 0.4, 0.8),
                    (2.67, 0.2, 0.35), (4.1, 0.1, 0.2))  # fmt: skip
        self.dong = mixed(
            ring(2.6, [(hz * much, fall, loud) for much, fall, loud in partials]),
            0.1 * burst(chance(key), 0.03, 2000, 8000, attack=0.0005, fall=0.004),
        )

    def strokes(self, second):
        for at in self.times[(self.times >= second) & (self.times < second + 1)]:
            yield Stroke(float(at), self.dong * decibels(-21), self.thing.heard.sides(at), 0.6)


def rubber(rng):
    """A balloon that is touched."""
    t = clock(rng.uniform(0.12, 0.3))
    hz = curve(t, (0, 420), (0.4, rng.uniform(600, 1100)), (1, 480))
    squeak = np.tanh(3 * np.sin(2 * np.pi * np.cumsum(hz) / SAMPLE_RATE)) * struck(t, 0.03, 0.1)
    return mixed(ended(0.3 * squeak), 0.3 * burst(rng, 0.25, 500, 3000, attack=0.02, fall=0.06))


def page(rng):
    t = clock(0.55)
    turn = hiss(rng, len(t), 1400, 9000, 2) * (struck(t, 0.05, 0.06) + 0.8 * np.exp(-(((t - 0.38) / 0.05) ** 2)))
    return ended(0.3 * turn)


def clink(rng):
    hz = rng.uniform(2300, 2900)
    return ring(0.5, ((hz, 0.09, 1.0), (1.58 * hz, 0.06, 0.5), (2.4 * hz, 0.03, 0.3), (0.4 * hz, 0.02, 0.4)))


def chord(rng):
    """A few strings, one after the other, of one soft chord."""
    root = 110.0 * 2 ** (rng.choice((0, 3, 5, 7)) / 12)
    notes = root * 2 ** (np.array([0, 7, 12, 16, 19, 24]) / 12)
    chosen = notes[: int(rng.integers(3, 7))]
    gap = rng.choice((0.03, 0.19))
    return mixed(*(delayed(0.5 * plucked(rng, hz, 2.4), gap * index) for index, hz in enumerate(chosen)))


def wood(rng):
    return creaking(rng, rng.uniform(0.3, 0.8))


def engine_cools(rng):
    return ring(0.08, ((rng.uniform(1800, 3200), 0.008, 1.0), (rng.uniform(4000, 6000), 0.005, 0.5)))


def vent(rng):
    return burst(rng, 1.2, 900, 8000, attack=0.08, fall=0.35, slope=1)


def bounce(rng):
    """A ball that is let go: each hop is shorter than the one before."""
    hop = mixed(
        ring(0.14, ((165, 0.03, 1.0), (430, 0.015, 0.4)), bend=0.4),
        0.4 * burst(rng, 0.04, 600, 4000, attack=0.001, fall=0.006),
    )
    gaps = 0.42 * 0.72 ** np.arange(6)
    at = np.concatenate([[0], np.cumsum(gaps)])
    heard = np.zeros(round(at[-1] * SAMPLE_RATE) + len(hop))
    for index, moment in enumerate(at):
        start = round(moment * SAMPLE_RATE)
        heard[start : start + len(hop)] += 0.75**index * hop
    return heard


def flapping(thing, key, low, high, level, quick):
    key = (*key, thing.name, thing.number)

    def beats(t):
        gust = 0.3 + 0.9 * wander((*key, "gust"), t, 3.5) ** 1.5
        return decibels(level) * gust * np.clip(2 * wander((*key, "flap"), t, quick) - 0.5, 0, 1)

    return Bed(key, ((band(low, high, 3), beats),), thing.heard, 1.0, 0.3)


def layers_of(thing: Thing, weather: str, place: str, key: Key) -> Iterator[Layer]:
    """What is heard of a thing: nothing of many."""
    key = (*key, "thing")
    named = (*key, thing.name, thing.number)
    wet = place == "underwater"
    match thing.name:
        case "campfire" if not wet and place != "moon":
            yield Fire(named, thing.heard, -22, roar=-33, busy=20)
        case "candle" | "lantern" if not wet and place != "moon":
            yield Fire(named, thing.heard, -44, roar=-43, busy=3)
        case "bell":
            yield Bell(thing, key)
        case "boat":
            yield NowAndThen(thing, key, wood, 4.0, -30)
            yield Lapping(named, thing.heard, -33)
        case "car":
            yield Engine(named, thing.heard, -21)
        case "rocket":
            yield Bed(named, ((band(60, 320, 4), -34), (band(1500, 8000, 2), -45)), thing.heard, 1.0, 0.3)
            yield NowAndThen(thing, key, vent, 5.5, -24)
        case "kite":
            yield flapping(thing, key, 350, 4200, -29, 0.11)
        case "tent":
            yield flapping(thing, key, 160, 1500, -31, 0.35)
        case "umbrella" if weather == "rain":
            yield Drumming(named, thing.heard)
        case "umbrella":
            yield flapping(thing, key, 200, 1600, -38, 0.4)
        case "balloon":
            yield NowAndThen(thing, key, rubber, 5.0, -27)
        case "ball":
            yield NowAndThen(thing, key, bounce, 9.0, -24)
        case "book":
            yield NowAndThen(thing, key, page, 6.0, -24)
        case "cup":
            yield NowAndThen(thing, key, clink, 7.0, -28)
        case "guitar":
            yield NowAndThen(thing, key, chord, 3.6, -20)
        case "star":
            yield NowAndThen(thing, key, wizard, 4.0, -27, 0.7)
        case "flower" if not wet and place != "moon" and weather not in ("rain", "snowfall"):
            yield NowAndThen(thing, key, lambda rng: bee(rng, 1.0), 6.0, -31)
        case "chest" | "chair" | "table" | "bench" | "sign":
            yield NowAndThen(thing, key, wood, 7.0, -31)


class Drumming(Layer):
    """Rain on a stretched cloth."""

    def __init__(self, key: Key, heard: Heard):
        self.key, self.heard = (*key, "drumming"), heard
        rng = chance(self.key)
        self.taps = [
            mixed(
                ring(0.06, ((rng.uniform(210, 420), 0.012, 1.0), (rng.uniform(600, 900), 0.006, 0.4))),
                0.5 * burst(rng, 0.03, 800, 5000, attack=0.0005, fall=0.004),
            )
            for _ in range(12)
        ]

    def strokes(self, second):
        rng = chance(self.key, second)
        for at in second + np.sort(rng.uniform(0, 1, rng.poisson(60))):
            loud = decibels(-23 - rng.exponential(6.0)) * self.heard.sides(at) * rng.uniform(0.7, 1.3, 2)
            yield Stroke(at, self.taps[rng.integers(12)], loud, 0.1)


# What a prompt can name that the world does not draw, each somewhere (degrees to the right).
NAMED = {
    "clock": lambda key, ear: Clock(key, ear.direction(-25), -31),
    "fire": lambda key, ear: Fire(key, ear.direction(0), -24, roar=-29, busy=20),
    "stream": lambda key, ear: Stream(key, ear.direction(20), -25),
}

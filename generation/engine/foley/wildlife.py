"""Creatures that are not in the picture: birds, crickets, owls, gulls, frogs, bees, a whale."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from generation.engine.foley.bed import Layer
from generation.engine.foley.ear import Ear
from generation.engine.foley.noise import SAMPLE_RATE, Key, chance, decibels, moments, turns, wander
from generation.engine.foley.timbre import (
    Stroke,
    burst,
    clock,
    curve,
    delayed,
    hiss,
    mixed,
    repeated,
    ring,
    sung,
    swell,
    whistled,
)  # fmt: skip
from generation.engine.foley.voices import frog, owl
from generation.engine.foley.water import bubble


def tit(rng, own):
    """Two notes, again and again."""
    high, low = 4600 * own, 3500 * own
    t, u = clock(0.11), clock(0.15)
    first = whistled(curve(t, (0, high * 1.06), (1, high)), swell(t, 0.3, 0.6))
    second = whistled(curve(u, (0, low * 1.03), (1, low * 0.99)), swell(u, 0.3, 0.6))
    pair = mixed(first, delayed(0.85 * second, 0.13))
    count = int(rng.integers(2, 5))
    return repeated(pair, 0.34 * np.arange(count), rng.uniform(0.75, 1, count))


def robin(rng, own):
    """A warble: short phrases that leap and slide."""
    parts, at = [], 0.0
    for _ in range(int(rng.integers(4, 9))):
        t = clock(rng.uniform(0.05, 0.16))
        low, high = np.sort(rng.uniform(2300, 5600, 2)) * own
        shape = rng.choice(3)
        hz = (
            curve(t, (0, high), (1, low)),
            curve(t, (0, low), (0.5, high), (1, low)),
            curve(t, (0, low), (0.7, high), (1, high)),
        )[shape]
        hz = hz * (1 + 0.03 * np.sin(2 * np.pi * rng.uniform(18, 45) * t))
        parts.append(delayed(rng.uniform(0.4, 1) * whistled(hz, swell(t, 0.4, 0.7), 0.08), at))
        at += t[-1] + rng.uniform(0.015, 0.12)
    return mixed(*parts)


def finch(rng, own):
    """A trill that falls and ends in a flourish."""
    t = clock(0.05)
    note = whistled(curve(t, (0, 5600 * own), (0.5, 4200 * own), (1, 4700 * own)), swell(t, 0.35, 0.7))
    count = int(rng.integers(7, 13))
    trill = repeated(note, np.cumsum(np.linspace(0.085, 0.06, count)), np.linspace(0.4, 1, count))
    u = clock(0.2)
    flourish = whistled(curve(u, (0, 3000 * own), (0.3, 5200 * own), (1, 2700 * own)), swell(u, 0.3, 0.7))
    return mixed(trill, delayed(flourish, len(trill) / SAMPLE_RATE))


def sparrow(rng, own):
    t = clock(0.09)
    chirp = sung(
        rng,
        curve(t, (0, 2900 * own), (0.4, 4300 * own), (1, 3100 * own)),
        swell(t, 0.3, 0.7),
        ((3800, 0.6, 1),),
        breath=0.03,
    )
    count = int(rng.integers(1, 5))
    at = np.cumsum(rng.uniform(0.16, 0.4, count))
    return repeated(chirp, at - at[0], rng.uniform(0.5, 1, count))


def cuckoo(rng, own):
    t, u = clock(0.22), clock(0.34)
    first = whistled(curve(t, (0, 700 * own), (1, 690 * own)), swell(t, 0.3, 0.4), 0.07)
    second = whistled(curve(u, (0, 560 * own), (1, 548 * own)), swell(u, 0.3, 0.4), 0.07)
    call = mixed(first, delayed(second, 0.36))
    count = int(rng.integers(1, 3))
    return repeated(call, 1.3 * np.arange(count), np.ones(count))


def gull(rng, own):
    cries, at = [], 0.0
    for index in range(int(rng.integers(2, 5))):
        t = clock(rng.uniform(0.3, 0.5))
        hz = curve(t, (0, 900), (0.2, 1450), (1, 820)) * own * 0.97**index
        cry = sung(rng, hz, swell(t, 0.25, 0.6), ((1600, 0.5, 1.0), (3000, 0.4, 0.6)), rough=0.18, breath=0.05, tilt=5)
        cries.append(delayed(cry, at))
        at += t[-1] + rng.uniform(0.05, 0.2)
    return mixed(*cries)


def pigeon(rng, own):
    parts, at = [], 0.0
    for length, top in ((0.28, 410), (0.5, 460), (0.24, 390)):
        t = clock(length)
        hz = curve(t, (0, 0.9 * top), (0.4, top), (1, 0.86 * top)) * own * (1 + 0.02 * np.sin(2 * np.pi * 24 * t))
        parts.append(delayed(sung(rng, hz, swell(t, 0.4, 0.6), ((450, 0.5, 1),), tilt=12, breath=0.05), at))
        at += length + 0.07
    return mixed(*parts)


def eagle(rng, own):
    t = clock(1.1)
    return sung(
        rng,
        curve(t, (0, 2500), (0.15, 3100), (1, 1900)) * own,
        swell(t, 0.2, 0.5),
        ((2600, 0.5, 1),),
        breath=0.08,
        rough=0.15,
    )


def raven(rng, own):
    t = clock(0.34)
    caw = sung(
        rng,
        curve(t, (0, 380), (0.3, 430), (1, 350)) * own,
        swell(t, 0.25, 0.5),
        ((1150, 0.4, 1.0), (1900, 0.35, 0.8)),
        rough=0.9,
        breath=0.2,
        tilt=3,
    )
    count = int(rng.integers(1, 4))
    return repeated(caw, 0.52 * np.arange(count), np.linspace(1, 0.7, count))


def hoot(rng, own):
    return owl(rng)


def croak(rng, own):
    return frog(rng)


def whale(rng, own):
    t = clock(3.2)
    hz = curve(t, (0, 140), (0.35, 235), (0.6, 190), (1, 310)) * own * (1 + 0.01 * np.sin(2 * np.pi * 4.3 * t))
    return sung(rng, hz, swell(t, 0.5), ((260, 0.6, 1.0), (620, 0.4, 0.3)), tilt=10, breath=0.03)


def blub(rng, own):
    count = int(rng.integers(3, 9))
    at = np.cumsum(rng.uniform(0.03, 0.16, count))
    return mixed(*(delayed(bubble(rng, rng.uniform(0.7, 1.6)), moment) for moment in at))


def bee(rng, own):
    """Comes near, goes by."""
    t = clock(rng.uniform(1.8, 2.8))
    hz = 205 * own * (1 + 0.05 * np.sin(2 * np.pi * 0.9 * t + rng.uniform(0, 6)) - 0.05 * t / t[-1])
    return 0.5 * sung(
        rng,
        hz,
        swell(t, rng.uniform(0.3, 0.7), 2.0),
        ((420, 0.7, 1.0), (1300, 0.6, 0.35)),
        tilt=5,
        breath=0.02,
        rough=0.12,
    )


def twig(rng, own):
    snap = ring(0.05, ((1500, 0.006, 1), (3400, 0.004, 0.7), (780, 0.008, 0.6)))
    return 0.7 * mixed(snap, 0.8 * burst(rng, 0.06, 1500, 9000, attack=0.0004, fall=0.008, slope=0))


def horn(rng, own):
    t = clock(rng.uniform(0.25, 0.6))
    low = 330 * own + 0 * t
    return mixed(sung(rng, low, swell(t, 0.2, 0.2), ((600, 0.8, 1.0),), tilt=9, breath=0.02),
                 0.8 * sung(rng, 1.26 * low, swell(t, 0.2, 0.2), ((600, 0.8, 1.0),), tilt=9, breath=0.02))  # fmt: skip


def foghorn(rng, own):
    t = clock(2.4)
    return sung(rng, 96 * own + 0 * t, swell(t, 0.3, 0.4), ((190, 0.7, 1.0), (420, 0.5, 0.4)), tilt=7, breath=0.03)


def radio(rng, own):
    """A voice from far away that says nothing to be understood, between two soft clicks."""
    t = clock(rng.uniform(0.7, 1.4))
    words = np.clip(np.sin(2 * np.pi * 4.1 * t) + 0.5 * np.sin(2 * np.pi * 6.7 * t + 1), 0, 1)
    voice = sung(
        rng,
        130 * (1 + 0.12 * np.sin(2 * np.pi * 1.7 * t)),
        words,
        ((900, 0.5, 1), (1900, 0.4, 0.8)),
        ((1500, 0.4, 1), (2300, 0.3, 0.6)),
        tilt=3,
        breath=0.06,
    )
    return 0.5 * voice + 0.05 * hiss(rng, len(t), 900, 3000, 0)


def drip(rng, own):
    hz = rng.uniform(900, 1500)
    return ring(0.12, ((hz, 0.03, 1.0), (2.3 * hz, 0.012, 0.3)), attack=0.001, bend=-0.6)


@dataclass(frozen=True)
class Wild:
    """A kind of creature (or another sound of the place that comes now and then).

    `every`: seconds from one to the next, of each. `count`: how many of them there are about. `level`: dB.
    """

    song: Callable[[np.random.Generator, float], np.ndarray]
    every: float
    level: float
    count: int = 1
    wet: float = 0.7


class Creatures(Layer):
    """All of a kind that are about, each somewhere, with a throat of its own."""

    def __init__(self, wild: Wild, name: str, ear: Ear, key: Key):
        self.wild, self.ear, self.key = wild, ear, (*key, "wild", name)

    def strokes(self, second):
        for one in range(self.wild.count):
            own = chance((*self.key, one))
            bearing, throat, far = own.uniform(-95, 95), own.uniform(0.9, 1.12), own.uniform(-7, 0)
            for at, rng in turns((*self.key, one, "sings"), self.wild.every, second):
                sides = self.ear.direction(bearing).sides(at, 0.85)
                yield Stroke(at, self.wild.song(rng, throat) * decibels(self.wild.level + far), sides, self.wild.wet)


BIRDS = {
    "tit": Wild(tit, 7.5, -24, 2), "robin": Wild(robin, 6.0, -22, 2), "finch": Wild(finch, 11.0, -25),
    "sparrow": Wild(sparrow, 4.5, -26, 2),
}  # fmt: skip


class Crickets(Layer):
    """A few crickets, each with its pitch, its place and its rests; one second at a time."""

    def __init__(self, key: Key, ear, level: float, count: int = 4):
        self.key, self.ear, self.level, self.count = key, ear, level, count

    def bed(self, second):
        t = second + np.arange(SAMPLE_RATE) / SAMPLE_RATE
        heard = np.zeros((SAMPLE_RATE, 2))
        for one in range(self.count):
            rng = chance((*self.key, "cricket", one))
            hz, rate, far = rng.uniform(3900, 4900), rng.uniform(1.6, 2.6), rng.uniform(-8, 0)
            beats = rng.uniform(26, 34)
            bearing, shift = rng.uniform(-110, 110), rng.uniform(0, 1, 2)
            chirp = np.mod(rate * t + shift[0], 1.0)  # a chirp is three or four wing beats, then a rest
            pulse = np.mod(beats * chirp / rate, 1.0)
            wings = np.sin(np.pi * np.clip(pulse / 0.62, 0, 1)) ** 1.2 * (chirp * beats / rate < 4 - (one % 2))
            awake = np.clip(4 * wander((*self.key, "awake", one), moments(second), 9.0) - 1.2, 0, 1)
            awake = np.interp(t, moments(second), awake)
            tone = np.sin(2 * np.pi * np.mod(hz * t + shift[1], 1.0))
            sides = self.ear.direction(bearing).sides(moments(second), 0.9) * decibels(self.level + far)
            sides = np.stack([np.interp(t, moments(second), side) for side in sides.T], axis=1)
            heard += (tone * wings * awake)[:, None] * sides
        return heard

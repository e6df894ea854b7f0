"""What each species says, now and then: small clay throats, none of them recorded."""

from collections.abc import Iterator

import numpy as np

from generation.engine.foley.movers import Mover
from generation.engine.foley.noise import SAMPLE_RATE, Key, decibels, turns
from generation.engine.foley.timbre import (
    Stroke,
    burst,
    clock,
    curve,
    delayed,
    ended,
    hiss,
    mixed,
    repeated,
    ring,
    sung,
    swell,
    whistled,
)  # fmt: skip
from generation.engine.foley.water import bubble

LOUD = decibels(-10)
EVERY, OFTEN = 6.5, 2.2  # seconds: about as often somebody says something


def bear(rng):
    t = clock(rng.uniform(0.7, 1.0))
    hz = curve(t, (0, 78), (0.3, 102), (1, 66)) * rng.uniform(0.9, 1.1)
    chest, muzzle = ((360, 0.5, 1.0), (780, 0.4, 0.5)), ((300, 0.5, 1.0), (620, 0.4, 0.35))
    return sung(rng, hz, swell(t, 0.3), chest, muzzle, rough=0.8, breath=0.12, tilt=6)


def bunny(rng):
    sniff = burst(rng, 0.09, 1800, 6500, attack=0.02, fall=0.025, slope=1)
    count = int(rng.integers(3, 6))
    at = np.cumsum(rng.uniform(0.11, 0.17, count))
    return 0.7 * repeated(sniff, at - at[0], rng.uniform(0.5, 1, count))


def cat(rng):
    t = clock(rng.uniform(0.55, 0.85))
    top = rng.uniform(560, 720)
    hz = curve(t, (0, 0.72 * top), (0.25, top), (0.6, 0.93 * top), (1, 0.62 * top))
    return sung(rng, hz, swell(t, 0.35, 0.7), ((900, 0.35, 1.0), (2500, 0.25, 0.7)),
                ((700, 0.4, 1.0), (1300, 0.3, 0.35)), tilt=5, breath=0.03)  # fmt: skip


def dog(rng):
    t = clock(0.24)
    top = rng.uniform(330, 430)
    hz = curve(t, (0, 0.75 * top), (0.22, top), (1, 0.55 * top))
    opened, closed = ((720, 0.45, 1.0), (1500, 0.4, 0.6)), ((430, 0.5, 1.0), (900, 0.4, 0.3))
    woof = sung(rng, hz, swell(t, 0.2, 0.8), opened, closed, rough=0.35, breath=0.14, tilt=6)
    count = int(rng.integers(1, 4))
    at = np.cumsum(rng.uniform(0.3, 0.42, count))
    return repeated(woof, at - at[0], rng.uniform(0.75, 1, count))


def dragon(rng):
    t = clock(rng.uniform(1.1, 1.5))
    hz = curve(t, (0, 52), (0.35, 88), (1, 46)) * rng.uniform(0.9, 1.1)
    opened, closed = ((420, 0.6, 1.0), (1050, 0.5, 0.6)), ((280, 0.6, 1.0), (700, 0.4, 0.3))
    roar = sung(rng, hz, swell(t, 0.35), opened, closed, rough=1.0, breath=0.2, tilt=5)
    flame = 0.12 * hiss(rng, len(t), 300, 5000, 4) * swell(t, 0.6, 1.2)
    return ended(roar + flame)


def elephant(rng):
    t = clock(rng.uniform(0.8, 1.1))
    top = rng.uniform(430, 520)
    hz = curve(t, (0, 0.6 * top), (0.15, top), (0.6, 1.15 * top), (1, 0.7 * top)) * (
        1 + 0.02 * np.sin(2 * np.pi * 27 * t)
    )
    trunk = ((900, 0.6, 1.0), (1900, 0.5, 0.9), (3200, 0.4, 0.4))
    return sung(rng, hz, swell(t, 0.3, 0.6), trunk, rough=0.3, breath=0.08, tilt=3)


def fox(rng):
    t = clock(0.2)
    top = rng.uniform(700, 860)
    yip = sung(rng, curve(t, (0, 0.8 * top), (0.3, 1.15 * top), (1, 0.6 * top)), swell(t, 0.25, 0.8),
               ((1300, 0.4, 1.0), (2700, 0.3, 0.5)), rough=0.3, breath=0.1, tilt=5)  # fmt: skip
    return repeated(yip, (0, 0.27, 0.52), (0.8, 1.0, 0.7))


def frog(rng):
    hz = rng.uniform(150, 210)
    pulse = ring(0.06, ((hz * 3, 0.014, 1.0), (hz * 6.2, 0.010, 0.6), (hz * 9.5, 0.006, 0.2)), attack=0.002)
    croak = repeated(pulse, np.arange(16) / 55, np.sin(np.pi * (np.arange(16) + 1) / 17) ** 0.7)
    return repeated(croak / np.abs(croak).max(), (0, 0.45), (0.9, 1.0))


def knight(rng):
    """A knight sighs under the visor, and plates shift."""
    t = clock(0.5)
    sigh = 0.35 * hiss(rng, len(t), 300, 1600, 5) * swell(t, 0.3)
    plates = [
        ring(0.35, ((hz, 0.07, 1.0), (hz * 1.52, 0.05, 0.6), (hz * 2.8, 0.03, 0.4))) for hz in rng.uniform(700, 2100, 4)
    ]
    return mixed(
        sigh,
        *(delayed(0.28 * plate, at) for plate, at in zip(plates, rng.uniform(0, 0.35, 4), strict=True)),
    )


def octopus(rng):
    return mixed(*(delayed(bubble(rng), at) for at in np.cumsum(rng.uniform(0.04, 0.15, 6))))


def penguin(rng):
    t = clock(0.42)
    hz = curve(t, (0, 260), (0.2, 330), (0.8, 300), (1, 230)) * rng.uniform(0.9, 1.15)
    beat = 0.6 + 0.4 * np.sin(2 * np.pi * 21 * t)
    return sung(
        rng, hz, swell(t, 0.3, 0.5) * beat, ((1000, 0.4, 1.0), (2100, 0.35, 0.7)), rough=0.35, breath=0.08, tilt=3
    )


def robot(rng):
    """A little tune of servos: warm triangles that glide into each other, not test tones."""
    notes = []
    for hz in rng.choice((392, 440, 523, 587, 659, 784), int(rng.integers(2, 5))):
        t = clock(rng.uniform(0.09, 0.17))
        hz = curve(t, (0, hz * rng.choice((0.75, 1.3))), (0.35, hz), (1, hz * rng.uniform(0.97, 1.03)))
        notes.append(sung(rng, hz, swell(t, 0.25, 0.5), ((700, 0.9, 1.0), (1900, 0.5, 0.5)), tilt=10, breath=0.02))
    return 0.7 * np.concatenate(notes)


def owl(rng):
    heard, at = [], 0.0
    for length, gap in ((0.16, 0.14), (0.16, 0.22), (0.52, 0.0)):
        t = clock(length)
        hz = curve(t, (0, 352), (0.3, 372), (1, 338)) * 1.0
        heard.append(
            delayed(whistled(hz, swell(t, 0.35, 0.6), 0.10) + 0.03 * hiss(rng, len(t), 300, 1200) * swell(t), at)
        )
        at += length + gap
    return 0.9 * mixed(*heard)


def pig(rng):
    t = clock(0.26)
    hz = curve(t, (0, 120), (0.3, 165), (1, 95)) * rng.uniform(0.9, 1.15)
    oink = sung(rng, hz, swell(t, 0.3, 0.7), ((520, 0.5, 1.0), (1500, 0.35, 0.6)), rough=1.0, breath=0.25, tilt=5)
    return repeated(oink, (0, 0.31), (1.0, 0.7))


def turtle(rng):
    t = clock(0.7)
    return ended(0.3 * hiss(rng, len(t), 250, 2200, 5) * swell(t, 0.35, 1.3))


def wizard(rng):
    """Sparks from a sleeve: small glass bells, each a little higher."""
    scale = 1046.5 * 2 ** (np.array([0, 2, 4, 7, 9, 12, 14, 16]) / 12)
    heard = []
    for index, hz in enumerate(scale[: int(rng.integers(5, 9))]):
        bell = ring(0.9, ((hz, 0.22, 1.0), (hz * 2.76, 0.10, 0.35), (hz * 5.4, 0.05, 0.12)), attack=0.002)
        heard.append(delayed(0.35 * bell, 0.07 * index + rng.uniform(0, 0.03)))
    return mixed(*heard)


def astronaut(rng):
    """Breath in a helmet."""
    t = clock(0.9)
    drawn = 0.4 * hiss(rng, len(t), 500, 2600, 3) * swell(t, 0.5, 1.4)
    t = clock(1.1)
    given = 0.34 * hiss(rng, len(t), 250, 1500, 4) * swell(t, 0.3, 1.4)
    return np.concatenate([drawn, np.zeros(SAMPLE_RATE // 8), given])


def mouse(rng):
    t = clock(0.1)
    top = rng.uniform(2600, 3300)
    squeak = whistled(curve(t, (0, 0.8 * top), (0.4, top), (1, 0.75 * top)), swell(t, 0.35, 0.8), 0.25)
    count = int(rng.integers(2, 5))
    at = np.cumsum(rng.uniform(0.12, 0.2, count))
    return 0.5 * repeated(squeak, at - at[0], rng.uniform(0.5, 1, count))


def unicorn(rng):
    t = clock(rng.uniform(1.0, 1.3))
    top = rng.uniform(850, 980)
    hz = curve(t, (0, 0.75 * top), (0.15, top), (1, 0.42 * top)) * (1 + 0.06 * np.sin(2 * np.pi * 11 * t) * t / t[-1])
    return sung(rng, hz, swell(t, 0.25, 0.6) * (0.75 + 0.25 * np.sin(2 * np.pi * 11 * t)),
                ((1100, 0.5, 1.0), (2400, 0.4, 0.6)), rough=0.15, breath=0.06, tilt=5)  # fmt: skip


def ghost(rng):
    t = clock(rng.uniform(1.3, 1.8))
    hz = curve(t, (0, 240), (0.4, 420), (1, 270)) * rng.uniform(0.85, 1.15) * (1 + 0.018 * np.sin(2 * np.pi * 5.2 * t))
    return sung(rng, hz, swell(t, 0.45), ((380, 0.4, 1.0), (760, 0.3, 0.3)), tilt=12, breath=0.12)


CALLS = {
    call.__name__: call
    for call in (bear, bunny, cat, dog, dragon, elephant, fox, frog, knight, octopus, penguin, robot, owl, pig, turtle,
                 wizard, astronaut, mouse, unicorn, ghost)
}  # fmt: skip
QUIET = {
    "bunny": -8.0,
    "turtle": -8.0,
    "mouse": -5.0,
    "knight": -3.0,
    "astronaut": -8.0,
    "elephant": 2.0,
    "dragon": 2.0,
}
IN_THE_VOID = ("astronaut", "robot", "ghost", "wizard")  # who is heard where there is no air


def calls(mover: Mover, place: str, key: Key, second: int, talks: bool = False) -> Iterator[Stroke]:
    """What somebody says in a second of the shot, mostly nothing. Sleepers say nothing. `talks`: they say it often."""
    species = mover.character.species
    if mover.character.action == "sleep" or (place == "moon" and species not in IN_THE_VOID):
        return
    for at, rng in turns((*key, "call", mover.number), OFTEN if talks else EVERY, second):
        call = CALLS[species](rng) * LOUD * decibels(QUIET.get(species, 0.0) + rng.uniform(-2, 1))
        yield Stroke(at, call, mover.heard.sides(at), 0.45)

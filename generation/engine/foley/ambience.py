"""The air of the sixteen places, by day and by night: what is heard before anybody moves."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from generation.engine.foley.bed import Bed, Layer
from generation.engine.foley.ear import Ear
from generation.engine.foley.fire import Fire
from generation.engine.foley.machines import Clock, Drone, Traffic
from generation.engine.foley.noise import SAMPLE_RATE, Key, band, chance, decibels, peaks, wander
from generation.engine.foley.timbre import burst, clock, ended, mixed, struck
from generation.engine.foley.water import Lapping, Stream, Waves
from generation.engine.foley.wildlife import (
    BIRDS,
    Creatures,
    Crickets,
    Wild,
    bee,
    blub,
    croak,
    cuckoo,
    drip,
    eagle,
    gull,
    hoot,
    horn,
    pigeon,
    radio,
    raven,
    sparrow,
    tit,
    twig,
    whale,
)  # fmt: skip
from generation.engine.foley.wind import Wind

DARK = ("evening", "night")


def lava_bubble(rng, own):
    t = clock(0.5)
    hz = rng.uniform(55, 120) * (1 + 1.3 * t / t[-1])
    blop = np.sin(2 * np.pi * np.cumsum(hz) / SAMPLE_RATE) * struck(t, 0.02, 0.1)
    return mixed(ended(blop), 0.25 * burst(rng, 0.3, 300, 2600, attack=0.03, fall=0.07, slope=4))


# What comes now and then, in the light and in the dark.
ALWAYS = {
    "moon": {"radio": Wild(radio, 8.0, -22, wet=0.1)},
    "underwater": {"blub": Wild(blub, 2.2, -22, 3), "whale": Wild(whale, 14.0, -24, wet=1.0)},
    "lava field": {"bubble": Wild(lava_bubble, 1.3, -16, 3, wet=0.4)},
}
BY_DAY = ALWAYS | {
    "meadow": BIRDS | {"bee": Wild(bee, 8.0, -25)},
    "forest": BIRDS | {"cuckoo": Wild(cuckoo, 13.0, -24), "twig": Wild(twig, 9.0, -24)},
    "snow": {"tit": Wild(tit, 14.0, -29)},
    "desert": {"eagle": Wild(eagle, 17.0, -29, wet=0.9)},
    "beach": {"gull": Wild(gull, 9.0, -21, 2)},
    "city": {"horn": Wild(horn, 15.0, -31, wet=0.9), "sparrow": Wild(sparrow, 6.0, -28, 2)},
    "mountains": {"eagle": Wild(eagle, 13.0, -25, wet=1.0), "tit": Wild(tit, 11.0, -29)},
    "lake": BIRDS | {"croak": Wild(croak, 10.0, -27)},
    "castle": {"raven": Wild(raven, 9.0, -24, wet=1.0), "sparrow": Wild(sparrow, 8.0, -29)},
    "garden": BIRDS | {"bee": Wild(bee, 6.0, -24)},
    "rooftop": {"pigeon": Wild(pigeon, 6.5, -23, 2), "horn": Wild(horn, 19.0, -33, wet=0.9)},
}
IN_THE_DARK = ALWAYS | {
    "meadow": {"hoot": Wild(hoot, 15.0, -29)},
    "forest": {"hoot": Wild(hoot, 9.0, -23), "twig": Wild(twig, 9.0, -24)},
    "night wood": {"hoot": Wild(hoot, 7.5, -21, wet=0.9), "twig": Wild(twig, 7.0, -23),
                   "croak": Wild(croak, 14.0, -31)},
    "lake": {"croak": Wild(croak, 3.5, -23, 3), "hoot": Wild(hoot, 16.0, -31)},
    "garden": {"hoot": Wild(hoot, 16.0, -31)},
    "mountains": {"hoot": Wild(hoot, 15.0, -30, wet=1.0)},
    "castle": {"hoot": Wild(hoot, 11.0, -26, wet=1.0), "drip": Wild(drip, 4.0, -29, wet=1.0)},
    "city": {"horn": Wild(horn, 21.0, -35, wet=1.0)},
    "rooftop": {"horn": Wild(horn, 19.0, -35, wet=1.0)},
}  # fmt: skip
CRICKETS = {"meadow": -28, "forest": -32, "night wood": -29, "desert": -34, "lake": -31, "garden": -29, "castle": -37,
            "mountains": -36, "beach": -39}  # fmt: skip


def ambience(
    place: str, time_of_day: str, ear: Ear, key: Key, *, wind: float = 0.0, hushed: bool = False
) -> Iterator[Layer]:
    """The layers of a place's air. `wind`: how many dB more of it than usual. `hushed`: nothing sings."""
    key = (*key, "air")
    dark = time_of_day in DARK or place == "night wood"
    yield from AIRS[place](key, ear, wind, dark)
    if hushed and place not in ALWAYS:
        return
    for name, wild in (IN_THE_DARK if dark else BY_DAY).get(place, {}).items():
        if time_of_day == "morning" and name in BIRDS:  # the dawn chorus
            wild = replace(wild, every=wild.every * 0.6, level=wild.level + 1.5)
        yield Creatures(wild, name, ear, key)
    if dark and place in CRICKETS:
        yield Crickets(key, ear, CRICKETS[place] - 4 * (time_of_day == "evening"))


def meadow(key, ear, wind, dark):
    air = Wind(key, ear, -37 + wind)
    yield from (air.air(110, 700), air.leaves(-7, 2400, 9000))


def forest(key, ear, wind, dark):
    air = Wind(key, ear, -39 + wind)
    yield from (air.air(100, 500), air.leaves(1))


def snow(key, ear, wind, dark):
    air = Wind(key, ear, -36 + wind)
    yield from (air.air(140, 620), air.whistle(560, -10))


def desert(key, ear, wind, dark):
    air = Wind(key, ear, -36 + wind, 6.0)
    yield from (air.air(90, 520), air.whistle(380, -13), air.leaves(-10, 3500, 11_000))  # sand that is carried along


def beach(key, ear, wind, dark):
    yield Waves(key, ear, -26)
    yield Wind(key, ear, -43 + wind).air(120, 600)


def city(key, ear, wind, dark):
    yield Traffic(key, ear, -35 - 5 * dark, -28 - 5 * dark)
    yield Wind(key, ear, -47 + wind).air(120, 700)


def room(key, ear, wind, dark):
    yield Bed((*key, "room"), ((band(50, 240, 7), -42), (band(240, 1800, 6), -52)), ear.direction(0), 0.3, 0.9)
    yield Wind(key, ear, -54 + 0.6 * wind).air(110, 420)  # behind the window
    yield Clock(key, ear.direction(-35), -33)


def night_wood(key, ear, wind, dark):
    air = Wind(key, ear, -40 + wind, 6.0)
    yield from (air.air(90, 420), air.whistle(310, -11), air.leaves(-3))


def lava_field(key, ear, wind, dark):
    def rumble(t):
        return decibels(-22) * (0.6 + 0.8 * wander((*key, "rumble"), t, 2.5))

    def steam(t):
        return decibels(-42) * (0.3 + 1.4 * wander((*key, "steam"), t, 1.6) ** 2)

    yield Bed((*key, "rumble"), ((band(28, 120, 4), rumble),), ear.direction(0), 0.3, 0.9)
    yield Bed((*key, "steam"), ((band(1800, 8000, 3), steam),), ear.direction(35), 0.6, 0.7)
    yield Fire((*key, "embers"), ear.direction(-20), -40, roar=-36)


def mountains(key, ear, wind, dark):
    air = Wind(key, ear, -35 + wind, 5.5)
    yield from (air.air(120, 800), air.whistle(470, -12))


def lake(key, ear, wind, dark):
    yield Lapping(key, ear.direction(0), -30)
    yield Wind(key, ear, -43 + wind).air(120, 600)


def castle(key, ear, wind, dark):
    air = Wind(key, ear, -38 + wind, 6.5)
    yield from (air.air(90, 460), air.whistle(330, -10), air.cloth(-6, 30))
    if dark:
        yield Fire((*key, "left torch"), ear.direction(-28), -42, roar=-44, busy=7)
        yield Fire((*key, "right torch"), ear.direction(28), -42, roar=-44, busy=7)


def moon(key, ear, wind, dark):
    begins = chance(key).uniform()

    def breath(begin, length, level):
        return lambda t: (
            decibels(level) * (np.sin(np.pi * np.clip((np.mod(t / 3.6 + begins, 1.0) - begin) / length, 0, 1)) ** 2)
        )

    drawn = (peaks((950, 0.7, 1), (2100, 0.5, 0.6)), breath(0.0, 0.4, -36))
    given = (peaks((600, 0.8, 1), (1400, 0.5, 0.3)), breath(0.47, 0.45, -37))
    yield Drone(key, -36, (55.0, 82.5, 110.4, 165.2))
    yield Bed((*key, "suit"), ((band(180, 1500, 6), -46), drawn, given), ear.direction(0), 0.0, 0.3)


def underwater(key, ear, wind, dark):
    def deep(t):
        return decibels(-27) * (0.7 + 0.6 * wander((*key, "deep"), t, 4.0))

    yield Bed((*key, "deep"), ((band(40, 230, 5), deep), (band(230, 800, 8), -37)), ear.direction(0), 0.4, 1.0)
    yield Drone(key, -44, (73.4, 110.0))


def garden(key, ear, wind, dark):
    air = Wind(key, ear, -42 + wind)
    yield from (air.air(110, 600), air.leaves(-4))
    yield Stream((*key, "fountain"), ear.hears(np.array([2.6, 0.6, -4.0])), -29)


def rooftop(key, ear, wind, dark):
    air = Wind(key, ear, -36 + wind)
    yield Traffic(key, ear, -34 - 4 * dark, -38)
    yield from (air.air(110, 700), air.whistle(430, -14), air.cloth(-11, -60))


AIRS = {
    "meadow": meadow, "forest": forest, "snow": snow, "desert": desert, "beach": beach, "city": city, "room": room,
    "night wood": night_wood, "lava field": lava_field, "mountains": mountains, "lake": lake, "castle": castle,
    "moon": moon, "underwater": underwater, "garden": garden, "rooftop": rooftop,
}  # fmt: skip

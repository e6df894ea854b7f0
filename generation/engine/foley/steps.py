"""Feet on the ground: what the ground is made of, and who treads on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from generation.engine.foley.movers import Contact, Mover
from generation.engine.foley.noise import Key, chance, decibels
from generation.engine.foley.timbre import Stroke, burst, clock, delayed, ended, grains, mixed, repeated, ring, struck

LOUD = decibels(-8)


def thud(rng, weight, hz=75.0, fall=0.045):
    """The weight of a body, felt rather than heard."""
    t = clock(0.28)
    hz = hz * rng.uniform(0.9, 1.1)
    boom = np.sin(2 * np.pi * (hz * t + 0.9 * (1 - np.exp(-t / 0.012)))) * struck(t, 0.002, fall)
    return mixed(
        0.8 * min(1.2, weight**0.5) * ended(boom), 0.4 * burst(rng, 0.12, 90, 500, attack=0.002, fall=0.02, slope=6)
    )


def grass(rng, weight):
    blades = 0.5 * burst(rng, 0.22, 1500, 7000, attack=0.02, fall=0.05, slope=2)
    return mixed(0.5 * thud(rng, weight, 70), blades, 0.22 * grains(rng, 0.2, 45, 1800, 8000, grain=0.004))


def leaves(rng, weight):
    crisp = grains(rng, 0.30, 70, 1200, 7500, grain=0.005, bias=1.5)
    return mixed(0.55 * thud(rng, weight, 72), 0.55 * crisp, 0.25 * burst(rng, 0.2, 700, 4000, attack=0.012, fall=0.05))


def snow(rng, weight):
    # The crunch comes in two: the crust gives way, then the snow is pressed.
    crust = 0.6 * grains(rng, 0.09, 50, 900, 4200, grain=0.004)
    pressed = 0.8 * grains(rng, 0.17, 130, 500, 3400, grain=0.006, bias=1.2)
    return mixed(0.35 * thud(rng, weight, 62), crust, delayed(pressed, 0.04))


def sand(rng, weight):
    slid = 0.75 * burst(rng, 0.30, 500, 5200, attack=0.022, fall=0.07, slope=3)
    return mixed(
        0.5 * thud(rng, weight, 60, 0.05), slid, 0.15 * grains(rng, 0.28, 120, 2500, 9000, grain=0.002, bias=0.8)
    )


def stone(rng, weight):
    pitch = rng.uniform(0.92, 1.08)
    heel = ring(0.16, ((430 * pitch, 0.016, 1.0), (1150 * pitch, 0.010, 0.7), (2350 * pitch, 0.006, 0.4)), bend=0.2)
    sole = burst(rng, 0.09, 1200, 6500, attack=0.001, fall=0.012, slope=2)
    return mixed(0.5 * thud(rng, weight, 92, 0.03), 0.42 * heel, 0.4 * sole, delayed(0.16 * sole, 0.054))


def boards(rng, weight):
    pitch = rng.uniform(0.9, 1.12)
    knock = ring(0.3, ((118 * pitch, 0.06, 1.0), (236 * pitch, 0.04, 0.6), (405 * pitch, 0.028, 0.45),
                       (820 * pitch, 0.014, 0.25)), bend=0.25)  # fmt: skip
    creak = 0.0 if rng.uniform() < 0.85 else 0.10
    return mixed(0.4 * thud(rng, weight, 84), 0.75 * knock, 0.2 * burst(rng, 0.08, 900, 4500, attack=0.001, fall=0.012),
                 creak * creaking(rng, 0.35))  # fmt: skip


def gravel(rng, weight):
    return mixed(0.5 * thud(rng, weight, 78), 0.7 * grains(rng, 0.24, 60, 1400, 8500, grain=0.004, bias=1.3),
                 0.25 * burst(rng, 0.16, 500, 3000, attack=0.006, fall=0.04))  # fmt: skip


def ash(rng, weight):
    return mixed(0.7 * thud(rng, weight, 58, 0.06), 0.6 * grains(rng, 0.26, 50, 700, 5200, grain=0.006),
                 0.25 * ring(0.14, ((1900, 0.012, 1), (3100, 0.008, 0.6))))  # fmt: skip


def dust(rng, weight):
    """Through one's own suit: there is no air that would carry it."""
    return mixed(1.0 * thud(rng, weight, 52, 0.07), 0.22 * burst(rng, 0.2, 80, 420, attack=0.01, fall=0.05, slope=6))


def seabed(rng, weight):
    return mixed(0.6 * thud(rng, weight, 55, 0.08), 0.6 * burst(rng, 0.4, 80, 650, attack=0.03, fall=0.1, slope=5))


def puddle(rng, weight):
    """What rain leaves: a splash, and drops that fall back."""
    drops = [0.05 + 0.05 * index + rng.uniform(0, 0.04) for index in range(4)]
    hz = rng.uniform(900, 1700)
    plop = ring(0.06, ((hz, 0.012, 1.0),), attack=0.002, bend=-0.5)
    return mixed(0.7 * burst(rng, 0.24, 900, 7000, attack=0.004, fall=0.05, slope=2),
                 0.25 * repeated(plop, drops, rng.uniform(0.2, 0.9, 4)))  # fmt: skip


def creaking(rng, seconds):
    """Wood or leather that gives: many small slips, closer and closer."""
    t = clock(seconds)
    rate = 38 + 60 * np.sin(np.pi * t / t[-1]) * rng.uniform(0.6, 1.2)
    slips = np.diff(np.floor(np.cumsum(rate) / 48_000), prepend=0)
    body = ring(0.05, ((610 * rng.uniform(0.8, 1.2), 0.006, 1.0), (1430, 0.004, 0.7), (2600, 0.003, 0.3)))
    size = len(t) + len(body)
    heard = np.fft.irfft(np.fft.rfft(slips, size) * np.fft.rfft(body, size), size)[: len(t)]
    return ended(heard / np.abs(heard).max() * np.sin(np.pi * t / t[-1]))


@dataclass(frozen=True)
class Ground:
    """What a place is walked on. `wet`: how much of a step it gives back. `open`: rain and snow lie here."""

    tread: Callable
    wet: float = 0.15
    open: bool = True


GROUNDS = {
    "meadow": Ground(grass), "forest": Ground(leaves), "snow": Ground(snow), "desert": Ground(sand),
    "beach": Ground(sand), "city": Ground(stone, 0.22), "room": Ground(boards, 0.3, open=False),
    "night wood": Ground(leaves), "lava field": Ground(ash), "mountains": Ground(gravel, 0.2), "lake": Ground(grass),
    "castle": Ground(stone, 0.4), "moon": Ground(dust, 0.0, open=False),
    "underwater": Ground(seabed, 0.2, open=False), "garden": Ground(grass), "rooftop": Ground(gravel, 0.12),
}  # fmt: skip


# --------------------------------------------------------------------------------------------------- what feet are like


def hoof(rng, step):
    clop = ring(0.12, ((620 * rng.uniform(0.95, 1.05), 0.018, 1.0), (1240, 0.012, 0.6), (2050, 0.007, 0.3)), bend=0.3)
    return mixed(step, 0.4 * clop)


def metal(rng, step):
    hz = rng.uniform(0.96, 1.04)
    clank = ring(0.35, ((310 * hz, 0.05, 1.0), (742 * hz, 0.06, 0.6), (1391 * hz, 0.045, 0.5), (2570 * hz, 0.03, 0.35)))
    return mixed(step, 0.3 * clank, 0.1 * burst(rng, 0.06, 2500, 9000, attack=0.001, fall=0.01, slope=0))


def armour(rng, step):
    plates = [
        ring(0.18, ((hz, 0.05, 1.0), (hz * 1.51, 0.04, 0.7), (hz * 2.77, 0.03, 0.5)))
        for hz in rng.uniform(900, 2600, 5)
    ]
    at = np.sort(rng.uniform(0, 0.13, 5))
    jingle = mixed(*(delayed(plate, moment) for plate, moment in zip(plates, at, strict=True)))
    return mixed(step, 0.14 * jingle)


def slap(rng, step):
    """Wet and broad."""
    return mixed(0.7 * step, 0.5 * burst(rng, 0.1, 500, 3800, attack=0.001, fall=0.018, slope=4))


def squelch(rng, step):
    return mixed(0.4 * step, 0.4 * slurp(rng))


def slurp(rng):
    t = clock(0.16)
    hz = np.interp(t, (0, 0.16), (260, rng.uniform(500, 800)))
    pop = np.sin(2 * np.pi * np.cumsum(hz) / 48_000) * struck(t, 0.01, 0.04)
    return ended(0.7 * pop + 0.3 * burst(rng, 0.16, 400, 2500, attack=0.01, fall=0.04))


FEET = {
    "unicorn": hoof, "robot": metal, "knight": armour, "frog": slap, "penguin": slap, "octopus": squelch,
    "pig": hoof,
}  # fmt: skip


def steps(
    mover: Mover, place: str, weather: str, key: Key, contacts: tuple[Contact, ...] | None = None
) -> Iterator[Stroke]:
    """The strokes of somebody's feet, one a contact (of `contacts`, if not all)."""
    ground = GROUNDS[place]
    for contact in mover.contacts if contacts is None else contacts:
        # A step is drawn by its moment, so that it is the same in whatever clip of the shot it is heard.
        rng = chance((*key, "step", mover.number), round(contact.at * 1000))
        step = ground.tread(rng, mover.weight)
        if ground.open and weather == "rain":
            step = mixed(0.75 * step, 0.5 * puddle(rng, mover.weight))
        if ground.open and weather == "snowfall" and ground.tread is not snow:
            step = mixed(0.45 * step, 0.6 * snow(rng, mover.weight))
        if mover.character.species in FEET and place not in ("moon", "underwater"):
            step = FEET[mover.character.species](rng, step)
        loud = LOUD * mover.weight**0.6 * np.clip(contact.strength, 0.7, 2.6) ** 0.7 * rng.uniform(0.82, 1.12)
        step = _as_large(step, mover.weight) * (0.94 if contact.foot else 1.0)
        if mover.quadruped:  # a trot: the hind foot of the other side, a moment later
            step = mixed(step, delayed(0.6 * step, rng.uniform(0.012, 0.022)))
        yield Stroke(contact.at, step * loud, mover.heard.sides(contact.at), ground.wet)


def _as_large(step, weight):
    """The heavier, the lower and the longer."""
    pitch = np.clip(weight**-0.28, 0.75, 1.4)
    return np.interp(np.arange(0, len(step) - 1, pitch), np.arange(len(step)), step)

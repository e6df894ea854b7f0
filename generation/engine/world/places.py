"""The sixteen places: what grows or stands around, what lies underfoot, and how each changes the light.

The middle is kept free for the cast. What would stand in the camera's way, or between it and its subject, is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from generation.engine.world import ground
from generation.engine.world.palette import Light, light_of
from generation.engine.world.scenery import prefab
from generation.engine.world.shapes import PartTable

GREENS = ((0.30, 0.56, 0.22), (0.38, 0.62, 0.24), (0.24, 0.49, 0.24))
PINES = ((0.17, 0.40, 0.27), (0.22, 0.45, 0.28), (0.15, 0.35, 0.26))


@dataclass(frozen=True)
class Around:
    """Scenery scattered in a ring about the middle: `count` pieces from `near` to `far` metres, in varying shades.

    `arc`: degrees each side of straight behind the cast; negative: everywhere but there. `height`: metres above the
    ground. `face`: turned towards the middle.
    """

    name: str
    count: int
    near: float
    far: float
    size: tuple[float, float] = (0.8, 1.25)
    colors: tuple = GREENS
    arc: float = 180.0
    height: tuple[float, float] = (0.0, 0.0)
    face: bool = False


@dataclass(frozen=True)
class Fixed:
    """One piece at a fixed spot: x, height, z in metres, turned by degrees."""

    name: str
    at: tuple[float, float, float]
    turn: float = 0.0
    size: float = 1.0
    color: tuple = (0.6, 0.6, 0.6)
    jitter: float = 0.0


@dataclass(frozen=True)
class Place:
    """`ground`: its surface. `ridge`: height (radians), roughness and colour of the far horizon line, or None."""

    name: str
    ground: Callable
    pieces: tuple = ()
    ridge: tuple | None = None
    relight: Callable[[Light, str], Light] | None = None
    indoors: bool = False  # no sky, no stars
    sheltered: bool = False  # rain and snow do not fall here
    liquid: bool = False  # all of it is water
    sparks: tuple[str, ...] = ()
    eye_height: float = 1.0
    lamps: tuple = ()

    def light(self, time_of_day: str, weather: str) -> Light:
        light = light_of(time_of_day, weather)
        return self.relight(light, time_of_day) if self.relight else light


def _scaled(values, *factors):
    factors = factors * 3 if len(factors) == 1 else factors
    return tuple(value * factor for value, factor in zip(values, factors, strict=True))


def _under_trees(light, time):
    return replace(
        light,
        sun_color=_scaled(light.sun_color, 0.92, 0.95, 0.80),
        above=_scaled(light.above, 0.85, 0.95, 0.75),
        fog=light.fog * 1.8,
    )


def _always_night(light, time):
    night = light_of("night", "clear")
    warm = 0.25 if time == "evening" else 0.0
    return replace(night, fog=max(0.03, light.fog), wet=light.wet, snow=light.snow, stars=min(1.0, light.stars + 0.8),
                   horizon=(0.05 + 0.2 * warm, 0.09, 0.20), above=_scaled(night.above, 1.2))  # fmt: skip


def _by_lava(light, time):
    dark = {"day": 1.0, "morning": 0.9, "evening": 0.8, "night": 0.5}[time]
    return replace(
        light,
        sun_color=_scaled((1.9, 1.32, 1.0), dark),
        above=_scaled((0.46, 0.30, 0.27), dark),
        below=(0.75, 0.22, 0.06),
        zenith=_scaled((0.10, 0.02, 0.02), dark),
        horizon=_scaled((0.95, 0.22, 0.05), dark),
        disc_color=(0.0, 0.0, 0.0),
        halo=0.15,
        fog=0.020,
        night=0.6,
        snow=0.0,  # it melts
        stars=0.0,
    )


def _in_space(light, time):
    dim = {"day": 1.0, "morning": 0.9, "evening": 0.85, "night": 0.55}[time]
    return replace(
        light,
        sun=(-0.65, 0.52, 0.50),
        sun_color=_scaled((2.5, 2.45, 2.35), dim),
        above=(0.09, 0.10, 0.15),
        below=(0.14, 0.14, 0.15),
        zenith=(0.002, 0.002, 0.006),
        horizon=(0.006, 0.007, 0.016),
        disc_color=(0, 0, 0),
        halo=0.0,
        stars=1.0,
        fog=0.0,
        night=0.8,
        wet=0.0,
        snow=0.0,
        shadow=0.95,
    )


def _under_water(light, time):
    dim = {"day": 1.0, "morning": 0.85, "evening": 0.65, "night": 0.30}[time]
    return replace(
        light,
        sun=(0.25, 0.90, 0.35),
        sun_color=_scaled((1.0, 1.55, 1.50), dim),
        above=_scaled((0.22, 0.58, 0.70), dim),
        below=_scaled((0.14, 0.28, 0.30), dim),
        zenith=_scaled((0.10, 0.52, 0.66), dim),
        horizon=_scaled((0.015, 0.17, 0.30), dim),
        disc=(0.1, 0.93, -0.35),
        disc_color=_scaled((0.8, 1.2, 1.1), dim),
        disc_size=0.22,
        halo=0.8 * dim,
        stars=0.0,
        fog=0.085,
        wet=0.0,
        snow=0.0,
        shadow=0.6,
    )


def _indoors(light, time):
    warm = {
        "day": (1.75, 1.62, 1.40),
        "morning": (1.9, 1.45, 1.05),
        "evening": (1.55, 0.95, 0.55),
        "night": (0.75, 0.55, 0.38),
    }[time]
    level = {"day": 1.0, "morning": 0.95, "evening": 0.75, "night": 0.42}[time]
    wall = _scaled((0.62, 0.50, 0.42), 1.0 * level)
    return replace(
        light,
        sun=(-0.55, 0.62, 0.60),
        sun_color=warm,
        above=_scaled((0.60, 0.54, 0.48), level),
        below=_scaled((0.40, 0.30, 0.22), level),
        zenith=wall,
        horizon=wall,
        disc_color=(0, 0, 0),
        halo=0.0,
        stars=0.0,
        fog=0.0,
        wet=0.0,
        snow=0.0,
        shadow=0.6,
        night={"day": 0.0, "morning": 0.0, "evening": 0.6, "night": 1.0}[time],
    )


def _on_snow(light, time):
    return replace(
        light,
        below=_scaled(light.below, 1.5, 1.8, 2.3),
        fog=light.fog * 1.5,
        horizon=tuple(0.8 * h + 0.12 for h in light.horizon) if light.night < 0.9 else light.horizon,
    )


BLOSSOMS = ((0.97, 0.42, 0.48), (0.98, 0.84, 0.34), (0.98, 0.97, 0.95), (0.70, 0.52, 0.92), (0.98, 0.60, 0.35))
SANDS = ((0.86, 0.68, 0.42), (0.90, 0.73, 0.48))
ROCKS = ((0.52, 0.51, 0.50), (0.60, 0.57, 0.53), (0.45, 0.44, 0.45))
HOUSES = (
    (0.86, 0.68, 0.50),
    (0.74, 0.46, 0.40),
    (0.60, 0.66, 0.74),
    (0.88, 0.80, 0.62),
    (0.66, 0.58, 0.70),
    (0.62, 0.72, 0.60),
)
CORALS = ((0.95, 0.42, 0.45), (0.98, 0.62, 0.30), (0.80, 0.42, 0.80), (0.98, 0.80, 0.42), (0.95, 0.55, 0.70))
CLOUDS = Around("cloud", 9, 46, 70, (2.0, 4.2), ((1.0, 1.0, 1.0),), height=(13, 24))
TUFTS = Around("tuft", 60, 0.9, 7.0, (0.7, 1.5), ((0.34, 0.60, 0.20), (0.46, 0.68, 0.26)))

PLACES = {
    "meadow": Place(
        "meadow",
        ground.grass,
        (
            Around("tree", 15, 5.0, 15, (0.8, 1.3)),
            Around("round_tree", 9, 6.5, 20, (0.8, 1.3)),
            Around("bush", 9, 3.4, 9, (0.6, 1.1)),
            Around("blossom", 46, 1.0, 6.0, (0.8, 1.3), BLOSSOMS),
            TUFTS,
            Around("hill", 9, 24, 34, (0.8, 1.3), ((0.42, 0.64, 0.26), (0.36, 0.58, 0.25))),
            CLOUDS,
        ),
        ridge=(0.060, 0.6, (0.30, 0.44, 0.34)),
        sparks=("pollen",),
    ),
    "forest": Place(
        "forest",
        ground.forest_floor,
        (
            Around("fir", 30, 3.6, 13, (1.0, 1.8), PINES),
            Around("tree", 12, 4.4, 13, (1.1, 1.6), PINES),
            Around("bush", 12, 2.6, 7, (0.5, 1.0), PINES),
            Around("toadstool", 12, 1.1, 4.0, (0.7, 1.4), ((0.85, 0.18, 0.15), (0.90, 0.55, 0.22))),
            Around("log", 3, 2.6, 6),
            Around("stump", 3, 2.4, 6),
            Around("tuft", 40, 1.0, 6.0, (0.7, 1.5), ((0.28, 0.46, 0.18),)),
        ),
        ridge=(0.16, 1.6, (0.16, 0.30, 0.22)),
        relight=_under_trees,
        sparks=("pollen",),
    ),
    "snow": Place(
        "snow",
        ground.snow,
        (
            Around("snowy_fir", 22, 4.2, 15, (0.9, 1.6), PINES),
            Around("snow_mound", 10, 3.2, 11, (0.6, 1.4)),
            Around("igloo", 1, 6.0, 7.5, (1.0, 1.1), arc=40),
            Around("hill", 8, 24, 34, (0.8, 1.3), ((0.86, 0.90, 0.95),)),
            Around("cloud", 6, 46, 70, (2.0, 3.6), ((1.0, 1.0, 1.0),), height=(13, 24)),
        ),
        ridge=(0.10, 1.2, (0.72, 0.78, 0.88)),
        relight=_on_snow,
    ),
    "desert": Place(
        "desert",
        ground.sand,
        (
            Around("cactus", 12, 3.8, 14, (0.7, 1.4), ((0.28, 0.52, 0.28), (0.34, 0.56, 0.26))),
            Around("rock", 9, 3.0, 12, (0.5, 1.3), ((0.72, 0.46, 0.30), (0.66, 0.40, 0.26))),
            Around("dune", 9, 17, 28, (0.8, 1.3), SANDS),
            Around("mesa", 4, 26, 38, (1.0, 2.0)),
            Around("arch", 1, 9, 12, (1.2, 1.6), ((0.76, 0.46, 0.29),), arc=60),
            Around("skull", 1, 2.2, 3.4, (0.9, 1.1), arc=70),
        ),
        ridge=(0.045, 0.8, (0.80, 0.56, 0.38)),
    ),
    "beach": Place(
        "beach",
        ground.beach,
        (
            Fixed("palm", (-3.2, 0, -1.2), 20, 1.15, GREENS[0], 0.4),
            Fixed("palm", (3.5, 0, -1.6), 160, 1.3, GREENS[1], 0.4),
            Fixed("palm", (4.9, 0, 0.2), 190, 1.1, GREENS[1], 0.4),
            Fixed("parasol", (-5.0, 0, 0.0), 20, 1.0, (0.92, 0.40, 0.34), 0.5),
            Fixed("sailboat", (3.5, 0, -17), 15, 1.5, jitter=3.0),
            Fixed("sailboat", (-9, 0, -28), -20, 1.6, jitter=4.0),
            Fixed("lighthouse", (-14, 0, -30), 0, 1.6, jitter=3.0),
            Around("starfish", 5, 1.1, 3.4, (0.8, 1.2), arc=120),
            Around("palm", 7, 7, 14, (1.0, 1.4), GREENS, arc=180),
            CLOUDS,
        ),
        ridge=None,
    ),
    "city": Place(
        "city",
        ground.street,
        (
            Fixed("lamp_post", (-3.1, 0, -1.95), 0, 1.05, jitter=0.3),
            Fixed("lamp_post", (3.4, 0, -1.95), 0, 1.05, jitter=0.3),
            Fixed("lamp_post", (0.4, 0, -6.9), 0, 1.05, jitter=1.0),
            *(
                Fixed("town_house", (-14.0 + 2.95 * index, 0, -8.6), 0, 1.0, HOUSES[(index * 4 + 1) % 6])
                for index in range(10)
            ),
            *(
                Fixed("tower_block", (-15.0 + 5.0 * index, 0, -16.0 - 2.0 * (index % 2)), 0, 1.5, ROCKS[index % 3], 1.0)
                for index in range(7)
            ),
            Fixed("round_tree", (-1.6, 0, -7.0), 0, 0.8, GREENS[0], 1.0),
            Fixed("round_tree", (4.6, 0, -7.0), 0, 0.9, GREENS[1], 1.0),
            Fixed("round_tree", (-6.0, 0, -7.0), 0, 0.9, GREENS[1], 0.5),
            Around("town_house", 10, 9.5, 12, (0.95, 1.05), HOUSES, arc=-80, face=True),
            CLOUDS,
        ),
        ridge=(0.10, 5.0, (0.52, 0.56, 0.62)),
        lamps=((-3.1, 2.6, -1.95, 2.4, 1.7, 0.8, 3.2), (3.4, 2.6, -1.95, 2.4, 1.7, 0.8, 3.2)),
    ),
    "room": Place(
        "room",
        ground.floorboards,
        (
            Fixed("back_wall", (0, 0, -3.3), 0, 1.0, (0.82, 0.62, 0.50)),
            Fixed("side_wall", (-5.6, 0, 1.8), 0, 1.0, (0.76, 0.56, 0.45)),
            Fixed("side_wall", (5.6, 0, 1.8), 0, 1.0, (0.76, 0.56, 0.45)),
            Fixed("window", (-1.55, 0, -3.3), 0, 1.0, (0.80, 0.36, 0.32), 0.2),
            Fixed("bookshelf", (1.9, 0, -2.95), 0, 1.0, jitter=0.2),
            Fixed("picture", (0.35, 0, -3.3), 0, 0.95, jitter=0.1),
            Fixed("sofa", (-3.95, 0, -2.45), 24, 1.0, (0.36, 0.52, 0.60)),
            Fixed("floor_lamp", (3.15, 0, -2.6), 0, 1.0),
            Fixed("house_plant", (-2.65, 0, -2.85), 0, 0.85),
            Fixed("house_plant", (4.6, 0, -1.6), 40, 1.1),
            Fixed("picture", (3.9, 0, -3.3), 0, 1.1),
            Fixed("picture", (-3.9, 0.15, -3.3), 0, 1.1),
        ),
        relight=_indoors,
        indoors=True,
        sheltered=True,
        sparks=("motes",),
        eye_height=0.8,
        lamps=((3.15, 1.65, -2.3, 1.9, 1.25, 0.62, 2.2),),
    ),
    "night wood": Place(
        "night wood",
        ground.dark_forest_floor,
        (
            Around("tree", 16, 4.2, 12, (1.1, 1.7), PINES),
            Around("fir", 16, 5.0, 14, (1.1, 1.9), PINES),
            Around("dead_tree", 5, 3.6, 9, (0.9, 1.4)),
            Around("bush", 12, 2.6, 7, (0.5, 1.0), PINES),
            Around("toadstool", 10, 1.1, 3.6, (0.8, 1.5), ((0.40, 0.75, 0.85), (0.62, 0.50, 0.92))),
            Around("log", 2, 2.6, 5),
        ),
        ridge=(0.15, 1.6, (0.10, 0.17, 0.22)),
        relight=_always_night,
        sparks=("fireflies",),
    ),
    "lava field": Place(
        "lava field",
        ground.lava,
        (
            Fixed("volcano", (5.0, 0, -34), 0, 0.95, jitter=4.0),
            Fixed("volcano", (-14, 0, -44), 0, 1.0, jitter=3.0),
            Around("basalt", 18, 3.0, 12, (0.7, 2.0), ((0.24, 0.19, 0.19), (0.30, 0.22, 0.20))),
            Around("rock", 12, 2.6, 9, (0.4, 1.1), ((0.27, 0.20, 0.19),)),
        ),
        ridge=(0.075, 2.2, (0.15, 0.05, 0.04)),
        relight=_by_lava,
        sparks=("embers",),
    ),
    "mountains": Place(
        "mountains",
        ground.alpine,
        (
            Around("mountain", 15, 24, 38, (0.50, 0.95), ((0.46, 0.47, 0.54), (0.42, 0.42, 0.48))),
            Around("fir", 22, 4.6, 14, (0.8, 1.4), PINES),
            Around("rock", 12, 2.8, 9, (0.5, 1.5), ROCKS),
            Around("blossom", 22, 1.0, 5, (0.7, 1.1), BLOSSOMS),
            Around("cabin", 1, 7.5, 9.5, (1.0, 1.2), arc=45, face=True),
            TUFTS,
            Around("cloud", 7, 46, 70, (1.6, 3.4), ((1.0, 1.0, 1.0),), height=(12, 20)),
        ),
        ridge=(0.13, 2.0, (0.42, 0.50, 0.64)),
    ),
    "lake": Place(
        "lake",
        ground.lake,
        (
            Fixed("jetty", (2.7, 0, -1.5), 6, 1.0, jitter=0.3),
            Fixed("sailboat", (-5.5, 0, -14), 20, 1.3, jitter=2.5),
            Around("reeds", 16, 1.9, 5.0, (0.7, 1.2), arc=100),
            Around("hill", 8, 30, 38, (0.9, 1.4), ((0.26, 0.44, 0.28), (0.30, 0.48, 0.28))),
            Around("mountain", 7, 44, 54, (0.9, 1.4), ((0.46, 0.50, 0.58),)),
            Around("fir", 10, 24, 27, (1.2, 1.8), PINES, arc=75),
            Around("tree", 8, 6, 12, (0.9, 1.3), GREENS, arc=-110),
            Around("rock", 5, 1.8, 4.5, (0.4, 0.8), ROCKS),
            Around("cloud", 6, 46, 70, (1.6, 3.4), ((1.0, 1.0, 1.0),), height=(13, 22)),
        ),
        ridge=(0.11, 1.8, (0.40, 0.50, 0.60)),
    ),
    "castle": Place(
        "castle",
        ground.flagstones,
        (
            Fixed("castle_gate", (0, 0, -13.0), 0, 0.95),
            Fixed("castle_wall", (-3.7, 0, -13.0), 0, 0.95),
            Fixed("castle_wall", (3.7, 0, -13.0), 0, 0.95),
            Fixed("castle_tower", (-6.3, 0, -12.6), 0, 0.85, (0.36, 0.40, 0.62)),
            Fixed("castle_tower", (6.3, 0, -12.6), 0, 0.85, (0.36, 0.40, 0.62)),
            Fixed("castle_tower", (-2.6, 0, -18.5), 0, 1.15, (0.62, 0.30, 0.34)),
            Fixed("castle_tower", (3.2, 0, -19.5), 0, 1.30, (0.36, 0.40, 0.62)),
            Fixed("castle_wall", (-8.0, 0, -10.2), 66, 1.0),
            Fixed("castle_wall", (8.0, 0, -10.2), -66, 1.0),
            Fixed("castle_wall", (-9.4, 0, -5.8), 84, 1.0),
            Fixed("castle_wall", (9.4, 0, -5.8), -84, 1.0),
            Fixed("bush", (-2.4, 0, -11.6), 0, 1.0, GREENS[2]),
            Fixed("bush", (2.4, 0, -11.6), 0, 1.0, GREENS[2]),
            Around("round_tree", 6, 10, 14, (0.9, 1.2), GREENS, arc=-120),
            CLOUDS,
        ),
        ridge=(0.05, 0.7, (0.40, 0.48, 0.46)),
        lamps=((-1.1, 1.5, -11.8, 2.6, 1.3, 0.45, 3.0), (1.1, 1.5, -11.8, 2.6, 1.3, 0.45, 3.0)),
    ),
    "moon": Place(
        "moon",
        ground.moon,
        (
            Fixed("earth", (-24, 11.5, -66), 20, 1.0, jitter=4.0),
            Fixed("lander", (4.3, 0, -5.6), 20, 1.0, jitter=0.6),
            Around("rock", 16, 2.6, 10, (0.3, 1.3), ((0.52, 0.52, 0.55), (0.62, 0.61, 0.62))),
            Around("hill", 10, 26, 36, (0.5, 1.0), ((0.52, 0.52, 0.55),)),
        ),
        ridge=(0.035, 1.6, (0.30, 0.30, 0.32)),
        relight=_in_space,
        sheltered=True,
    ),
    "underwater": Place(
        "underwater",
        ground.seabed,
        (
            Around("seaweed", 20, 2.4, 9, (0.7, 1.5), ((0.26, 0.58, 0.30), (0.40, 0.62, 0.26), (0.20, 0.50, 0.42))),
            Around("coral", 18, 1.9, 7, (0.6, 1.4), CORALS),
            Around("brain_coral", 9, 2.2, 7, (0.6, 1.2), CORALS),
            Around("rock", 9, 2.6, 9, (0.7, 1.8), ((0.36, 0.42, 0.44),)),
            Around("starfish", 7, 1.0, 4, (0.8, 1.3)),
            Around(
                "fish_shoal",
                4,
                3.0,
                6.5,
                (0.7, 1.0),
                ((0.98, 0.60, 0.22), (0.98, 0.85, 0.35), (0.40, 0.66, 0.95)),
                arc=75,
                height=(1.0, 2.4),
            ),
            Around("wreck", 1, 5.5, 7.5, (1.1, 1.3), arc=45),
        ),
        ridge=(0.09, 1.2, (0.05, 0.22, 0.30)),
        relight=_under_water,
        sheltered=True,
        liquid=True,
        sparks=("bubbles",),
    ),
    "garden": Place(
        "garden",
        ground.lawn,
        (
            *(Fixed("hedge", (-7.8 + 2.6 * index, 0, -6.2), 0, 1.0, GREENS[index % 3]) for index in range(7)),
            Fixed("fountain", (2.6, 0, -4.0), 0, 0.95, jitter=0.5),
            Fixed("flower_bed", (-2.3, 0, -2.9), 4, 1.1, jitter=0.2),
            Fixed("flower_bed", (0.2, 0, -3.3), -3, 1.0, jitter=0.2),
            Fixed("flower_bed", (-4.3, 0, -1.7), 30, 1.1),
            Fixed("flower_bed", (4.6, 0, -1.9), -24, 1.1),
            *(Fixed("fence", (-8.4 + 2.1 * index, 0, -7.4), 0, 1.2) for index in range(9)),
            Fixed("house", (-5.6, 0, -11.5), 14, 1.2, (0.92, 0.84, 0.70), 0.8),
            Around("round_tree", 12, 7.5, 13, (0.8, 1.2), (*GREENS, (0.95, 0.62, 0.70))),
            Around("berry_bush", 6, 3.6, 6, (0.6, 0.9)),
            Around("blossom", 26, 1.0, 5, (0.8, 1.2), BLOSSOMS),
            CLOUDS,
        ),
        ridge=(0.07, 0.7, (0.34, 0.48, 0.36)),
        sparks=("pollen",),
    ),
    "rooftop": Place(
        "rooftop",
        ground.rooftop,
        (
            *(Fixed("parapet", (-5.2 * 2 + 5.2 * index, 0, -3.6), 0, 1.0) for index in range(5)),
            Fixed("parapet", (-7.0, 0, -0.5), 90, 1.25),
            Fixed("parapet", (7.0, 0, -0.5), 90, 1.25),
            Fixed("chimney", (-2.5, 0, -2.8), 0, 1.0, jitter=0.3),
            Fixed("water_tank", (3.4, 0, -2.5), 0, 0.95, jitter=0.3),
            Fixed("antenna", (-4.3, 0, -2.4), 20, 1.2, jitter=0.3),
            Fixed("washing_line", (-5.0, 0, -0.6), 50, 1.0),
            Fixed("chimney", (5.7, 0, -2.2), 0, 1.1),
            *(
                Fixed(
                    "skyline",
                    (-19 + 9.5 * index, -2.2 + 0.5 * (index % 2), -15 - 3 * (index % 2)),
                    0,
                    1.1,
                    HOUSES[index % 6],
                    1.0,
                )
                for index in range(5)
            ),
            *(Fixed("skyline", (-26 + 13 * index, -1.0, -27), 0, 1.9, ROCKS[index % 3], 2.0) for index in range(5)),
            CLOUDS,
        ),
        ridge=(0.07, 5.0, (0.46, 0.50, 0.60)),
    ),
}

NAMES = tuple(PLACES)


def index_of(name: str) -> int:
    return NAMES.index(name)


def scenery(place: Place, rng, cameras: np.ndarray, target: np.ndarray, spots):
    """Part tables of what stands around, the main colour of each, and lamps.

    They keep clear of `cameras` (F, 3), of what these look at, and of the cast.
    """
    tables, mains = [], []
    reach = max((abs(x) for x, *_ in spots), default=0.0)
    path = cameras[:: max(1, len(cameras) // 6)][:, [0, 2]]
    for piece in place.pieces:
        table = prefab(piece.name)
        low, high = table.extent
        if isinstance(piece, Fixed):
            spread = piece.jitter * rng.uniform(-1, 1, 2)
            at = np.array([[piece.at[0] + spread[0], piece.at[1], piece.at[2] + 0.4 * spread[1]]])
            turn, size = np.array([piece.turn]), np.array([piece.size])
            colors = np.array([piece.color])
        else:
            at, turn, size, colors = _scatter(piece, rng, reach)
        girth = 0.5 * max(high[0] - low[0], high[2] - low[2]) * size
        clear = (
            _clear(at, girth, path, target[[0, 2]])
            if high[1] * size.max() > 0.45 and piece.name not in ("back_wall", "side_wall")
            else _apart(at, girth, path)
        )
        if clear.any():
            tables.append(_repeated(table, at[clear], turn[clear], size[clear], colors[clear]))
            mains.append((1.0, 1.0, 1.0))
    return tables, mains, list(place.lamps)


def _scatter(piece, rng, reach):
    """Even slots about the middle with a jitter: pieces never bunch up, and none is at the same spot for two seeds."""
    count = piece.count
    arc = abs(piece.arc)
    slots = (np.arange(count) + rng.uniform(0.15, 0.85, count)) / count
    angle = np.radians(-arc + 2 * arc * slots)
    if piece.arc < 0:  # a negative arc: everywhere but straight behind
        angle = np.radians(arc + (360 - 2 * arc) * slots)
    # Neighbouring slots alternate between near and far, which gives depth.
    share = np.mod(np.arange(count) * 0.618 + rng.uniform(), 1.0)
    near = piece.near + (0.75 * reach if piece.near < 12 else 0.0)
    radius = near + (max(piece.far, near + 1) - near) * share
    at = np.stack(
        [
            radius * np.sin(angle),
            rng.uniform(*piece.height, count) if any(piece.height) else np.zeros(count),
            -radius * np.cos(angle),
        ],
        axis=1,
    )
    turn = np.degrees(-angle) if piece.face else rng.uniform(0, 360, count)
    if piece.name in ("cloud", "fish_shoal"):
        turn = np.degrees(-angle)
    colors = np.array(piece.colors)[rng.integers(len(piece.colors), size=count)] * rng.uniform(0.88, 1.10, (count, 1))
    return at, turn, rng.uniform(*piece.size, count), colors


def _clear(at, girth, path, target):
    """Whether pieces stand neither at the camera nor between it and what it looks at."""
    ground_at = at[:, None, [0, 2]]
    view = target - path
    share = ((ground_at - path) * view).sum(-1) / (view * view).sum(-1)
    foot = path + share.clip(0, 0.92)[..., None] * view
    away = np.hypot(*np.moveaxis(ground_at - foot, -1, 0))
    return ((away > girth[:, None] + 0.75) | (at[:, None, 1] > 6)).all(1)


def _apart(at, girth, path):
    away = np.hypot(*np.moveaxis(at[:, None, [0, 2]] - path, -1, 0))
    return (away > 0.9).all(1) | (girth > 3)


def _repeated(table, at, turn, size, colors):
    """One table with the parts of every copy, coloured."""
    count, parts = len(at), len(table)
    turn = np.radians(turn)
    zero, one = np.zeros(count), np.ones(count)
    turns = np.stack(
        [np.cos(turn), zero, np.sin(turn), zero, one, zero, -np.sin(turn), zero, np.cos(turn)], -1
    ).reshape(-1, 3, 3)
    maps = (turns * size[:, None, None]).astype(np.float32)
    fixed = table.fixed + table.tint[:, None] * colors[:, None]
    return PartTable(
        kind=np.tile(table.kind, count),
        joint=np.zeros(count * parts, int),
        centre=((maps @ table.centre.T).transpose(0, 2, 1) + at[:, None]).reshape(-1, 3).astype(np.float32),
        linear=(maps[:, None] @ table.linear).reshape(-1, 3, 3),
        tint=np.zeros(count * parts, np.float32),
        fixed=fixed.reshape(-1, 3).astype(np.float32),
        shape=np.tile(table.shape, (count, 1)),
        gloss=np.tile(table.gloss, count),
        glow=np.tile(table.glow, count),
        casts=np.tile(table.casts, count),
        number=np.tile(table.number, count),
    )

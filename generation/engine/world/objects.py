"""Things that can stand beside the characters: each a table of parts, feet on the ground, facing +z."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from generation.engine.world import numbering
from generation.engine.world.shapes import DARK, LIGHT, MAIN, SOFT, Parts, PartTable, rgb

STILL, SWINGS = 0, 1  # the joints of a thing: one that stands, one that sways
WOOD, BARK, STEEL, GOLD = rgb(0.62, 0.42, 0.24), rgb(0.40, 0.26, 0.15), rgb(0.68, 0.71, 0.75), rgb(0.93, 0.70, 0.22)
CREAM, WHITE, INK, LEAF = rgb(0.96, 0.91, 0.80), rgb(0.97, 0.97, 0.96), rgb(0.07, 0.06, 0.07), rgb(0.30, 0.58, 0.24)
FLAME, EMBER = rgb(1.0, 0.72, 0.22), rgb(1.0, 0.40, 0.10)


class Thing(Parts):
    """A thing being made. `own`: its usual colour. `pivot`: what its swinging part swings about.
    `lamp`: height, linear colour and reach in metres of the light it gives."""

    def __init__(self, own, *, pivot=(0, 0, 0), lamp=None):
        super().__init__()
        self.own, self.pivot, self.lamp = own, np.array(pivot, float), lamp


@dataclass(frozen=True, eq=False)
class Made:
    """A finished thing and its measures in metres."""

    table: PartTable
    own: tuple[float, float, float]
    pivot: np.ndarray
    lamp: tuple | None
    height: float
    half_width: float


@cache
def thing_of(name: str) -> Made:
    thing = MAKERS[name]()
    table = thing.table(numbering.of_object(name, len(thing.rows)))
    low, high = table.extent
    return Made(table, thing.own, thing.pivot, thing.lamp, float(high[1]), float(max(high[0], -low[0])))


def sway(name, seconds, position, heading, phase):
    """The two joints of a thing over time: linear (F, 2, 3, 3) and shift (F, 2, 3)."""
    frames = len(seconds)
    swing, lift, turn = MOTIONS.get(name, (0.0, 0.0, 0.0))
    angle = swing * np.sin(2.0 * seconds + phase)
    yaw = np.full(frames, heading)
    spin = yaw + turn * seconds
    rise = lift * np.sin(1.7 * seconds + phase)
    linear = np.stack([_turn(yaw, np.zeros(frames)), _turn(spin, angle)], axis=1)
    shift = np.repeat(position[None, None], frames, axis=0).repeat(2, axis=1)
    pivot = thing_of(name).pivot
    shift[:, 1] += linear[:, 0] @ pivot - linear[:, 1] @ pivot
    shift[:, 1, 1] += rise
    return linear, shift


def _turn(yaw, roll):
    cy, sy, cz, sz = np.cos(yaw), np.sin(yaw), np.cos(roll), np.sin(roll)
    zero = np.zeros_like(yaw)
    return np.stack([cy * cz, -cy * sz, sy, sz, cz, zero, -sy * cz, sy * sz, cy], axis=-1).reshape(-1, 3, 3)


# swing (radians), rise (metres), turning (radians a second) of the parts that sway
MOTIONS = {
    "balloon": (0.07, 0.0, 0.0),
    "flower": (0.06, 0.0, 0.0),
    "lantern": (0.10, 0.0, 0.0),
    "kite": (0.10, 0.05, 0.0),
    "bell": (0.16, 0.0, 0.0),
    "star": (0.06, 0.06, 0.9),
    "boat": (0.035, 0.0, 0.0),
    "campfire": (0.10, 0.0, 5.0),
    "candle": (0.14, 0.0, 0.0),
    "rocket": (0.012, 0.0, 0.0),
    "tent": (0.0, 0.0, 0.0),
}


def balloon():
    t = Thing((0.88, 0.16, 0.18))
    t.gloss = 0.85
    t.ball((0, 1.28, 0), (0.23, 0.28, 0.23), joint=SWINGS)
    t.cone((0, 0.985, 0), 0.035, 0.03, DARK, joint=SWINGS)
    for low, high, x in ((0.03, 0.35, 0.0), (0.35, 0.67, 0.022), (0.67, 0.97, 0.0)):
        t.stick((0.022 - x if low else 0.0, low, 0), (x, high, 0), 0.006, WHITE, joint=SWINGS, casts=False)
    t.ball((0, 0.03, 0), (0.05, 0.03, 0.05), SOFT)
    return t


def ball():
    t = Thing((0.90, 0.30, 0.22))
    t.gloss = 0.7
    t.ball((0, 0.24, 0), 0.24)
    for turn in ((0, 0, 90), (0, 0, 30), (0, 0, -30)):
        t.column((0, 0.24, 0), 0.2405, 0.022, WHITE, turn=turn, casts=False)
    return t


def box():
    t = Thing((0.78, 0.56, 0.34))
    t.gloss = 0.1
    t.box((0, 0.21, 0), (0.23, 0.21, 0.21))
    t.box((0, 0.215, 0), (0.04, 0.212, 0.213), LIGHT)
    t.box((0, 0.425, 0), (0.245, 0.02, 0.225), SOFT)
    return t


def mushroom():
    t = Thing((0.86, 0.15, 0.13))
    t.gloss = 0.5
    t.column((0, 0.17, 0), 0.10, 0.17, CREAM, taper=0.75)
    t.dome((0, 0.30, 0), (0.29, 0.24, 0.29))
    t.column((0, 0.295, 0), 0.275, 0.02, CREAM, taper=1.05)
    for angle, up in (
        (20, 40),
        (95, 48),
        (165, 36),
        (250, 45),
        (320, 40),
        (60, 78),
        (270, 12),
        (130, 10),
        (60, 12),
        (5, 12),
    ):
        a, b = np.radians(angle), np.radians(up)
        normal = np.array([np.cos(b) * np.cos(a), np.sin(b), np.cos(b) * np.sin(a)])
        t.ball(np.array([0, 0.30, 0]) + normal * (0.275, 0.228, 0.275), 0.036 if up < 30 else 0.048, WHITE, casts=False)
    return t


def flower():
    t = Thing((0.96, 0.42, 0.50))
    for start, end in (((0, 0, 0), (0.03, 0.30, 0)), ((0.03, 0.28, 0), (0.0, 0.62, 0.02))):
        t.stick(start, end, 0.022, LEAF, joint=SWINGS)
    for side in (1, -1):
        t.ball(
            (side * 0.12, 0.22 + 0.05 * side, 0.02), (0.13, 0.022, 0.055), LEAF, turn=(0, 0, 32 * side), joint=SWINGS
        )
    for index in range(8):
        a = np.radians(45 * index + 10)
        t.ball(
            (0.145 * np.cos(a), 0.72 + 0.145 * np.sin(a), 0.05),
            (0.105, 0.060, 0.032),
            turn=(0, 0, 45 * index + 10),
            joint=SWINGS,
        )
    t.ball((0, 0.72, 0.075), (0.095, 0.095, 0.05), rgb(0.98, 0.80, 0.22), joint=SWINGS)
    return t


def lantern():
    t = Thing((0.24, 0.25, 0.28), pivot=(0, 1.02, 0), lamp=(0.66, (2.6, 1.7, 0.75), 2.0))
    t.stick((-0.20, 0, 0), (-0.20, 1.08, 0), 0.028, BARK)
    t.column((-0.20, 0.02, 0), 0.13, 0.03, BARK, taper=0.7)
    t.stick((-0.22, 1.05, 0), (0.08, 1.05, 0), 0.020, BARK)
    t.stick((0, 1.03, 0), (0, 0.90, 0), 0.010, STEEL, joint=SWINGS)
    t.column((0, 0.87, 0), 0.11, 0.045, MAIN, taper=0.35, joint=SWINGS, gloss=0.6)
    t.column((0, 0.66, 0), 0.095, 0.155, rgb(1.0, 0.86, 0.52), joint=SWINGS, glow=0.75)
    t.column((0, 0.485, 0), 0.125, 0.025, MAIN, joint=SWINGS, gloss=0.6)
    for x, z in ((0.095, 0.0), (-0.095, 0.0), (0, 0.095), (0, -0.095)):
        t.stick((x, 0.48, z), (x, 0.84, z), 0.013, MAIN, joint=SWINGS)
    return t


def umbrella():
    t = Thing((0.90, 0.30, 0.34))
    t.stick((0, 0.05, 0), (0, 1.20, 0), 0.018, STEEL)
    t.dome((0, 0.92, 0), (0.52, 0.26, 0.52), turn=(8, 0, 0))
    for angle in range(0, 180, 45):
        t.column((0, 0.92, 0), 0.523, 0.010, LIGHT, turn=(90, angle, 0), depth=0.262, casts=False)
    t.ball((0, 1.20, 0), 0.03, STEEL)
    for index in range(5):
        a = np.radians(180 + 45 * index)
        t.ball((0.055 + 0.055 * np.cos(a), 0.075 + 0.055 * np.sin(a), 0), 0.024, WOOD)
    return t


def boat():
    t = Thing((0.84, 0.28, 0.24), pivot=(0, 0.05, 0))
    t.ball((0, 0.26, 0), (0.46, 0.26, 0.22), high=0.0, joint=SWINGS, gloss=0.5)
    t.column((0, 0.265, 0), 0.47, 0.022, WHITE, depth=0.228, joint=SWINGS)
    t.column((0, 0.285, 0), 0.42, 0.006, WOOD, depth=0.19, joint=SWINGS)
    t.stick((0, 0.20, 0), (0, 1.12, 0), 0.022, WOOD, joint=SWINGS)
    t.cone((0.165, 0.66, 0), 0.235, 0.34, WHITE, depth=0.035, joint=SWINGS)
    t.cone((-0.14, 0.60, 0), 0.16, 0.26, CREAM, depth=0.03, joint=SWINGS)
    t.box((0.09, 1.07, 0), (0.085, 0.05, 0.008), MAIN, joint=SWINGS)
    return t


def car():
    t = Thing((0.90, 0.22, 0.20))
    t.gloss = 0.8
    t.box((0, 0.24, 0), (0.46, 0.12, 0.24))
    t.ball((0.0, 0.27, 0), (0.50, 0.145, 0.255))
    t.ball((-0.03, 0.40, 0), (0.30, 0.20, 0.215))
    t.ball((-0.03, 0.42, 0.03), (0.245, 0.155, 0.20), rgb(0.62, 0.80, 0.92), gloss=1.0)
    t.ball((-0.03, 0.42, -0.03), (0.245, 0.155, 0.20), rgb(0.62, 0.80, 0.92), gloss=1.0)
    t.box((-0.03, 0.42, 0), (0.024, 0.185, 0.225), MAIN)
    for x in (-0.29, 0.29):
        for z in (-0.235, 0.235):
            t.column((x, 0.125, z), 0.125, 0.05, INK, turn=(90, 0, 0), gloss=0.1)
            t.column((x, 0.125, z * 1.02), 0.065, 0.052, STEEL, turn=(90, 0, 0))
    for z in (-0.15, 0.15):
        t.ball((0.465, 0.27, z), (0.04, 0.05, 0.05), rgb(1.0, 0.95, 0.72), glow=0.5)
        t.ball((-0.475, 0.27, z), (0.03, 0.04, 0.045), rgb(0.85, 0.12, 0.10), glow=0.25)
    t.box((0, 0.155, 0), (0.505, 0.028, 0.20), STEEL)
    return t


def rocket():
    t = Thing((0.93, 0.93, 0.94))
    t.gloss = 0.6
    red = rgb(0.88, 0.24, 0.22)
    t.ball((0, 0.66, 0), (0.20, 0.52, 0.20), low=-0.75, high=0.62)
    t.ball((0, 0.66, 0), (0.203, 0.525, 0.203), red, low=0.55)
    t.ball((0, 1.175, 0), 0.022, red)
    for angle in (90, 210, 330):
        a = np.radians(angle)
        out = np.array([np.cos(a), 0, np.sin(a)])
        t.stick(0.13 * out + (0, 0.50, 0), 0.30 * out + (0, 0.06, 0), 0.05, red, rounded=True)
        t.ball(0.235 * out + (0, 0.22, 0), (0.11, 0.17, 0.028), red, turn=(0, -angle, 0))
    t.column((0, 0.22, 0), 0.12, 0.06, STEEL, taper=0.85)
    t.column((0, 0.80, 0.175), 0.085, 0.025, STEEL, turn=(90, 0, 0))
    t.ball((0, 0.80, 0.19), (0.062, 0.062, 0.025), rgb(0.40, 0.72, 0.95), gloss=1.0)
    t.column((0, 0.47, 0), 0.188, 0.022, red)
    return t


def chair():
    t = Thing((0.72, 0.48, 0.28))
    t.box((0, 0.40, 0), (0.24, 0.035, 0.23))
    t.box((0, 0.45, 0.01), (0.20, 0.028, 0.19), rgb(0.80, 0.32, 0.30))
    for x in (-0.20, 0.20):
        t.box((x, 0.19, 0.19), (0.03, 0.20, 0.03))
        t.box((x, 0.46, -0.20), (0.03, 0.47, 0.03), turn=(-3, 0, 0))
    for y in (0.62, 0.76, 0.88):
        t.box((0, y, -0.215), (0.19, 0.036, 0.018))
    return t


def table():
    t = Thing((0.70, 0.46, 0.27))
    t.column((0, 0.55, 0), 0.46, 0.03)
    t.column((0, 0.29, 0), 0.06, 0.25, DARK, taper=0.8)
    t.column((0, 0.03, 0), 0.22, 0.035, DARK, taper=0.5)
    t.column((0, 0.583, 0), 0.30, 0.006, CREAM)
    t.column((-0.08, 0.66, 0.05), 0.07, 0.075, rgb(0.42, 0.62, 0.78), taper=0.75)
    for x, y, z, hue in (
        (-0.11, 0.80, 0.05, (0.95, 0.45, 0.50)),
        (-0.04, 0.83, 0.07, (0.98, 0.80, 0.30)),
        (-0.08, 0.82, 0.0, (0.80, 0.55, 0.92)),
    ):
        t.stick((-0.08, 0.70, 0.05), (x, y, z), 0.009, LEAF, casts=False)
        t.ball((x, y, z), 0.042, rgb(*hue))
    return t


def book():
    t = Thing((0.66, 0.20, 0.24))
    for side in (1, -1):
        t.box((side * 0.215, 0.19, 0.0), (0.215, 0.014, 0.27), turn=(0, 0, 16 * side))
        t.ball((side * 0.205, 0.225, 0.0), (0.205, 0.045, 0.25), CREAM, turn=(0, 0, 14 * side))
        for row in range(4):
            t.box(
                (side * 0.21, 0.27, -0.14 + 0.09 * row),
                (0.13, 0.004, 0.010),
                rgb(0.45, 0.40, 0.38),
                turn=(0, 0, 13 * side),
                casts=False,
            )
    t.column((0, 0.125, 0), 0.028, 0.27, turn=(90, 0, 0))
    t.box((0, 0.055, 0), (0.30, 0.055, 0.22), rgb(0.28, 0.44, 0.62), turn=(0, 10, 0))
    t.box((0.0, 0.055, 0.012), (0.285, 0.040, 0.222), CREAM, turn=(0, 10, 0))
    return t


def cup():
    t = Thing((0.30, 0.56, 0.72))
    t.gloss = 0.8
    t.column((0, 0.03, 0), 0.27, 0.022, WHITE, taper=1.12)
    t.column((0, 0.23, 0), 0.15, 0.18, taper=1.25)
    t.column((0, 0.405, 0), 0.168, 0.008, rgb(0.34, 0.20, 0.12))
    for index in range(6):
        a = np.radians(-80 + 32 * index)
        t.ball((0.175 + 0.095 * np.cos(a), 0.24 + 0.10 * np.sin(a), 0), 0.033)
    for index, (x, y) in enumerate(((0.0, 0.50), (0.03, 0.58), (0.0, 0.66), (-0.03, 0.73))):
        t.ball((x - 0.02, y, 0), (0.026 - 0.003 * index, 0.045, 0.022), WHITE, glow=0.25, casts=False)
    return t


def candle():
    t = Thing((0.96, 0.92, 0.82), pivot=(0, 0.56, 0), lamp=(0.72, (2.4, 1.35, 0.5), 1.6))
    t.column((0, 0.03, 0), 0.20, 0.025, GOLD, taper=1.15, gloss=0.8)
    t.column((0, 0.09, 0), 0.10, 0.05, GOLD, gloss=0.8)
    t.column((0, 0.33, 0), 0.085, 0.20, gloss=0.5)
    for x, y, z in ((0.06, 0.46, 0.055), (-0.07, 0.43, 0.045), (0.0, 0.40, 0.082)):
        t.ball((x, y, z), (0.024, 0.07, 0.024), gloss=0.5)
    t.stick((0, 0.52, 0), (0, 0.60, 0), 0.010, INK)
    t.ball((0, 0.655, 0), (0.052, 0.092, 0.052), FLAME, joint=SWINGS, glow=2.0, casts=False)
    t.cone((0, 0.755, 0), 0.032, 0.055, FLAME, joint=SWINGS, glow=1.8, casts=False)
    t.ball((0, 0.63, 0.03), (0.026, 0.048, 0.03), rgb(1.0, 0.95, 0.75), joint=SWINGS, glow=2.2, casts=False)
    return t


def star():
    t = Thing((0.99, 0.82, 0.25), pivot=(0, 0.72, 0))
    t.gloss = 0.5
    for index in range(5):
        angle = 90 + 72 * index
        a = np.radians(angle)
        out = np.array([np.cos(a), np.sin(a), 0])
        t.cone(
            np.array([0, 0.72, 0]) + 0.215 * out,
            0.165,
            0.175,
            turn=(0, 0, angle - 90),
            depth=0.085,
            joint=SWINGS,
            glow=0.35,
        )
    t.ball((0, 0.72, 0), (0.165, 0.165, 0.085), joint=SWINGS, glow=0.35)
    for x in (-0.06, 0.06):
        t.ball((x, 0.745, 0.078), (0.021, 0.028, 0.014), INK, joint=SWINGS, gloss=0.9, casts=False)
    for x, up in ((-0.045, 0.010), (-0.015, 0.0), (0.015, 0.0), (0.045, 0.010)):
        t.ball((x, 0.675 + up, 0.082), (0.018, 0.008, 0.008), INK, joint=SWINGS, casts=False)
    return t


def kite():
    t = Thing((0.92, 0.34, 0.30), pivot=(0, 0, 0))
    t.box((0, 1.30, 0), (0.235, 0.235, 0.012), turn=(-12, 0, 45), joint=SWINGS)
    t.box((0.0, 1.30, 0.006), (0.16, 0.16, 0.012), rgb(0.98, 0.80, 0.28), turn=(-12, 0, 45), joint=SWINGS)
    t.stick((0, 0.96, -0.07), (0, 1.64, 0.09), 0.012, WOOD, joint=SWINGS)
    t.stick((-0.33, 1.30, 0.02), (0.33, 1.30, 0.02), 0.012, WOOD, joint=SWINGS)
    for index, (x, y) in enumerate(((0.05, 0.88), (-0.04, 0.77), (0.06, 0.66), (-0.02, 0.55))):
        for side in (1, -1):
            t.cone(
                (x + side * 0.045, y, -0.08),
                0.038,
                0.040,
                (rgb(0.30, 0.58, 0.86), rgb(0.98, 0.80, 0.28))[index % 2],
                turn=(0, 0, 90 * side),
                depth=0.014,
                joint=SWINGS,
                casts=False,
            )
    t.stick((0, 1.22, 0.03), (0.12, 0.62, 0.06), 0.006, WHITE, joint=SWINGS, casts=False)
    t.stick((0.12, 0.62, 0.06), (0.10, 0.05, 0.04), 0.006, WHITE, joint=SWINGS, casts=False)
    t.ball((0.10, 0.05, 0.04), (0.07, 0.05, 0.05), WOOD)
    return t


def cake():
    t = Thing((0.97, 0.66, 0.72))
    t.column((0, 0.025, 0), 0.38, 0.022, WHITE, gloss=0.8)
    t.column((0, 0.16, 0), 0.31, 0.115, CREAM)
    t.column((0, 0.255, 0), 0.32, 0.035)
    t.column((0, 0.35, 0), 0.20, 0.075, CREAM)
    t.column((0, 0.42, 0), 0.21, 0.028)
    for index in range(10):
        a = np.radians(36 * index)
        t.ball((0.30 * np.cos(a), 0.215, 0.30 * np.sin(a)), (0.045, 0.06 + 0.02 * (index % 2), 0.045))
        t.ball((0.255 * np.cos(a + 0.3), 0.30, 0.255 * np.sin(a + 0.3)), 0.030, rgb(0.88, 0.16, 0.20), gloss=0.8)
    for x, hue in ((-0.10, (0.35, 0.62, 0.90)), (0.0, (0.98, 0.78, 0.25)), (0.10, (0.45, 0.75, 0.45))):
        t.column((x, 0.52, 0.02), 0.016, 0.08, rgb(*hue))
        t.ball((x, 0.635, 0.02), (0.020, 0.038, 0.020), FLAME, glow=1.8, casts=False)
    return t


def apple():
    t = Thing((0.85, 0.15, 0.15))
    t.gloss = 0.8
    t.ball((0.075, 0.25, 0), (0.20, 0.23, 0.23))
    t.ball((-0.075, 0.25, 0), (0.20, 0.23, 0.23))
    t.ball((0, 0.20, 0.0), (0.20, 0.19, 0.22))
    t.stick((0, 0.42, 0), (0.035, 0.56, 0), 0.018, BARK)
    t.ball((0.11, 0.525, 0), (0.10, 0.022, 0.052), LEAF, turn=(0, 0, 24))
    return t


def tent():
    t = Thing((0.93, 0.58, 0.22))
    t.column((0, 0.52, 0), 0.62, 0.52, taper=0.03, turn=(0, 45, 0))
    for side in (1, -1):
        t.stick((side * 0.16, 0.0, 0.60), (0, 0.78, 0.20), 0.09, LIGHT, taper=0.2)
    t.cone((0, 0.30, 0.30), 0.19, 0.32, rgb(0.22, 0.15, 0.12), turn=(-30, 0, 0), depth=0.12)
    t.stick((0, 1.0, 0), (0, 1.16, 0), 0.015, WOOD)
    t.box((0.075, 1.12, 0), (0.07, 0.04, 0.008), rgb(0.85, 0.25, 0.25))
    for x, z in ((0.80, 0.35), (-0.80, 0.35), (0.62, -0.6), (-0.62, -0.6)):
        t.stick((x, 0.0, z), (x * 0.93, 0.09, z * 0.93), 0.016, WOOD)
        t.stick((x, 0.06, z), (x * 0.55, 0.38, z * 0.55), 0.006, WHITE, casts=False)
    return t


def bell():
    t = Thing((0.93, 0.72, 0.26), pivot=(0, 0.98, 0))
    t.gloss = 0.9
    for x in (-0.36, 0.36):
        t.stick((x, 0, 0), (x, 1.06, 0), 0.035, WOOD, gloss=0.1)
        t.box((x, 0.03, 0), (0.08, 0.03, 0.15), WOOD, gloss=0.1)
    t.box((0, 1.06, 0), (0.44, 0.04, 0.05), WOOD, gloss=0.1)
    t.stick((0, 1.02, 0), (0, 0.90, 0), 0.022, STEEL, joint=SWINGS)
    t.dome((0, 0.66, 0), (0.185, 0.24, 0.185), joint=SWINGS)
    t.column((0, 0.56, 0), 0.265, 0.12, taper=0.70, joint=SWINGS)
    t.column((0, 0.435, 0), 0.285, 0.022, DARK, taper=0.96, joint=SWINGS)
    t.ball((0, 0.385, 0), 0.060, DARK, joint=SWINGS)
    return t


def stone():
    t = Thing((0.56, 0.55, 0.54))
    t.gloss = 0.05
    t.ball((0, 0.20, 0), (0.34, 0.25, 0.28), turn=(0, 20, 8))
    t.ball((0.20, 0.13, 0.12), (0.21, 0.17, 0.19), SOFT, turn=(0, 0, -10))
    t.ball((-0.20, 0.10, 0.14), (0.16, 0.13, 0.15), DARK)
    t.ball((-0.05, 0.41, 0.02), (0.15, 0.035, 0.13), rgb(0.40, 0.55, 0.25))
    return t


def sign():
    t = Thing((0.74, 0.52, 0.31))
    t.stick((0, 0, -0.02), (0, 1.0, -0.02), 0.045, BARK)
    t.box((0.06, 0.80, 0.03), (0.30, 0.11, 0.028))
    t.box((0.36, 0.80, 0.03), (0.078, 0.078, 0.028), turn=(0, 0, 45))
    t.box((-0.06, 0.54, 0.03), (0.24, 0.09, 0.026), SOFT, turn=(0, 0, -5))
    for x, half in ((-0.10, 0.05), (0.04, 0.05), (0.18, 0.05)):
        t.box((x, 0.80, 0.062), (half, 0.018, 0.004), BARK, casts=False)
    for x in (-0.16, -0.04, 0.06):
        t.box((x, 0.54, 0.060), (0.04, 0.015, 0.004), BARK, turn=(0, 0, -5), casts=False)
    return t


def chest():
    t = Thing((0.60, 0.37, 0.20))
    t.box((0, 0.17, 0), (0.34, 0.17, 0.22))
    t.column((0, 0.37, -0.10), 0.215, 0.34, turn=(-38, 0, 90), depth=0.15)
    t.ball((0, 0.33, 0.0), (0.30, 0.10, 0.18), GOLD, gloss=0.9, glow=0.25)
    for x, z in ((-0.16, 0.06), (0.02, 0.10), (0.17, 0.04), (0.08, -0.02)):
        t.column((x, 0.42, z), 0.05, 0.010, GOLD, turn=(24, 0, 18), gloss=0.9, glow=0.2)
    t.ball((-0.06, 0.42, 0.07), 0.045, rgb(0.85, 0.12, 0.25), gloss=1.0)
    for x in (-0.24, 0.24):
        t.box((x, 0.17, 0.0), (0.030, 0.175, 0.226), GOLD, gloss=0.8)
    t.box((0, 0.27, 0.222), (0.06, 0.07, 0.018), GOLD, gloss=0.8)
    t.ball((0, 0.265, 0.242), (0.018, 0.024, 0.008), INK)
    return t


def bench():
    t = Thing((0.66, 0.43, 0.25))
    for z in (-0.10, 0.0, 0.10):
        t.box((0, 0.37, z), (0.58, 0.025, 0.040))
    for y in (0.52, 0.66):
        t.box((0, y, -0.19), (0.58, 0.048, 0.020), turn=(-10, 0, 0))
    for x in (-0.46, 0.46):
        t.box((x, 0.18, 0.10), (0.03, 0.18, 0.03), INK)
        t.box((x, 0.36, -0.17), (0.03, 0.37, 0.03), INK, turn=(-8, 0, 0))
        t.box((x, 0.34, -0.02), (0.03, 0.022, 0.15), INK)
    return t


def snowman():
    t = Thing((0.96, 0.97, 0.99))
    t.gloss = 0.05
    t.ball((0, 0.29, 0), (0.33, 0.30, 0.33))
    t.ball((0, 0.69, 0), (0.245, 0.235, 0.245))
    t.ball((0, 1.02, 0), 0.185)
    t.stick((0, 1.02, 0.16), (0, 1.0, 0.40), 0.040, rgb(0.96, 0.52, 0.14), taper=0.1)
    for x in (-0.07, 0.07):
        t.ball((x, 1.075, 0.162), (0.025, 0.028, 0.018), INK, gloss=0.8)
    for across, up in ((-0.07, 0.018), (-0.025, 0.0), (0.025, 0.0), (0.07, 0.018)):
        t.ball((across, 0.935 + up, 0.165), 0.014, INK)
    for y in (0.60, 0.70, 0.80):
        t.ball((0, y, 0.243 - 0.35 * (y - 0.69) ** 2), 0.026, INK)
    t.column((0, 0.865, 0), 0.19, 0.045, rgb(0.84, 0.22, 0.22), taper=0.95)
    t.box((0.13, 0.76, 0.20), (0.045, 0.11, 0.022), rgb(0.84, 0.22, 0.22), turn=(-10, 0, 8))
    t.column((0, 1.175, 0), 0.22, 0.018, INK)
    t.column((0, 1.285, 0), 0.145, 0.10, INK)
    t.column((0, 1.215, 0), 0.150, 0.026, rgb(0.84, 0.22, 0.22))
    for side in (1, -1):
        t.stick((side * 0.21, 0.74, 0), (side * 0.48, 0.92, 0.06), 0.018, BARK)
        t.stick((side * 0.40, 0.865, 0.04), (side * 0.50, 0.80, 0.09), 0.012, BARK)
    return t


def campfire():
    t = Thing((0.52, 0.34, 0.20), pivot=(0, 0.12, 0), lamp=(0.55, (3.2, 1.35, 0.38), 2.6))
    for index in range(5):
        a = np.radians(72 * index + 15)
        t.stick((0.34 * np.cos(a), 0.05, 0.34 * np.sin(a)), (0.03 * np.cos(a), 0.26, 0.03 * np.sin(a)), 0.052)
    for index in range(9):
        a = np.radians(40 * index)
        t.ball(
            (0.42 * np.cos(a), 0.05, 0.42 * np.sin(a)),
            (0.095, 0.075, 0.085),
            rgb(0.52, 0.51, 0.50),
            turn=(0, 40 * index, 0),
        )
    for x, z, height, radius in (
        (0, 0, 0.34, 0.15),
        (0.10, 0.05, 0.22, 0.10),
        (-0.10, 0.02, 0.25, 0.11),
        (0.01, -0.11, 0.24, 0.10),
    ):
        t.ball((x, 0.20, z), (radius, radius, radius), EMBER, joint=SWINGS, glow=1.5, casts=False)
        t.cone((x * 1.2, 0.22 + height, z), radius * 0.93, height, EMBER, joint=SWINGS, glow=1.5, casts=False)
        t.cone(
            (x * 1.05, 0.17 + 0.72 * height, z + 0.055),
            radius * 0.62,
            height * 0.66,
            FLAME,
            joint=SWINGS,
            glow=1.9,
            casts=False,
        )
    return t


def guitar():
    t = Thing((0.82, 0.50, 0.22))
    t.gloss = 0.7
    lean = (-10, 0, 8)
    for at, radius in (((0, 0.26, 0), 0.25), ((0.022, 0.55, -0.05), 0.185)):
        t.column(at, radius, 0.065, turn=(80, 0, 8))
    t.column((0.01, 0.42, -0.025), 0.15, 0.062, turn=(80, 0, 8))
    t.column((0.012, 0.435, 0.042), 0.078, 0.012, INK, turn=(80, 0, 8))
    t.box((0.072, 0.92, -0.075), (0.034, 0.36, 0.024), BARK, turn=lean)
    t.box((0.142, 1.32, -0.145), (0.062, 0.10, 0.024), DARK, turn=lean)
    t.box((0.0, 0.20, 0.085), (0.085, 0.020, 0.014), BARK, turn=lean)
    for across in (-0.018, 0.0, 0.018):
        t.stick((across, 0.20, 0.105), (across + 0.135, 1.28, -0.105), 0.0035, CREAM, casts=False)
    for side in (1, -1):
        for up in (0.0, 0.075):
            t.ball((0.137 + side * 0.078, 1.285 + up + 0.01 * side, -0.142), 0.020, CREAM)
    return t


MAKERS = {
    "balloon": balloon,
    "ball": ball,
    "box": box,
    "mushroom": mushroom,
    "flower": flower,
    "lantern": lantern,
    "umbrella": umbrella,
    "boat": boat,
    "car": car,
    "rocket": rocket,
    "chair": chair,
    "table": table,
    "book": book,
    "cup": cup,
    "candle": candle,
    "star": star,
    "kite": kite,
    "cake": cake,
    "apple": apple,
    "tent": tent,
    "bell": bell,
    "rock": stone,
    "sign": sign,
    "chest": chest,
    "bench": bench,
    "snowman": snowman,
    "campfire": campfire,
    "guitar": guitar,
}

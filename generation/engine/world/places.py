"""The sixteen places: what grows or stands around, what lies underfoot, and how each changes the light.

The middle is kept free for the cast. What would stand in the camera's way, or between it and its subject, is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from generation.engine.world import ground
from generation.engine.world.palette import Light, light_of
from generation.engine.world.shapes import LIGHT, MAIN, SOFT, Parts, PartTable, rgb

BARK, WOOD, PALE_WOOD = rgb(0.42, 0.28, 0.17), rgb(0.56, 0.36, 0.20), rgb(0.80, 0.62, 0.42)
STONE, PALE_STONE, DARK_STONE = rgb(0.56, 0.54, 0.51), rgb(0.72, 0.69, 0.63), rgb(0.30, 0.24, 0.23)
WHITE, CREAM, INK, PANE = rgb(0.97, 0.97, 0.98), rgb(0.95, 0.90, 0.80), rgb(0.10, 0.09, 0.10), rgb(0.55, 0.72, 0.85)
GREENS = ((0.30, 0.56, 0.22), (0.38, 0.62, 0.24), (0.24, 0.49, 0.24))
PINES = ((0.17, 0.40, 0.27), (0.22, 0.45, 0.28), (0.15, 0.35, 0.26))
LAMP_GLOW = -1.4  # negative: only lit when it is dark


@cache
def prefab(name: str) -> PartTable:
    """The parts of a piece of scenery at the origin."""
    parts = Parts()
    parts.gloss = 0.12
    PREFABS[name](parts)
    return parts.table()


def tree(p):
    p.column((0, 0.75, 0), 0.15, 0.80, BARK, taper=0.62)
    p.stick((0, 1.1, 0), (0.42, 1.6, 0.1), 0.06, BARK)
    for x, y, z, size in (
        (0, 2.15, 0, 0.80),
        (0.52, 1.82, 0.16, 0.52),
        (-0.52, 1.86, -0.1, 0.55),
        (0.12, 1.76, 0.46, 0.50),
        (-0.1, 2.62, -0.05, 0.52),
    ):
        p.ball((x, y, z), (size, size * 0.86, size), MAIN)


def round_tree(p):
    p.column((0, 0.6, 0), 0.12, 0.62, BARK, taper=0.7)
    p.ball((0, 1.75, 0), (0.72, 0.80, 0.72), MAIN)
    p.ball((0.30, 1.42, 0.32), 0.40, MAIN)
    p.ball((-0.34, 1.48, 0.20), 0.38, SOFT)


def fir(p):
    p.column((0, 0.3, 0), 0.12, 0.32, BARK)
    for y, radius, half in ((0.92, 0.82, 0.52), (1.52, 0.66, 0.48), (2.06, 0.48, 0.44), (2.54, 0.31, 0.38)):
        p.cone((0, y, 0), radius, half, MAIN)


def snowy_fir(p):
    p.column((0, 0.3, 0), 0.12, 0.32, BARK)
    for y, radius, half in ((0.92, 0.82, 0.50), (1.52, 0.66, 0.46), (2.06, 0.48, 0.42), (2.52, 0.31, 0.36)):
        p.cone((0, y, 0), radius, half, MAIN)
        p.cone((0, y + half * 0.30, 0), radius * 0.73, half * 0.74, WHITE)


def dead_tree(p):
    p.column((0, 0.9, 0), 0.14, 0.95, INK, taper=0.4)
    for end in ((0.55, 2.0, 0.1), (-0.5, 1.8, 0.1), (0.1, 2.4, -0.3)):
        p.stick((0, 1.1, 0), end, 0.055, INK, taper=0.3)


def palm(p):
    points = np.array([(0, 0, 0), (0.10, 0.75, 0), (0.28, 1.45, 0), (0.55, 2.10, 0)])
    for index in range(3):
        p.stick(points[index], points[index + 1] + (0, 0.05, 0), 0.13 - 0.02 * index, PALE_WOOD, taper=0.85)
    for angle in range(0, 360, 51):
        a = np.radians(angle)
        out = np.array([np.cos(a), 0, np.sin(a)])
        middle, end = points[3] + 0.48 * out + (0, 0.18, 0), points[3] + 1.0 * out + (0, -0.12, 0)
        p.stick(points[3], middle + 0.08 * out, 0.10, MAIN, rounded=True)
        p.stick(middle - 0.12 * out, end, 0.085, MAIN, rounded=True)
    for x, z in ((0.12, 0.08), (-0.10, 0.06), (0.02, -0.13)):
        p.ball(points[3] + (x, -0.10, z), 0.09, WOOD)


def cactus(p):
    p.column((0, 0.62, 0), 0.17, 0.62, MAIN)
    p.ball((0, 1.24, 0), 0.17, MAIN)
    for side, low, high in ((1, 0.62, 1.16), (-1, 0.84, 1.36)):
        p.stick((0, low, 0), (side * 0.40, low, 0), 0.095, MAIN)
        p.ball((side * 0.40, low, 0), 0.098, MAIN)
        p.stick((side * 0.40, low, 0), (side * 0.40, high, 0), 0.095, MAIN)
        p.ball((side * 0.40, high, 0), 0.095, MAIN)
    p.ball((0.05, 1.42, 0.05), (0.09, 0.055, 0.09), rgb(0.95, 0.45, 0.60))


def rock(p):
    p.ball((0, 0.16, 0), (0.42, 0.30, 0.34), MAIN, turn=(0, 20, 8))
    p.ball((0.28, 0.10, 0.12), (0.25, 0.20, 0.22), SOFT)
    p.ball((-0.25, 0.08, 0.15), (0.17, 0.14, 0.16), MAIN)


def bush(p):
    for x, y, z, size in (
        (0, 0.28, 0, 0.36),
        (0.32, 0.20, 0.06, 0.27),
        (-0.32, 0.22, 0.05, 0.28),
        (0.08, 0.18, 0.26, 0.24),
    ):
        p.ball((x, y, z), (size, size * 0.88, size), MAIN)


def berry_bush(p):
    bush(p)
    for x, y, z in (
        (0.12, 0.50, 0.24),
        (-0.16, 0.38, 0.31),
        (0.36, 0.32, 0.27),
        (0.0, 0.24, 0.49),
        (-0.40, 0.34, 0.24),
    ):
        p.ball((x, y, z), 0.05, rgb(0.90, 0.30, 0.42), casts=False)


def blossom(p):
    p.stick((0, 0, 0), (0.02, 0.22, 0), 0.012, rgb(0.30, 0.55, 0.22), casts=False)
    p.ball((0.05, 0.07, 0), (0.06, 0.016, 0.03), rgb(0.30, 0.55, 0.22), turn=(0, 0, 30), casts=False)
    for angle in range(0, 360, 72):
        a = np.radians(angle)
        p.ball((0.02 + 0.05 * np.cos(a), 0.23 + 0.05 * np.sin(a) * 0.8, 0.01), (0.036, 0.036, 0.016), MAIN, casts=False)
    p.ball((0.02, 0.23, 0.02), (0.028, 0.028, 0.018), rgb(0.98, 0.80, 0.22), casts=False)


def tuft(p):
    for x, z, lean in ((0, 0, 4), (0.05, 0.02, -24), (-0.05, 0.01, 26), (0.02, -0.04, -10)):
        p.cone((x - 0.0025 * lean, 0.10, z), 0.022, 0.11, MAIN, turn=(0, 0, lean), depth=0.014, casts=False)


def toadstool(p):
    p.column((0, 0.09, 0), 0.045, 0.09, CREAM, taper=0.75)
    p.dome((0, 0.15, 0), (0.13, 0.11, 0.13), MAIN)
    for x, y, z in ((0.05, 0.235, 0.06), (-0.06, 0.22, 0.07), (0.0, 0.20, 0.115)):
        p.ball((x, y, z), 0.022, WHITE, casts=False)


def cloud(p):
    for x, y, z, size in (
        (0, 0, 0, 1.15),
        (1.2, -0.15, 0.2, 0.85),
        (-1.25, -0.12, 0.1, 0.9),
        (0.55, 0.45, 0, 0.8),
        (2.0, -0.3, 0, 0.55),
        (-2.05, -0.3, 0, 0.5),
    ):
        p.ball((x, y, z), (size * 1.15, size * 0.72, size * 0.8), WHITE, gloss=0.0, glow=0.45, casts=False)


def hill(p):
    p.ball((0, -1.0, 0), (9.0, 3.6, 6.0), MAIN, gloss=0.0, casts=False)


def dune(p):
    p.ball((0, -0.7, 0), (7.0, 2.2, 4.0), MAIN, gloss=0.0, casts=False, turn=(0, 25, 0))


def mountain(p):
    p.column((0, 4.0, 0), 6.4, 4.1, MAIN, taper=0.10, gloss=0.0, casts=False)
    p.column((2.6, 2.2, 1.2), 4.2, 2.4, SOFT, taper=0.12, gloss=0.0, casts=False)
    p.column((0.0, 6.72, 0.03), 2.62, 1.55, WHITE, taper=0.20, gloss=0.1, casts=False)
    p.column((2.6, 3.92, 1.22), 1.42, 0.80, WHITE, taper=0.26, gloss=0.1, casts=False)
    for angle in range(20, 380, 45):
        a = np.radians(angle)
        p.cone(
            (2.42 * np.cos(a), 4.72, 2.42 * np.sin(a)),
            0.85,
            0.75,
            WHITE,
            turn=(0, -angle, 180 - 32),
            gloss=0.1,
            casts=False,
        )


def volcano(p):
    p.column((0, 2.6, 0), 6.2, 2.7, DARK_STONE, taper=0.24, gloss=0.0, casts=False)
    p.ball((0, 5.25, 0), (1.42, 0.30, 1.42), rgb(1.0, 0.45, 0.10), glow=2.2, casts=False)
    for angle, length in ((75, 1.5), (100, 2.3), (125, 1.2)):
        a = np.radians(angle)
        top = np.array([1.45 * np.cos(a), 5.22, 1.45 * np.sin(a)])
        down = np.array([np.cos(a) * 0.84, -1.0, np.sin(a) * 0.84])
        p.stick(top, top + down * length, 0.16, rgb(1.0, 0.36, 0.06), rounded=True, glow=1.8, casts=False)
    for x, y, size in ((0.2, 6.3, 0.9), (0.9, 7.2, 1.2), (1.9, 8.2, 1.5)):
        p.ball((x, y, -0.5), size, rgb(0.24, 0.17, 0.17), gloss=0.0, casts=False)


def basalt(p):
    for x, z, height, radius in (
        (0, 0, 0.55, 0.24),
        (0.34, 0.10, 0.38, 0.22),
        (-0.32, 0.12, 0.42, 0.21),
        (0.05, 0.34, 0.24, 0.20),
    ):
        p.column((x, height * 0.5, z), radius, height * 0.55, MAIN, taper=0.78, turn=(4 * x * 10, 0, -12 * x))


def house(p):
    p.box((0, 1.15, 0), (1.25, 1.15, 1.0), MAIN)
    p.box((0, 2.62, 0), (0.98, 0.98, 1.02), MAIN, turn=(0, 0, 45))
    for side in (1, -1):
        p.box((side * 0.82, 2.80, 0), (1.22, 0.075, 1.22), rgb(0.62, 0.27, 0.22), turn=(0, 0, -45 * side))
    p.box((0.75, 3.35, -0.3), (0.17, 0.55, 0.17), rgb(0.60, 0.36, 0.30))
    p.box((0, 0.52, 1.0), (0.27, 0.52, 0.05), rgb(0.42, 0.25, 0.17))
    p.ball((0.17, 0.52, 1.06), 0.035, rgb(0.95, 0.78, 0.3), casts=False)
    for x, y in ((-0.75, 1.05), (0.75, 1.05), (0.0, 2.10)):
        p.box((x, y, 1.0), (0.27, 0.30, 0.045), CREAM)
        p.box((x, y, 1.035), (0.21, 0.24, 0.03), rgb(0.98, 0.83, 0.48), glow=LAMP_GLOW)
        p.box((x, y, 1.06), (0.018, 0.24, 0.02), CREAM)
        p.box((x, y - 0.34, 1.06), (0.30, 0.05, 0.09), rgb(0.72, 0.32, 0.28))


def town_house(p):
    p.box((0, 2.3, 0), (1.35, 2.3, 1.0), MAIN)
    p.box((0, 4.68, 0), (1.45, 0.11, 1.10), CREAM)
    p.box((0, 0.62, 1.0), (0.32, 0.62, 0.05), rgb(0.30, 0.34, 0.40))
    p.box((0, 1.44, 1.12), (0.55, 0.055, 0.24), rgb(0.80, 0.30, 0.26))
    p.box((0, 1.30, 1.30), (0.55, 0.09, 0.03), WHITE)
    for y in (0.85, 2.25, 3.55):
        for x in (-0.85, 0.0, 0.85):
            if y < 1 and x == 0.0:
                continue
            p.box((x, y, 1.0), (0.26, 0.40, 0.045), CREAM)
            p.box(
                (x, y, 1.03),
                (0.20, 0.34, 0.03),
                rgb(0.62, 0.74, 0.86) if (x, y) != (0.85, 2.25) else rgb(0.98, 0.85, 0.50),
                glow=LAMP_GLOW if x + y != 4.4 else 0.0,
                gloss=0.8,
            )
            p.box((x, y, 1.055), (0.20, 0.014, 0.015), CREAM)


def tower_block(p):
    p.box((0, 3.4, 0), (1.15, 3.4, 1.0), MAIN)
    p.box((0, 6.85, 0), (0.75, 0.22, 0.7), SOFT)
    p.stick((0.2, 7.0, 0), (0.2, 8.0, 0), 0.04, INK)
    for row in range(8):
        p.box(
            (0, 0.75 + 0.78 * row, 1.0),
            (0.98, 0.22, 0.03),
            rgb(0.55, 0.68, 0.80),
            glow=-0.0 if row % 3 == 1 else LAMP_GLOW * 0.7,
            gloss=0.8,
        )
    for x in (-0.5, 0.0, 0.5):
        p.box((x, 3.4, 1.02), (0.07, 3.38, 0.03), MAIN)


def lamp_post(p):
    p.column((0, 0.08, 0), 0.13, 0.08, INK, taper=0.7)
    p.column((0, 1.25, 0), 0.042, 1.20, INK)
    p.ball((0, 2.58, 0), (0.15, 0.17, 0.15), rgb(1.0, 0.90, 0.62), glow=-2.2)
    p.cone((0, 2.80, 0), 0.19, 0.09, INK)
    p.column((0, 2.42, 0), 0.10, 0.03, INK)


def fence(p):
    for index in range(7):
        x = -0.9 + 0.3 * index
        p.box((x, 0.27, 0), (0.065, 0.27, 0.025), WHITE)
        p.cone((x, 0.60, 0), 0.075, 0.07, WHITE, depth=0.025)
    for y in (0.18, 0.42):
        p.box((0, y, -0.035), (1.05, 0.04, 0.02), WHITE)


def hedge(p):
    p.box((0, 0.42, 0), (1.3, 0.42, 0.32), MAIN)
    for index in range(6):
        p.ball((-1.1 + 0.44 * index, 0.80, 0.06 * (-1) ** index), (0.30, 0.18, 0.30), MAIN)


def flower_bed(p):
    p.ball((0, 0.02, 0), (0.75, 0.09, 0.34), rgb(0.40, 0.27, 0.18))
    hues = (
        rgb(0.95, 0.35, 0.40),
        rgb(0.98, 0.80, 0.25),
        rgb(0.85, 0.50, 0.90),
        rgb(0.98, 0.98, 0.95),
        rgb(0.98, 0.55, 0.25),
    )
    for index in range(9):
        x, z = -0.58 + 0.145 * index, 0.16 * (-1) ** index
        p.stick((x, 0.05, z), (x, 0.30 + 0.05 * (index % 3), z), 0.014, rgb(0.28, 0.52, 0.20), casts=False)
        p.ball((x, 0.33 + 0.05 * (index % 3), z), (0.075, 0.060, 0.075), hues[index % 5], casts=False)
        p.ball((x, 0.36 + 0.05 * (index % 3), z + 0.035), 0.028, rgb(0.98, 0.86, 0.40), casts=False)
        p.ball((x + 0.05, 0.15, z), (0.07, 0.02, 0.035), rgb(0.28, 0.52, 0.20), turn=(0, 40, 25), casts=False)


def fountain(p):
    p.column((0, 0.18, 0), 0.95, 0.18, PALE_STONE, taper=1.06)
    p.column((0, 0.33, 0), 0.84, 0.05, rgb(0.35, 0.68, 0.80), gloss=0.9)
    p.column((0, 0.70, 0), 0.12, 0.42, PALE_STONE)
    p.dome((0, 1.16, 0), (0.46, 0.20, 0.46), PALE_STONE, turn=(180, 0, 0))
    p.column((0, 1.13, 0), 0.40, 0.03, rgb(0.35, 0.68, 0.80), gloss=0.9)
    p.ball((0, 1.28, 0), (0.06, 0.22, 0.06), rgb(0.75, 0.92, 1.0), gloss=0.9)
    for angle in range(0, 360, 60):
        a = np.radians(angle)
        p.stick(
            (0.40 * np.cos(a), 1.15, 0.40 * np.sin(a)),
            (0.60 * np.cos(a), 0.38, 0.60 * np.sin(a)),
            0.035,
            rgb(0.75, 0.92, 1.0),
            rounded=True,
            gloss=0.9,
        )


def castle_tower(p):
    p.column((0, 2.6, 0), 0.95, 2.6, PALE_STONE)
    p.column((0, 5.25, 0), 1.12, 0.22, PALE_STONE)
    for angle in range(0, 360, 45):
        a = np.radians(angle)
        p.box((1.0 * np.cos(a), 5.62, 1.0 * np.sin(a)), (0.16, 0.17, 0.16), PALE_STONE, turn=(0, -angle, 0))
    p.cone((0, 6.55, 0), 1.0, 1.15, MAIN)
    p.stick((0, 7.6, 0), (0, 8.35, 0), 0.035, INK)
    p.box((0.28, 8.15, 0), (0.27, 0.15, 0.015), rgb(0.95, 0.78, 0.25))
    for y, angle in ((2.2, 80), (3.8, 100)):
        a = np.radians(angle)
        p.box(
            (0.93 * np.cos(a), y, 0.93 * np.sin(a)),
            (0.13, 0.30, 0.06),
            rgb(0.98, 0.80, 0.42),
            glow=LAMP_GLOW,
            turn=(0, 90 - angle, 0),
        )
        p.ball(
            (0.93 * np.cos(a), y + 0.30, 0.93 * np.sin(a)),
            (0.13, 0.13, 0.06),
            rgb(0.98, 0.80, 0.42),
            glow=LAMP_GLOW,
            turn=(0, 90 - angle, 0),
        )
    for y, angle in ((1.2, 60), (3.0, 130), (4.4, 50), (1.9, 120), (0.6, 95)):
        a = np.radians(angle)
        p.box((0.935 * np.cos(a), y, 0.935 * np.sin(a)), (0.17, 0.085, 0.035), STONE, turn=(0, 90 - angle, 0))


def castle_wall(p):
    p.box((0, 1.5, 0), (2.4, 1.5, 0.38), PALE_STONE)
    p.box((0, 3.02, 0), (2.4, 0.08, 0.46), STONE)
    for index in range(6):
        p.box((-2.0 + 0.8 * index, 3.30, 0.10), (0.24, 0.24, 0.26), PALE_STONE)
    for x, y in ((-1.6, 0.5), (-0.6, 1.1), (0.7, 0.6), (1.7, 1.3), (-1.2, 2.0), (0.2, 2.2), (1.3, 2.4), (-1.9, 2.6)):
        p.box((x, y, 0.375), (0.26, 0.11, 0.03), STONE)


def castle_gate(p):
    p.box((0, 1.9, 0), (1.5, 1.9, 0.5), PALE_STONE)
    for index in range(4):
        p.box((-1.2 + 0.8 * index, 4.02, 0.1), (0.24, 0.24, 0.3), PALE_STONE)
    p.box((0, 0.95, 0.50), (0.72, 0.95, 0.04), WOOD)
    p.column((0, 1.9, 0.47), 0.72, 0.075, WOOD, turn=(90, 0, 0))
    for x in (-0.36, 0.0, 0.36):
        p.box((x, 1.15, 0.545), (0.03, 1.15, 0.012), BARK)
    p.ball((0.15, 1.0, 0.57), 0.06, rgb(0.9, 0.75, 0.35))
    for side in (1, -1):
        p.box(
            (side * 1.1, 2.4, 0.53), (0.24, 0.75, 0.025), rgb(0.76, 0.18, 0.20) if side > 0 else rgb(0.20, 0.32, 0.66)
        )
        p.ball((side * 1.1, 2.5, 0.56), (0.11, 0.13, 0.02), rgb(0.95, 0.78, 0.25))
        p.stick((side * 1.1, 1.05, 0.52), (side * 1.1, 1.28, 0.66), 0.035, WOOD)
        p.ball((side * 1.1, 1.40, 0.68), (0.075, 0.14, 0.075), rgb(1.0, 0.66, 0.20), glow=-2.6)


def earth(p):
    p.ball((0, 0, 0), 9.0, rgb(0.20, 0.42, 0.78), glow=0.22, gloss=0.5, casts=False)
    for x, y, z, a, b in (
        (-0.3, 0.35, 0.85, 3.6, 2.4),
        (0.45, -0.25, 0.83, 2.8, 3.3),
        (-0.55, -0.35, 0.72, 2.4, 1.8),
        (0.3, 0.62, 0.70, 2.6, 1.5),
    ):
        p.ball((8.45 * x, 8.45 * y, 8.45 * z), (a, b, 1.4), rgb(0.35, 0.62, 0.32), glow=0.20, casts=False)
    for x, y, z, a in ((0.1, 0.12, 0.98, 3.4), (-0.2, -0.62, 0.76, 3.8), (0.62, 0.28, 0.74, 2.2)):
        p.ball((8.6 * x, 8.6 * y, 8.6 * z), (a, 0.6, 1.0), WHITE, glow=0.35, casts=False)


def lander(p):
    p.column((0, 1.15, 0), 0.62, 0.42, rgb(0.90, 0.72, 0.34), taper=0.9, gloss=0.8)
    p.ball((0, 1.75, 0), (0.56, 0.48, 0.56), rgb(0.86, 0.87, 0.90), gloss=0.7)
    p.ball((0, 1.80, 0.45), (0.20, 0.20, 0.14), rgb(0.25, 0.45, 0.70), gloss=1.0)
    p.stick((0.2, 2.15, 0), (0.3, 2.75, 0), 0.02, STONE)
    p.dome((0.31, 2.75, 0), (0.20, 0.12, 0.20), WHITE, turn=(180, 0, 0))
    for angle in (45, 135, 225, 315):
        a = np.radians(angle)
        p.stick(
            (0.5 * np.cos(a), 1.0, 0.5 * np.sin(a)),
            (1.0 * np.cos(a), 0.05, 1.0 * np.sin(a)),
            0.045,
            rgb(0.75, 0.76, 0.78),
        )
        p.column((1.0 * np.cos(a), 0.04, 1.0 * np.sin(a)), 0.20, 0.03, rgb(0.75, 0.76, 0.78))


def seaweed(p):
    for x, z, height, lean in (
        (0, 0, 1.3, 0.12),
        (0.18, 0.1, 0.9, -0.16),
        (-0.16, 0.08, 1.05, -0.05),
        (0.06, -0.15, 1.5, 0.2),
    ):
        for index in range(4):
            low, high = height * index / 4, height * (index + 1) / 4
            bend = lambda y: lean * np.sin(3.2 * y + 9 * x)  # noqa: E731
            p.stick(
                (x + bend(low), low - 0.03, z),
                (x + bend(high), high + 0.05, z),
                0.075 - 0.011 * index,
                MAIN,
                rounded=True,
            )


def coral(p):
    for angle, lean, height in ((0, 8, 0.62), (70, 34, 0.55), (150, 36, 0.50), (230, 30, 0.60), (300, 38, 0.45)):
        a, b = np.radians(angle), np.radians(lean)
        end = height * np.array([np.sin(b) * np.cos(a), np.cos(b), np.sin(b) * np.sin(a)])
        p.stick((0, 0, 0), end, 0.07, MAIN, taper=0.8)
        p.ball(end, 0.085, SOFT)
        middle = 0.6 * end
        tip = middle + 0.26 * np.array([np.cos(a + 1.2) * 0.7, 0.75, np.sin(a + 1.2) * 0.7])
        p.stick(middle, tip, 0.05, MAIN, taper=0.8)
        p.ball(tip, 0.06, SOFT)


def brain_coral(p):
    p.dome((0, -0.04, 0), (0.42, 0.36, 0.42), MAIN)
    for angle in range(0, 180, 36):
        p.column((0, -0.04, 0), 0.425, 0.02, SOFT, turn=(90, angle, 0), depth=0.366)


def starfish(p):
    for angle in range(90, 450, 72):
        a = np.radians(angle)
        p.stick(
            (0, 0.03, 0),
            (0.20 * np.cos(a), 0.02, 0.20 * np.sin(a)),
            0.055,
            rgb(0.95, 0.52, 0.28),
            rounded=True,
            casts=False,
        )
    p.ball((0, 0.035, 0), (0.09, 0.04, 0.09), rgb(0.95, 0.52, 0.28), casts=False)


def fish_shoal(p):
    for x, y, z in (
        (0, 0, 0),
        (0.5, 0.22, 0.2),
        (-0.45, 0.25, -0.1),
        (0.15, -0.28, 0.25),
        (0.9, -0.1, 0.0),
        (-0.8, -0.1, 0.1),
    ):
        p.ball((x, y, z), (0.17, 0.095, 0.05), MAIN, gloss=0.6, casts=False)
        p.cone((x - 0.20, y, z), 0.085, 0.07, SOFT, turn=(0, 0, -90), depth=0.02, casts=False)
        p.ball((x + 0.10, y + 0.02, z + 0.045), 0.018, INK, casts=False)
        p.box((x + 0.01, y, z + 0.045), (0.022, 0.075, 0.012), WHITE, casts=False)


def wreck(p):
    for index in range(5):
        p.stick((-1.2 + 0.6 * index, -0.1, -0.5), (-1.2 + 0.6 * index, 1.25 - 0.12 * index, -0.75), 0.06, WOOD)
    for y in (0.2, 0.55, 0.9):
        p.box((0, y, -0.55 - 0.16 * y), (1.5, 0.11, 0.045), WOOD, turn=(-9, 0, -5))
    p.stick((-0.2, 0, -0.8), (0.25, 2.5, -0.9), 0.07, BARK)
    p.box((0.2, 1.9, -0.88), (0.75, 0.045, 0.045), BARK, turn=(0, 0, 12))


def sailboat(p):
    p.ball((0, 0.10, 0), (0.95, 0.36, 0.34), rgb(0.80, 0.28, 0.22), high=0.15, casts=False)
    p.box((0, 0.17, 0), (0.90, 0.03, 0.30), PALE_WOOD, casts=False)
    p.stick((0, 0.1, 0), (0, 2.3, 0), 0.035, WOOD, casts=False)
    p.cone((0.33, 1.28, 0), 0.52, 0.92, WHITE, depth=0.03, casts=False)
    p.cone((-0.30, 1.05, 0), 0.34, 0.68, CREAM, depth=0.03, casts=False)


def parasol(p):
    p.stick((0, 0, 0), (0.15, 1.75, 0), 0.03, WHITE)
    p.dome((0.15, 1.62, 0), (0.95, 0.42, 0.95), MAIN, turn=(0, 0, -6))
    for angle in (0, 60, 120):
        p.column((0.15, 1.62, 0), 0.955, 0.10, WHITE, turn=(90, angle, 0), depth=0.425)
    p.box((0.95, 0.14, 0.2), (0.28, 0.03, 0.75), rgb(0.30, 0.60, 0.78), turn=(-6, 20, 0))


def lighthouse(p):
    p.ball((0, -0.2, 0), (2.6, 1.0, 2.0), STONE, casts=False)
    for index in range(5):
        p.column(
            (0, 1.0 + 0.8 * index, 0),
            0.72 - 0.06 * index,
            0.41,
            (WHITE, rgb(0.82, 0.24, 0.20))[index % 2],
            taper=0.93,
            casts=False,
        )
    p.column((0, 4.75, 0), 0.32, 0.28, rgb(1.0, 0.90, 0.55), glow=-2.5, casts=False)
    p.cone((0, 5.25, 0), 0.48, 0.28, rgb(0.82, 0.24, 0.20), casts=False)


def jetty(p):
    for index in range(7):
        p.box((0, 0.16, -0.42 * index), (0.55, 0.035, 0.19), WOOD)
    for side in (1, -1):
        for z in (0.0, -1.25, -2.5):
            p.column((side * 0.5, 0.2, z), 0.07, 0.32, BARK)


def reeds(p):
    for x, z, height in ((0, 0, 0.75), (0.12, 0.05, 0.6), (-0.1, 0.04, 0.85), (0.05, -0.08, 0.95)):
        p.stick((x, 0, z), (x * 1.3, height, z), 0.014, rgb(0.42, 0.55, 0.26), casts=False)
        p.ball((x * 1.3, height, z), (0.032, 0.11, 0.032), BARK, casts=False)
    for lean in (-20, 18, -36):
        p.cone((-0.004 * lean, 0.3, 0.03), 0.022, 0.32, rgb(0.38, 0.58, 0.24), turn=(0, 0, lean), casts=False)


def cabin(p):
    for index in range(5):
        p.column((0, 0.17 + 0.3 * index, 0), 0.17, 1.35, WOOD, turn=(0, 0, 90), depth=0.95)
    p.box((0, 0.78, 0), (1.2, 0.78, 0.95), WOOD)
    for side in (1, -1):
        p.box((0, 2.0, side * 0.58), (1.5, 0.07, 0.85), rgb(0.36, 0.24, 0.20), turn=(38 * side, 0, 0))
    p.box((0.45, 0.60, 0.96), (0.25, 0.58, 0.04), BARK)
    p.box((-0.45, 0.85, 0.96), (0.30, 0.26, 0.04), CREAM)
    p.box((-0.45, 0.85, 0.99), (0.24, 0.20, 0.03), rgb(0.98, 0.82, 0.45), glow=LAMP_GLOW)
    p.box((-0.8, 2.3, -0.3), (0.16, 0.6, 0.16), STONE)


def igloo(p):
    p.dome((0, -0.05, 0), (1.15, 1.0, 1.15), WHITE)
    p.column((0, 0.30, 1.05), 0.42, 0.35, WHITE, turn=(90, 0, 0))
    p.column((0, 0.28, 1.38), 0.30, 0.04, rgb(0.20, 0.26, 0.36), turn=(90, 0, 0))
    for y, radius in ((0.24, 1.115), (0.50, 0.985), (0.74, 0.74)):
        p.column((0, y, 0), radius, 0.012, rgb(0.78, 0.85, 0.93))


def snow_mound(p):
    p.ball((0, -0.05, 0), (1.2, 0.40, 0.8), WHITE, gloss=0.0)


def log(p):
    p.column((0, 0.17, 0), 0.17, 0.62, BARK, turn=(0, 0, 90))
    p.column((0.622, 0.17, 0), 0.14, 0.012, PALE_WOOD, turn=(0, 0, 90))
    p.stick((0.1, 0.22, 0.05), (0.18, 0.48, 0.12), 0.045, BARK)


def stump(p):
    p.column((0, 0.16, 0), 0.25, 0.17, BARK, taper=0.85)
    p.column((0, 0.332, 0), 0.19, 0.008, PALE_WOOD)


def arch(p):
    p.column((-1.0, 0.9, 0), 0.42, 1.0, MAIN, taper=0.8)
    p.column((1.1, 1.0, 0), 0.48, 1.1, MAIN, taper=0.75)
    for angle in range(10, 181, 34):
        a = np.radians(angle)
        p.ball((0.05 + 1.05 * np.cos(a), 1.75 + 0.65 * np.sin(a), 0), (0.45, 0.36, 0.40), MAIN)


def mesa(p):
    p.column((0, 1.6, 0), 2.6, 1.6, rgb(0.74, 0.42, 0.26), taper=0.82, casts=False)
    p.column((0, 1.0, 0), 2.75, 0.25, rgb(0.84, 0.56, 0.36), taper=0.97, casts=False)
    p.column((0, 2.3, 0), 2.42, 0.16, rgb(0.84, 0.56, 0.36), taper=0.97, casts=False)


def skull(p):
    p.ball((0, 0.16, 0), (0.19, 0.15, 0.23), CREAM)
    p.ball((0, 0.09, 0.22), (0.10, 0.09, 0.14), CREAM)
    p.both_sides(p.ball, (0.085, 0.18, 0.17), (0.045, 0.05, 0.04), INK)
    for side in (1, -1):
        p.stick((side * 0.16, 0.24, -0.02), (side * 0.42, 0.36, 0.02), 0.045, CREAM, taper=0.2)


def back_wall(p):
    p.box((0, 2.3, -0.1), (5.6, 2.3, 0.1), MAIN, gloss=0.0, casts=False)
    p.box((0, 0.10, 0.03), (5.6, 0.10, 0.04), CREAM, casts=False)
    p.box((0, 0.92, 0.02), (5.6, 0.03, 0.03), CREAM, casts=False)
    for index in range(14):
        p.box((-5.2 + 0.8 * index, 0.51, 0.012), (0.33, 0.30, 0.012), LIGHT, casts=False)


def side_wall(p):
    p.box((0, 2.3, 0), (0.1, 2.3, 5.2), MAIN, gloss=0.0, casts=False)
    p.box((0.12, 0.10, 0), (0.04, 0.10, 5.2), CREAM, casts=False)
    p.box((-0.12, 0.10, 0), (0.04, 0.10, 5.2), CREAM, casts=False)


def window(p):
    p.box((0, 1.75, 0.04), (0.78, 0.66, 0.06), CREAM, casts=False)
    p.box((0, 1.75, 0.075), (0.68, 0.56, 0.05), rgb(0.52, 0.76, 0.95), glow=0.55, casts=False)
    p.box((0, 1.75, 0.12), (0.03, 0.56, 0.03), CREAM, casts=False)
    p.box((0, 1.75, 0.12), (0.68, 0.03, 0.03), CREAM, casts=False)
    p.box((0, 1.06, 0.14), (0.88, 0.05, 0.14), CREAM, casts=False)
    for side in (1, -1):
        p.ball((side * 0.88, 1.72, 0.16), (0.20, 0.86, 0.09), MAIN, casts=False)
        p.ball((side * 0.76, 2.10, 0.15), (0.20, 0.42, 0.08), MAIN, casts=False)
    p.stick((-1.15, 2.52, 0.16), (1.15, 2.52, 0.16), 0.028, WOOD, casts=False)


def bookshelf(p):
    p.box((0, 0.95, 0), (0.62, 0.95, 0.20), WOOD)
    p.box((0, 0.96, 0.10), (0.56, 0.88, 0.12), BARK)
    hues = (
        (0.78, 0.26, 0.24),
        (0.24, 0.45, 0.66),
        (0.92, 0.74, 0.32),
        (0.36, 0.58, 0.36),
        (0.60, 0.36, 0.62),
        (0.90, 0.52, 0.28),
    )
    for row in range(3):
        y = 0.16 + 0.58 * row
        p.box((0, y - 0.02, 0.12), (0.58, 0.022, 0.13), WOOD)
        for index in range(8):
            height = 0.17 + 0.03 * ((index * 5 + row * 3) % 3)
            if (index + 2 * row) % 7 == 5:
                continue
            p.box(
                (-0.47 + 0.125 * index, y + height, 0.15),
                (0.052, height, 0.10),
                rgb(*hues[(index * 2 + row) % 6]),
                turn=(0, 0, 8 if (index + row) % 5 == 4 else 0),
            )


def sofa(p):
    p.box((0, 0.24, 0), (0.95, 0.17, 0.42), MAIN)
    p.box((0, 0.55, -0.32), (0.95, 0.32, 0.13), MAIN)
    for side in (1, -1):
        p.box((side * 0.98, 0.40, 0.0), (0.13, 0.26, 0.44), SOFT)
        p.box((side * 0.45, 0.46, 0.04), (0.42, 0.08, 0.36), LIGHT)
        p.column((side * 0.85, 0.04, 0.3), 0.04, 0.05, WOOD)
    p.box((0.55, 0.64, -0.05), (0.19, 0.18, 0.07), rgb(0.95, 0.78, 0.35), turn=(-14, 0, 12))


def floor_lamp(p):
    p.column((0, 0.03, 0), 0.20, 0.03, WOOD)
    p.column((0, 0.80, 0), 0.025, 0.80, WOOD)
    p.column((0, 1.68, 0), 0.30, 0.19, rgb(0.98, 0.88, 0.66), taper=0.62, glow=0.75)


def house_plant(p):
    p.column((0, 0.18, 0), 0.16, 0.18, rgb(0.80, 0.45, 0.30), taper=1.3)
    for angle in range(0, 360, 52):
        a = np.radians(angle)
        out = np.array([np.cos(a), 0, np.sin(a)])
        p.stick(
            np.array([0, 0.34, 0]),
            0.30 * out + (0, 0.82 + 0.12 * (angle % 3), 0),
            0.085,
            rgb(0.27, 0.54, 0.28),
            rounded=True,
        )
        p.stick(
            0.24 * out + (0, 0.72 + 0.12 * (angle % 3), 0),
            0.48 * out + (0, 0.68, 0),
            0.07,
            rgb(0.33, 0.60, 0.31),
            rounded=True,
        )


def picture(p):
    p.box((0, 1.75, 0.03), (0.42, 0.34, 0.035), WOOD, casts=False)
    p.box((0, 1.75, 0.055), (0.36, 0.28, 0.025), rgb(0.72, 0.86, 0.92), casts=False)
    p.ball((0, 1.60, 0.07), (0.34, 0.13, 0.02), rgb(0.42, 0.64, 0.34), casts=False)
    p.ball((0.14, 1.88, 0.075), (0.07, 0.07, 0.02), rgb(0.98, 0.80, 0.30), casts=False)


def parapet(p):
    p.box((0, 0.24, 0), (2.6, 0.24, 0.14), rgb(0.60, 0.40, 0.34))
    p.box((0, 0.51, 0), (2.65, 0.05, 0.20), CREAM)


def chimney(p):
    p.box((0, 0.6, 0), (0.36, 0.6, 0.30), rgb(0.66, 0.36, 0.29))
    p.box((0, 1.22, 0), (0.43, 0.07, 0.37), CREAM)
    for x in (-0.16, 0.16):
        p.column((x, 1.42, 0), 0.10, 0.16, rgb(0.74, 0.44, 0.33), taper=0.85)


def water_tank(p):
    for x, z in ((-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)):
        p.stick((x, 0, z), (x * 0.85, 1.1, z * 0.85), 0.05, BARK)
    p.column((0, 1.75, 0), 0.72, 0.68, WOOD)
    for y in (1.3, 1.75, 2.2):
        p.column((0, y, 0), 0.735, 0.03, INK)
    p.cone((0, 2.72, 0), 0.82, 0.32, rgb(0.42, 0.34, 0.34))


def antenna(p):
    p.stick((0, 0, 0), (0, 1.7, 0), 0.03, INK)
    for y, half in ((1.62, 0.35), (1.42, 0.28), (1.22, 0.22)):
        p.stick((-half, y, 0), (half, y, 0), 0.016, INK)


def washing_line(p):
    for side in (1, -1):
        p.stick((side * 1.5, 0, 0), (side * 1.5, 1.5, 0), 0.045, WOOD)
    p.stick((-1.5, 1.45, 0), (1.5, 1.45, 0), 0.012, WHITE, casts=False)
    for x, width, height, color in (
        (-0.95, 0.25, 0.32, rgb(0.90, 0.42, 0.40)),
        (-0.30, 0.20, 0.24, WHITE),
        (0.32, 0.28, 0.30, rgb(0.40, 0.62, 0.84)),
        (1.0, 0.18, 0.22, rgb(0.96, 0.80, 0.40)),
    ):
        p.box((x, 1.43 - height, 0), (width, height, 0.015), color, turn=(6, 4, 0))


def skyline(p):
    for x, z, half, height in (
        (0, 0, 0.95, 3.6),
        (2.1, 0.6, 0.8, 2.6),
        (-2.0, 0.4, 0.85, 4.4),
        (3.8, -0.4, 0.75, 3.3),
        (-3.9, 0.0, 0.9, 2.5),
    ):
        p.box((x, height - 4.0, z), (half, height, 0.8), MAIN, gloss=0.0, casts=False)
        for row in range(int(height)):
            p.box(
                (x, 2 * height - 4.5 - 0.85 * row, z + 0.79),
                (half * 0.78, 0.17, 0.03),
                rgb(0.98, 0.86, 0.55) if row % 2 else rgb(0.62, 0.70, 0.80),
                glow=LAMP_GLOW if row % 2 else 0.0,
                casts=False,
            )
            p.box((x, 2 * height - 4.5 - 0.85 * row, z + 0.81), (half * 0.12, 0.18, 0.03), MAIN, casts=False)


PREFABS = {
    maker.__name__: maker
    for maker in (
        tree, round_tree, fir, snowy_fir, dead_tree, palm, cactus, rock, bush, berry_bush, blossom, tuft, toadstool, cloud, hill, dune, mountain,
        volcano, basalt, house, town_house, tower_block, lamp_post, fence, hedge, flower_bed, fountain, castle_tower, castle_wall,
        castle_gate, earth, lander, seaweed, coral, brain_coral, starfish, fish_shoal, wreck, sailboat, parasol, lighthouse, jetty, reeds,
        cabin, igloo, snow_mound, log, stump, arch, mesa, skull, back_wall, side_wall, window, bookshelf, sofa, floor_lamp, house_plant,
        picture, parapet, chimney, water_tank, antenna, washing_line, skyline,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Around:
    """Scenery scattered in a ring about the middle: `count` pieces between `near` and `far` metres, of varying size and shade.

    `arc`: degrees each side of straight behind the cast. `row` keeps them on a line behind instead, at z = -near.
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
    return replace(night, fog=max(0.03, light.fog), wet=light.wet, stars=min(1.0, light.stars + 0.8),
                   horizon=(0.05 + 0.2 * warm, 0.09, 0.20), above=_scaled(night.above, 1.2))  # fmt: skip


def _by_lava(light, time):
    dark = {"day": 1.0, "morning": 0.9, "evening": 0.8, "night": 0.5}[time]
    return replace(
        light, sun_color=_scaled((1.9, 1.32, 1.0), dark), above=_scaled((0.46, 0.30, 0.27), dark), below=(0.75, 0.22, 0.06),
        zenith=_scaled((0.10, 0.02, 0.02), dark), horizon=_scaled((0.95, 0.22, 0.05), dark), disc_color=(0.0, 0.0, 0.0), halo=0.15, fog=0.020,
        night=0.6, stars=0.0,
    )  # fmt: skip


def _in_space(light, time):
    dim = {"day": 1.0, "morning": 0.9, "evening": 0.85, "night": 0.55}[time]
    return replace(
        light, sun=(-0.65, 0.52, 0.50), sun_color=_scaled((2.5, 2.45, 2.35), dim), above=(0.09, 0.10, 0.15), below=(0.14, 0.14, 0.15),
        zenith=(0.002, 0.002, 0.006), horizon=(0.006, 0.007, 0.016), disc_color=(0, 0, 0), halo=0.0, stars=1.0, fog=0.0, night=0.8, wet=0.0,
        shadow=0.95,
    )  # fmt: skip


def _under_water(light, time):
    dim = {"day": 1.0, "morning": 0.85, "evening": 0.65, "night": 0.30}[time]
    return replace(
        light, sun=(0.25, 0.90, 0.35), sun_color=_scaled((1.0, 1.55, 1.50), dim), above=_scaled((0.22, 0.58, 0.70), dim),
        below=_scaled((0.14, 0.28, 0.30), dim), zenith=_scaled((0.10, 0.52, 0.66), dim), horizon=_scaled((0.015, 0.17, 0.30), dim),
        disc=(0.1, 0.93, -0.35), disc_color=_scaled((0.8, 1.2, 1.1), dim), disc_size=0.22, halo=0.8 * dim, stars=0.0, fog=0.085, wet=0.0, shadow=0.6,
    )  # fmt: skip


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
        light, sun=(-0.55, 0.62, 0.60), sun_color=warm, above=_scaled((0.60, 0.54, 0.48), level), below=_scaled((0.40, 0.30, 0.22), level),
        zenith=wall, horizon=wall, disc_color=(0, 0, 0), halo=0.0, stars=0.0, fog=0.0, wet=0.0, shadow=0.6,
        night={"day": 0.0, "morning": 0.0, "evening": 0.6, "night": 1.0}[time],
    )  # fmt: skip


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
    "meadow": Place("meadow", ground.grass, (
        Around("tree", 15, 5.0, 15, (0.8, 1.3)), Around("round_tree", 9, 6.5, 20, (0.8, 1.3)), Around("bush", 9, 3.4, 9, (0.6, 1.1)),
        Around("blossom", 46, 1.0, 6.0, (0.8, 1.3), BLOSSOMS), TUFTS, Around("hill", 9, 24, 34, (0.8, 1.3), ((0.42, 0.64, 0.26), (0.36, 0.58, 0.25))), CLOUDS,
    ), ridge=(0.060, 0.6, (0.30, 0.44, 0.34)), sparks=("pollen",)),
    "forest": Place("forest", ground.forest_floor, (
        Around("fir", 30, 3.6, 13, (1.0, 1.8), PINES), Around("tree", 12, 4.4, 13, (1.1, 1.6), PINES), Around("bush", 12, 2.6, 7, (0.5, 1.0), PINES),
        Around("toadstool", 12, 1.1, 4.0, (0.7, 1.4), ((0.85, 0.18, 0.15), (0.90, 0.55, 0.22))), Around("log", 3, 2.6, 6), Around("stump", 3, 2.4, 6),
        Around("tuft", 40, 1.0, 6.0, (0.7, 1.5), ((0.28, 0.46, 0.18),)),
    ), ridge=(0.16, 1.6, (0.16, 0.30, 0.22)), relight=_under_trees, sparks=("pollen",)),
    "snow": Place("snow", ground.snow, (
        Around("snowy_fir", 22, 4.2, 15, (0.9, 1.6), PINES), Around("snow_mound", 10, 3.2, 11, (0.6, 1.4)), Around("igloo", 1, 6.0, 7.5, (1.0, 1.1), arc=40),
        Around("hill", 8, 24, 34, (0.8, 1.3), ((0.86, 0.90, 0.95),)), Around("cloud", 6, 46, 70, (2.0, 3.6), ((1.0, 1.0, 1.0),), height=(13, 24)),
    ), ridge=(0.10, 1.2, (0.72, 0.78, 0.88)), relight=_on_snow),
    "desert": Place("desert", ground.sand, (
        Around("cactus", 12, 3.8, 14, (0.7, 1.4), ((0.28, 0.52, 0.28), (0.34, 0.56, 0.26))), Around("rock", 9, 3.0, 12, (0.5, 1.3), ((0.72, 0.46, 0.30), (0.66, 0.40, 0.26))),
        Around("dune", 9, 17, 28, (0.8, 1.3), SANDS), Around("mesa", 4, 26, 38, (1.0, 2.0)), Around("arch", 1, 9, 12, (1.2, 1.6), ((0.76, 0.46, 0.29),), arc=60),
        Around("skull", 1, 2.2, 3.4, (0.9, 1.1), arc=70),
    ), ridge=(0.045, 0.8, (0.80, 0.56, 0.38))),
    "beach": Place("beach", ground.beach, (
        Fixed("palm", (-3.2, 0, -1.2), 20, 1.15, GREENS[0], 0.4), Fixed("palm", (3.5, 0, -1.6), 160, 1.3, GREENS[1], 0.4), Fixed("palm", (4.9, 0, 0.2), 190, 1.1, GREENS[1], 0.4),
        Fixed("parasol", (-5.0, 0, 0.0), 20, 1.0, (0.92, 0.40, 0.34), 0.5), Fixed("sailboat", (3.5, 0, -17), 15, 1.5, jitter=3.0), Fixed("sailboat", (-9, 0, -28), -20, 1.6, jitter=4.0),
        Fixed("lighthouse", (-14, 0, -30), 0, 1.6, jitter=3.0), Around("starfish", 5, 1.1, 3.4, (0.8, 1.2), arc=120),
        Around("palm", 7, 7, 14, (1.0, 1.4), GREENS, arc=180), CLOUDS,
    ), ridge=None),
    "city": Place("city", ground.street, (
        Fixed("lamp_post", (-3.1, 0, -1.95), 0, 1.05, jitter=0.3), Fixed("lamp_post", (3.4, 0, -1.95), 0, 1.05, jitter=0.3), Fixed("lamp_post", (0.4, 0, -6.9), 0, 1.05, jitter=1.0),
        *(Fixed("town_house", (-14.0 + 2.95 * index, 0, -8.6), 0, 1.0, HOUSES[(index * 4 + 1) % 6]) for index in range(10)),
        *(Fixed("tower_block", (-15.0 + 5.0 * index, 0, -16.0 - 2.0 * (index % 2)), 0, 1.5, ROCKS[index % 3], 1.0) for index in range(7)),
        Fixed("round_tree", (-1.6, 0, -7.0), 0, 0.8, GREENS[0], 1.0), Fixed("round_tree", (4.6, 0, -7.0), 0, 0.9, GREENS[1], 1.0), Fixed("round_tree", (-6.0, 0, -7.0), 0, 0.9, GREENS[1], 0.5),
        Around("town_house", 10, 9.5, 12, (0.95, 1.05), HOUSES, arc=-80, face=True), CLOUDS,
    ), ridge=(0.10, 5.0, (0.52, 0.56, 0.62)), lamps=((-3.1, 2.6, -1.95, 2.4, 1.7, 0.8, 3.2), (3.4, 2.6, -1.95, 2.4, 1.7, 0.8, 3.2))),
    "room": Place("room", ground.floorboards, (
        Fixed("back_wall", (0, 0, -3.3), 0, 1.0, (0.82, 0.62, 0.50)), Fixed("side_wall", (-5.6, 0, 1.8), 0, 1.0, (0.76, 0.56, 0.45)), Fixed("side_wall", (5.6, 0, 1.8), 0, 1.0, (0.76, 0.56, 0.45)),
        Fixed("window", (-1.55, 0, -3.3), 0, 1.0, (0.80, 0.36, 0.32), 0.2), Fixed("bookshelf", (1.9, 0, -2.95), 0, 1.0, jitter=0.2), Fixed("picture", (0.35, 0, -3.3), 0, 0.95, jitter=0.1),
        Fixed("sofa", (-3.95, 0, -2.45), 24, 1.0, (0.36, 0.52, 0.60)), Fixed("floor_lamp", (3.15, 0, -2.6), 0, 1.0), Fixed("house_plant", (-2.65, 0, -2.85), 0, 0.85),
        Fixed("house_plant", (4.6, 0, -1.6), 40, 1.1), Fixed("picture", (3.9, 0, -3.3), 0, 1.1), Fixed("picture", (-3.9, 0.15, -3.3), 0, 1.1),
    ), relight=_indoors, indoors=True, sheltered=True, sparks=("motes",), eye_height=0.8,
        lamps=((3.15, 1.65, -2.3, 1.9, 1.25, 0.62, 2.2),)),
    "night wood": Place("night wood", ground.dark_forest_floor, (
        Around("tree", 16, 4.2, 12, (1.1, 1.7), PINES), Around("fir", 16, 5.0, 14, (1.1, 1.9), PINES), Around("dead_tree", 5, 3.6, 9, (0.9, 1.4)),
        Around("bush", 12, 2.6, 7, (0.5, 1.0), PINES), Around("toadstool", 10, 1.1, 3.6, (0.8, 1.5), ((0.40, 0.75, 0.85), (0.62, 0.50, 0.92))), Around("log", 2, 2.6, 5),
    ), ridge=(0.15, 1.6, (0.10, 0.17, 0.22)), relight=_always_night, sparks=("fireflies",)),
    "lava field": Place("lava field", ground.lava, (
        Fixed("volcano", (5.0, 0, -34), 0, 0.95, jitter=4.0), Fixed("volcano", (-14, 0, -44), 0, 1.0, jitter=3.0), Around("basalt", 18, 3.0, 12, (0.7, 2.0), ((0.24, 0.19, 0.19), (0.30, 0.22, 0.20))),
        Around("rock", 12, 2.6, 9, (0.4, 1.1), ((0.27, 0.20, 0.19),)),
    ), ridge=(0.075, 2.2, (0.15, 0.05, 0.04)), relight=_by_lava, sparks=("embers",)),
    "mountains": Place("mountains", ground.alpine, (
        Around("mountain", 15, 24, 38, (0.50, 0.95), ((0.46, 0.47, 0.54), (0.42, 0.42, 0.48))), Around("fir", 22, 4.6, 14, (0.8, 1.4), PINES), Around("rock", 12, 2.8, 9, (0.5, 1.5), ROCKS),
        Around("blossom", 22, 1.0, 5, (0.7, 1.1), BLOSSOMS), Around("cabin", 1, 7.5, 9.5, (1.0, 1.2), arc=45, face=True), TUFTS, Around("cloud", 7, 46, 70, (1.6, 3.4), ((1.0, 1.0, 1.0),), height=(12, 20)),
    ), ridge=(0.13, 2.0, (0.42, 0.50, 0.64))),
    "lake": Place("lake", ground.lake, (
        Fixed("jetty", (2.7, 0, -1.5), 6, 1.0, jitter=0.3), Fixed("sailboat", (-5.5, 0, -14), 20, 1.3, jitter=2.5), Around("reeds", 16, 1.9, 5.0, (0.7, 1.2), arc=100),
        Around("hill", 8, 30, 38, (0.9, 1.4), ((0.26, 0.44, 0.28), (0.30, 0.48, 0.28))), Around("mountain", 7, 44, 54, (0.9, 1.4), ((0.46, 0.50, 0.58),)),
        Around("fir", 10, 24, 27, (1.2, 1.8), PINES, arc=75), Around("tree", 8, 6, 12, (0.9, 1.3), GREENS, arc=-110), Around("rock", 5, 1.8, 4.5, (0.4, 0.8), ROCKS), Around("cloud", 6, 46, 70, (1.6, 3.4), ((1.0, 1.0, 1.0),), height=(13, 22)),
    ), ridge=(0.11, 1.8, (0.40, 0.50, 0.60))),
    "castle": Place("castle", ground.flagstones, (
        Fixed("castle_gate", (0, 0, -13.0), 0, 0.95), Fixed("castle_wall", (-3.7, 0, -13.0), 0, 0.95), Fixed("castle_wall", (3.7, 0, -13.0), 0, 0.95), Fixed("castle_tower", (-6.3, 0, -12.6), 0, 0.85, (0.36, 0.40, 0.62)),
        Fixed("castle_tower", (6.3, 0, -12.6), 0, 0.85, (0.36, 0.40, 0.62)), Fixed("castle_tower", (-2.6, 0, -18.5), 0, 1.15, (0.62, 0.30, 0.34)), Fixed("castle_tower", (3.2, 0, -19.5), 0, 1.30, (0.36, 0.40, 0.62)),
        Fixed("castle_wall", (-8.0, 0, -10.2), 66, 1.0), Fixed("castle_wall", (8.0, 0, -10.2), -66, 1.0), Fixed("castle_wall", (-9.4, 0, -5.8), 84, 1.0), Fixed("castle_wall", (9.4, 0, -5.8), -84, 1.0),
        Fixed("bush", (-2.4, 0, -11.6), 0, 1.0, GREENS[2]), Fixed("bush", (2.4, 0, -11.6), 0, 1.0, GREENS[2]), Around("round_tree", 6, 10, 14, (0.9, 1.2), GREENS, arc=-120), CLOUDS,
    ), ridge=(0.05, 0.7, (0.40, 0.48, 0.46)), lamps=((-1.1, 1.5, -11.8, 2.6, 1.3, 0.45, 3.0), (1.1, 1.5, -11.8, 2.6, 1.3, 0.45, 3.0))),
    "moon": Place("moon", ground.moon, (
        Fixed("earth", (-24, 11.5, -66), 20, 1.0, jitter=4.0), Fixed("lander", (4.3, 0, -5.6), 20, 1.0, jitter=0.6), Around("rock", 16, 2.6, 10, (0.3, 1.3), ((0.52, 0.52, 0.55), (0.62, 0.61, 0.62))),
        Around("hill", 10, 26, 36, (0.5, 1.0), ((0.52, 0.52, 0.55),)),
    ), ridge=(0.035, 1.6, (0.30, 0.30, 0.32)), relight=_in_space, sheltered=True),
    "underwater": Place("underwater", ground.seabed, (
        Around("seaweed", 20, 2.4, 9, (0.7, 1.5), ((0.26, 0.58, 0.30), (0.40, 0.62, 0.26), (0.20, 0.50, 0.42))), Around("coral", 18, 1.9, 7, (0.6, 1.4), CORALS), Around("brain_coral", 9, 2.2, 7, (0.6, 1.2), CORALS),
        Around("rock", 9, 2.6, 9, (0.7, 1.8), ((0.36, 0.42, 0.44),)), Around("starfish", 7, 1.0, 4, (0.8, 1.3)), Around("fish_shoal", 4, 3.0, 6.5, (0.7, 1.0), ((0.98, 0.60, 0.22), (0.98, 0.85, 0.35), (0.40, 0.66, 0.95)), arc=75, height=(1.0, 2.4)),
        Around("wreck", 1, 5.5, 7.5, (1.1, 1.3), arc=45),
    ), ridge=(0.09, 1.2, (0.05, 0.22, 0.30)), relight=_under_water, sheltered=True, liquid=True, sparks=("bubbles",)),
    "garden": Place("garden", ground.lawn, (
        *(Fixed("hedge", (-7.8 + 2.6 * index, 0, -6.2), 0, 1.0, GREENS[index % 3]) for index in range(7)), Fixed("fountain", (2.6, 0, -4.0), 0, 0.95, jitter=0.5),
        Fixed("flower_bed", (-2.3, 0, -2.9), 4, 1.1, jitter=0.2), Fixed("flower_bed", (0.2, 0, -3.3), -3, 1.0, jitter=0.2), Fixed("flower_bed", (-4.3, 0, -1.7), 30, 1.1), Fixed("flower_bed", (4.6, 0, -1.9), -24, 1.1),
        *(Fixed("fence", (-8.4 + 2.1 * index, 0, -7.4), 0, 1.2) for index in range(9)), Fixed("house", (-5.6, 0, -11.5), 14, 1.2, (0.92, 0.84, 0.70), 0.8),
        Around("round_tree", 12, 7.5, 13, (0.8, 1.2), (*GREENS, (0.95, 0.62, 0.70))), Around("berry_bush", 6, 3.6, 6, (0.6, 0.9)), Around("blossom", 26, 1.0, 5, (0.8, 1.2), BLOSSOMS), CLOUDS,
    ), ridge=(0.07, 0.7, (0.34, 0.48, 0.36)), sparks=("pollen",)),
    "rooftop": Place("rooftop", ground.rooftop, (
        *(Fixed("parapet", (-5.2 * 2 + 5.2 * index, 0, -3.6), 0, 1.0) for index in range(5)), Fixed("parapet", (-7.0, 0, -0.5), 90, 1.25), Fixed("parapet", (7.0, 0, -0.5), 90, 1.25), Fixed("chimney", (-2.5, 0, -2.8), 0, 1.0, jitter=0.3),
        Fixed("water_tank", (3.4, 0, -2.5), 0, 0.95, jitter=0.3), Fixed("antenna", (-4.3, 0, -2.4), 20, 1.2, jitter=0.3), Fixed("washing_line", (-5.0, 0, -0.6), 50, 1.0), Fixed("chimney", (5.7, 0, -2.2), 0, 1.1),
        *(Fixed("skyline", (-19 + 9.5 * index, -2.2 + 0.5 * (index % 2), -15 - 3 * (index % 2)), 0, 1.1, HOUSES[index % 6], 1.0) for index in range(5)),
        *(Fixed("skyline", (-26 + 13 * index, -1.0, -27), 0, 1.9, ROCKS[index % 3], 2.0) for index in range(5)), CLOUDS,
    ), ridge=(0.07, 5.0, (0.46, 0.50, 0.60))),
}  # fmt: skip

NAMES = tuple(PLACES)


def index_of(name: str) -> int:
    return NAMES.index(name)


def scenery(place: Place, rng, cameras: np.ndarray, target: np.ndarray, spots):
    """Part tables of what stands around, the main colour of each, and lamps; clear of `cameras` (F, 3), their view and the cast."""
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
    )

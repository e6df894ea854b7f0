"""What stands around: trees, houses, rocks and furniture, each a handful of parts at the origin, feet on the ground."""

from functools import cache

import numpy as np

from generation.engine.world import numbering
from generation.engine.world.shapes import LIGHT, MAIN, SOFT, Parts, PartTable, rgb

BARK, WOOD, PALE_WOOD = rgb(0.42, 0.28, 0.17), rgb(0.56, 0.36, 0.20), rgb(0.80, 0.62, 0.42)
STONE, PALE_STONE, DARK_STONE = rgb(0.56, 0.54, 0.51), rgb(0.72, 0.69, 0.63), rgb(0.30, 0.24, 0.23)
WHITE, CREAM, INK, PANE = rgb(0.97, 0.97, 0.98), rgb(0.95, 0.90, 0.80), rgb(0.10, 0.09, 0.10), rgb(0.55, 0.72, 0.85)
LAMP_GLOW = -1.4  # negative: only lit when it is dark


@cache
def prefab(name: str) -> PartTable:
    """The parts of a piece of scenery at the origin."""
    parts = Parts()
    parts.gloss = 0.12
    PREFABS[name](parts)
    return parts.table(numbering.of_scenery(list(PREFABS).index(name), len(parts.rows)))


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
        levels = height * np.arange(5) / 4
        across = x + lean * np.sin(3.2 * levels + 9 * x)
        for index in range(4):
            start, end = (across[index], levels[index] - 0.03, z), (across[index + 1], levels[index + 1] + 0.05, z)
            p.stick(start, end, 0.075 - 0.011 * index, MAIN, rounded=True)


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


# In the order of their numbers: add at the end.
PREFABS = {
    maker.__name__: maker
    for maker in (
        tree,
        round_tree,
        fir,
        snowy_fir,
        dead_tree,
        palm,
        cactus,
        rock,
        bush,
        berry_bush,
        blossom,
        tuft,
        toadstool,
        cloud,
        hill,
        dune,
        mountain,
        volcano,
        basalt,
        house,
        town_house,
        tower_block,
        lamp_post,
        fence,
        hedge,
        flower_bed,
        fountain,
        castle_tower,
        castle_wall,
        castle_gate,
        earth,
        lander,
        seaweed,
        coral,
        brain_coral,
        starfish,
        fish_shoal,
        wreck,
        sailboat,
        parasol,
        lighthouse,
        jetty,
        reeds,
        cabin,
        igloo,
        snow_mound,
        log,
        stump,
        arch,
        mesa,
        skull,
        back_wall,
        side_wall,
        window,
        bookshelf,
        sofa,
        floor_lamp,
        house_plant,
        picture,
        parapet,
        chimney,
        water_tank,
        antenna,
        washing_line,
        skyline,
    )
}

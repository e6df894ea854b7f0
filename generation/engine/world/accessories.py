"""What a character can wear: parts added to a figure at its crown, eyes, neck and back, in a colour of their own."""

import numpy as np

from generation.engine.world.motion import BODY, HEAD
from generation.engine.world.shapes import rgb

STRAW, RIBBON, RED, GOLD = rgb(0.85, 0.66, 0.36), rgb(0.78, 0.24, 0.22), rgb(0.84, 0.18, 0.18), rgb(0.96, 0.76, 0.24)
FRAME = rgb(0.78, 0.17, 0.20)
INK, BLUE, WHITE = rgb(0.08, 0.08, 0.10), rgb(0.22, 0.40, 0.78), rgb(0.97, 0.97, 0.96)


def _span(figure, radius):
    """Hats keep a friendly size, also on a pointed or a very small head."""
    return float(np.clip(radius, 0.13, 0.24))


def hat(f):
    y, z, radius = f.crown
    r = _span(f, radius)
    f.column((0, y - 0.015, z), r * 1.62, 0.016, f.cloth(STRAW), turn=(-5, 0, 4), joint=HEAD, gloss=0.05)
    f.column(
        (0, y + 0.075, z - 0.01), r * 0.98, 0.085, f.cloth(STRAW), taper=0.84, turn=(-5, 0, 4), joint=HEAD, gloss=0.05
    )
    f.column((0, y + 0.022, z), r * 1.01, 0.028, RIBBON, turn=(-5, 0, 4), joint=HEAD)


def scarf(f):
    y, z, radius = f.neck
    f.column((0, y, z), radius * 1.14, 0.048, f.cloth(RED), taper=0.94, joint=BODY, gloss=0.05)
    f.ball((0, y + 0.012, z), (radius * 1.22, 0.058, radius * 1.22), f.cloth(RED), joint=BODY, gloss=0.05)
    x = radius * 0.45
    front = z + radius * 1.16
    f.ball((x, y - 0.02, front), (0.055, 0.05, 0.04), f.cloth(RED), joint=BODY, gloss=0.05)
    f.box(
        (x + 0.03, y - 0.145, front + 0.01),
        (0.048, 0.125, 0.018),
        f.cloth(RED),
        turn=(-6, 0, 8),
        joint=BODY,
        gloss=0.05,
    )
    f.box((x + 0.043, y - 0.245, front + 0.022), (0.049, 0.016, 0.019), WHITE, turn=(-6, 0, 8), joint=BODY, gloss=0.05)
    f.box(
        (x + 0.034, y - 0.185, front + 0.016), (0.0485, 0.012, 0.0185), WHITE, turn=(-6, 0, 8), joint=BODY, gloss=0.05
    )


def crown(f):
    y, z, radius = f.crown
    r = _span(f, radius) * 0.86
    f.column((0, y + 0.025, z), r, 0.055, f.cloth(GOLD), taper=1.08, joint=HEAD, gloss=0.9)
    for index in range(6):
        a = np.radians(60 * index + 30)
        x, depth = r * 1.0 * np.cos(a), r * 1.0 * np.sin(a)
        f.cone(
            (x, y + 0.125, z + depth),
            0.048,
            0.055,
            f.cloth(GOLD),
            joint=HEAD,
            gloss=0.9,
            depth=0.035,
            turn=(0, -60 * index - 30 + 90, 0),
        )
        f.ball((x * 1.02, y + 0.185, z + depth * 1.02), 0.018, rgb(0.92, 0.22, 0.30), joint=HEAD, gloss=0.9)
    f.ball((0, y + 0.03, z + r * 1.03), (0.032, 0.032, 0.018), rgb(0.25, 0.50, 0.92), joint=HEAD, gloss=0.9)


def glasses(f):
    x, y, z, radius = f.eye
    size = max(0.068, radius * 1.45)
    size = min(size, x * 0.92)
    front = z + max(radius * 0.75, 0.035)
    for side in (1, -1):
        for index in range(12):
            a = np.radians(30 * index)
            at = (side * x + size * np.cos(a), y + size * np.sin(a), front)
            f.ball(
                at,
                (size * 0.30, 0.0135, 0.014),
                f.cloth(FRAME),
                turn=(0, 0, 30 * index + 90),
                joint=HEAD,
                gloss=0.7,
                casts=False,
            )
        f.stick(
            (side * (x + size), y, front),
            (side * (x + size + 0.07), y + 0.015, front - 0.20),
            0.012,
            f.cloth(FRAME),
            joint=HEAD,
            casts=False,
        )
    f.stick(
        (-(x - size), y + 0.01, front),
        (x - size + 0.001, y + 0.01, front),
        0.0135,
        f.cloth(FRAME),
        joint=HEAD,
        casts=False,
    )


def bow_tie(f):
    y, z, radius = f.neck
    front = z + radius * 1.12
    for side in (1, -1):
        f.cone(
            (side * 0.072, y - 0.02, front),
            0.062,
            0.068,
            f.cloth(RED),
            turn=(0, 0, 90 * side),
            depth=0.034,
            joint=BODY,
            gloss=0.4,
        )
        f.ball((side * 0.120, y - 0.02, front), (0.028, 0.062, 0.033), f.cloth(RED), joint=BODY, gloss=0.4)
    f.ball((0, y - 0.02, front + 0.012), (0.030, 0.034, 0.030), f.cloth(rgb(0.66, 0.12, 0.14)), joint=BODY, gloss=0.4)


def backpack(f):
    y, z = f.back
    wide = f.neck[2]
    if f.quadruped:
        f.box((0, y + 0.17, z + 0.10), (0.15, 0.11, 0.12), f.cloth(rgb(0.30, 0.55, 0.48)), joint=BODY)
        f.box((0, y + 0.13, z + 0.10), (0.155, 0.03, 0.125), rgb(0.80, 0.60, 0.34), joint=BODY)
        return
    f.box((0, y, z - 0.08), (0.185, 0.20, 0.09), f.cloth(rgb(0.30, 0.55, 0.48)), joint=BODY)
    f.ball((0, y + 0.19, z - 0.08), (0.185, 0.07, 0.10), f.cloth(rgb(0.24, 0.45, 0.40)), joint=BODY)
    f.box((0, y - 0.06, z - 0.17), (0.13, 0.10, 0.03), rgb(0.80, 0.60, 0.34), joint=BODY)
    f.column((0, y + 0.29, z - 0.08), 0.058, 0.19, rgb(0.80, 0.42, 0.32), turn=(0, 0, 90), joint=BODY)
    for side in (1, -1):
        # Straps over the shoulders, so that the backpack is seen from the front as well.
        points = (
            (side * 0.13, y + 0.16, z),
            (side * max(0.14, wide * 0.85), f.neck[0] - 0.02, 0.0),
            (side * 0.15, y + 0.03, -z + 0.015),
            (side * 0.17, y - 0.13, -z - 0.03),
        )
        for start, end in zip(points[:-1], points[1:], strict=True):
            f.stick(start, end, 0.032, rgb(0.80, 0.60, 0.34), rounded=False, joint=BODY, casts=False)
            f.ball(end, 0.033, rgb(0.80, 0.60, 0.34), joint=BODY, casts=False)


def cape(f):
    y, z, radius = f.neck
    back = f.back[1]
    if f.quadruped:
        f.dome((0, f.back[0] - 0.12, 0.5 * back), (radius * 1.55, 0.22, 0.34), f.cloth(RED), joint=BODY, gloss=0.2)
        f.ball((0, y - 0.04, z + radius * 0.98), 0.040, GOLD, joint=BODY, gloss=0.9)
        return
    top, bottom = y - 0.03, max(0.10, y - 0.52)
    for index, across in enumerate((-0.20, -0.07, 0.07, 0.20)):
        lean = across * 0.45
        f.stick(
            (across * 0.80, top, back * 0.78),
            (across + lean, bottom, back - 0.10 - 0.02 * (index % 2)),
            0.088,
            f.cloth(RED),
            rounded=False,
            taper=1.2,
            joint=BODY,
            gloss=0.2,
        )
        f.ball((across + lean, bottom, back - 0.10 - 0.02 * (index % 2)), 0.100, f.cloth(RED), joint=BODY, gloss=0.2)
    f.ball((0, y - 0.015, z), (radius * 1.25, 0.050, radius * 1.15), f.cloth(RED), joint=BODY, gloss=0.2)
    f.ball((0, y - 0.035, z + radius * 1.12), 0.038, GOLD, joint=BODY, gloss=0.9)


def flower(f):
    y, z, radius = f.crown
    r = _span(f, radius)
    x, y, z = r * 0.72, y - 0.055, z + r * 0.55
    for index in range(6):
        a = np.radians(60 * index)
        f.ball(
            (x + 0.062 * np.cos(a), y + 0.062 * np.sin(a), z),
            (0.044, 0.044, 0.022),
            f.cloth(rgb(0.98, 0.52, 0.66)),
            turn=(0, 24, 0),
            joint=HEAD,
        )
    f.ball((x + 0.008, y, z + 0.02), (0.040, 0.040, 0.028), rgb(0.99, 0.84, 0.28), joint=HEAD)
    f.ball((x + 0.10, y - 0.055, z - 0.015), (0.068, 0.020, 0.034), rgb(0.34, 0.62, 0.28), turn=(0, 0, -30), joint=HEAD)


def headphones(f):
    x, y, z, _ = f.eye
    top, depth, radius = f.crown
    side = max(radius * 1.60, x + 0.15)
    y -= 0.01
    for index in range(11):
        a = np.radians(15 * index + 15)
        at = (side * np.cos(a), y + (top - y + 0.035) * np.sin(a), depth)
        f.ball(at, (0.030, side * 0.20, 0.034), INK, turn=(0, 0, 15 * index + 15), joint=HEAD, gloss=0.6)
    for joint, way in ((HEAD, 1), (HEAD, -1)):
        f.column((way * side, y, depth), 0.115, 0.045, f.cloth(BLUE), turn=(0, 0, 90), joint=joint, gloss=0.6)
        f.column((way * (side + 0.045), y, depth), 0.070, 0.012, WHITE, turn=(0, 0, 90), joint=joint, gloss=0.6)


def party_hat(f):
    y, z, radius = f.crown
    r = _span(f, radius) * 0.78
    f.column((0, y + 0.13, z), r, 0.165, f.cloth(BLUE), taper=0.06, turn=(-4, 0, -5), joint=HEAD)
    for up, share in ((0.05, 0.77), (0.14, 0.50), (0.215, 0.28)):
        f.column(
            (0.09 * up, y + up, z - 0.07 * up),
            r * share * 1.06,
            0.016,
            rgb(0.98, 0.80, 0.26),
            taper=0.9,
            turn=(-4, 0, -5),
            joint=HEAD,
        )
    f.ball((0.028, y + 0.305, z - 0.02), 0.052, rgb(0.95, 0.42, 0.52), joint=HEAD, gloss=0.05)


ACCESSORY_SCULPTORS = {
    "hat": hat,
    "scarf": scarf,
    "crown": crown,
    "glasses": glasses,
    "bow tie": bow_tie,
    "backpack": backpack,
    "cape": cape,
    "flower": flower,
    "headphones": headphones,
    "party hat": party_hat,
}

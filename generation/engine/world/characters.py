"""The twenty species: small clay figures about a metre tall, feet at y = 0, facing +z, their left at +x."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from generation.engine.world import numbering
from generation.engine.world.motion import (
    ARM_L,
    ARM_R,
    BODY,
    DREAM,
    EAR_L,
    EAR_R,
    EYES,
    HEAD,
    JOINTS,
    LEG_L,
    LEG_R,
    LIDS,
    TAIL,
    WING_L,
    WING_R,
)  # fmt: skip
from generation.engine.world.palette import COLOR_VALUES
from generation.engine.world.shapes import DARK, LIGHT, MAIN, SOFT, Parts, PartTable, rgb

ARMS, LEGS, EARS, WINGS = (ARM_L, ARM_R), (LEG_L, LEG_R), (EAR_L, EAR_R), (WING_L, WING_R)
INK, CREAM, WHITE, BLUSH = rgb(0.05, 0.045, 0.05), rgb(0.96, 0.91, 0.82), rgb(0.97, 0.97, 0.96), rgb(0.95, 0.50, 0.48)
STEEL, GOLD, SKIN, BEAK = rgb(0.66, 0.70, 0.76), rgb(0.93, 0.70, 0.22), rgb(0.94, 0.74, 0.60), rgb(0.97, 0.60, 0.12)
PINK, HORN = rgb(0.96, 0.62, 0.66), rgb(0.95, 0.88, 0.70)


class Figure(Parts):
    """A character being sculpted: parts, where its joints turn, and where accessories sit.

    crown: (y, z) of the top of the head and the radius there. eye: (x, y, z) of its left eye and its radius.
    neck: (y, z, radius). back: (y, z) behind the shoulders. hip: height of the hips.
    """

    def __init__(
        self,
        own,
        *,
        quadruped=False,
        hip=0.2,
        waist=None,
        shoulder=(0.2, 0.58, 0.0),
        leg=(0.12, 0.22, 0.0),
        nape=(0.0, 0.66, 0.0),
    ):
        super().__init__()
        self.own, self.quadruped, self.hip = own, quadruped, hip
        self.worn = None
        self.pivots = np.zeros((JOINTS, 3))
        self.pivots[BODY] = waist or (0.0, hip, 0.0)
        self.pivots[HEAD] = nape
        self.pivots[ARM_L], self.pivots[ARM_R] = shoulder, (-shoulder[0], *shoulder[1:])
        self.pivots[LEG_L], self.pivots[LEG_R] = leg, (-leg[0], *leg[1:])
        self.crown, self.eye, self.neck, self.back = (
            (1.15, 0.0, 0.22),
            (0.11, 0.9, 0.25, 0.05),
            (0.66, 0.0, 0.19),
            (0.5, -0.22),
        )

    def cloth(self, own):
        """The colour of what is worn: the one asked for, else the accessory's own."""
        return self.worn or own

    def hinge(self, left, right, at):
        self.pivots[left], self.pivots[right] = at, (-at[0], *at[1:])

    def feet(self, color=MAIN, size=(0.10, 0.075, 0.135), height=0.2, thickness=0.085):
        x = self.pivots[LEG_L][0]
        self.both_sides(self.ball, (x, size[1] * 0.95, 0.04), size, color, joints=LEGS)
        self.both_sides(self.ball, (x, height * 0.62, 0.0), (thickness, height * 0.62, thickness), color, joints=LEGS)

    def arms(self, color=MAIN, hand=None, radius=0.075, length=0.17, spread=14):
        x, y, z = self.pivots[ARM_L]
        lean = np.radians(spread)
        middle = (x + np.sin(lean) * length, y - np.cos(lean) * length * 0.92, z + 0.02)
        tip = (x + np.sin(lean) * length * 1.85, y - np.cos(lean) * length * 1.72, z + 0.03)
        self.both_sides(self.ball, middle, (radius, length, radius * 1.05), color, joints=ARMS, turn=(0, 0, spread))
        self.both_sides(self.ball, tip, radius * 1.12, hand or color, joints=ARMS)

    def face(self, x, y, z, radius, *, whites=False, lid=MAIN, iris=INK, brow=None):
        """Eyes at (±x, y, z): glossy beads, or white ones with a pupil; lids for when they close."""
        self.eye = (x, y, z, radius)
        for side in (1, -1):
            if whites:
                self.ball(
                    (side * x, y, z), (radius, radius * 1.08, radius * 0.85), WHITE, joint=EYES, gloss=0.9, casts=False
                )
                pupil = (side * x * 0.93, y - 0.04 * radius, z + radius * 0.52)
                self.ball(
                    pupil, (radius * 0.56, radius * 0.62, radius * 0.42), iris, joint=EYES, gloss=0.9, casts=False
                )
                self.ball(
                    (side * x, y, z - 0.02), (radius * 1.04, radius * 1.1, radius * 0.86), lid, joint=LIDS, casts=False
                )
                front, dot = z + radius * 0.88, radius * 0.58
            else:
                self.ball(
                    (side * x, y, z), (radius, radius * 1.16, radius * 0.62), iris, joint=EYES, gloss=0.9, casts=False
                )
                pupil, front, dot = (side * x, y, z), z + radius * 0.52, radius
            self.ball(
                (pupil[0] - 0.30 * dot, pupil[1] + 0.42 * dot, front),
                dot * 0.31,
                WHITE,
                joint=EYES,
                glow=0.8,
                casts=False,
            )
            self.ball(
                (pupil[0] + 0.32 * dot, pupil[1] - 0.38 * dot, front),
                dot * 0.15,
                WHITE,
                joint=EYES,
                glow=0.5,
                casts=False,
            )
            for across, up, tilt in ((-0.62, 0.12, -32), (0.0, -0.08, 0), (0.62, 0.12, 32)):
                at = (
                    side * x + across * radius,
                    y - 0.1 * radius + up * radius * 1.6,
                    front - 0.12 * radius * abs(across),
                )
                self.ball(
                    at, (radius * 0.42, radius * 0.13, radius * 0.2), INK, turn=(0, 0, tilt), joint=LIDS, casts=False
                )
            if brow:
                self.ball(
                    (side * x, y + radius * 1.7, z + 0.01),
                    (radius * 0.9, radius * 0.24, radius * 0.3),
                    brow,
                    joint=HEAD,
                    turn=(0, 0, -12 * side),
                    casts=False,
                )

    def smile(self, y, z, width, color=INK, thickness=0.011):
        for across, up, tilt in ((-0.66, 0.26, -34), (-0.24, 0.0, -10), (0.24, 0.0, 10), (0.66, 0.26, 34)):
            at = (across * width, y + up * width, z - 0.35 * width * abs(across))
            self.ball(
                at,
                (width * 0.36, thickness, thickness),
                color,
                turn=(0, -across * 30, tilt),
                joint=HEAD,
                gloss=0.1,
                casts=False,
            )

    def cheeks(self, x, y, z, radius=0.045, color=BLUSH):
        self.both_sides(
            self.ball,
            (x, y, z),
            (radius, radius * 0.7, radius * 0.4),
            color,
            joints=(HEAD, HEAD),
            turn=(0, 32, 0),
            gloss=0.05,
            casts=False,
        )

    def dream(self):
        """Three letters Z above the head, shown while asleep."""
        y, z, radius = self.crown
        for index, size in enumerate((0.045, 0.06, 0.078)):
            x, up = radius + 0.12 + 0.13 * index, y + 0.04 + 0.16 * index
            for at, end in (((-1, 1), (1, 1)), ((1, 1), (-1, -1)), ((-1, -1), (1, -1))):
                start, stop = (x + at[0] * size, up + at[1] * size, z), (x + end[0] * size, up + end[1] * size, z)
                self.stick(start, stop, 0.014, WHITE, rounded=False, joint=DREAM, glow=0.5, casts=False)


@dataclass(frozen=True, eq=False)
class Body:
    """A finished species: its parts (with and without accessory), joints and measures."""

    table: PartTable
    pivots: np.ndarray  # (J, 3)
    hip: float
    quadruped: bool
    own: tuple[float, float, float]
    height: float
    half_width: float


@cache
def body_of(species: str, accessory: str | None = None, accessory_color: str | None = None) -> Body:
    """The sculpted species wearing its accessory; main colour left open."""
    figure = SCULPTORS[species]()
    figure.dream()
    plain = figure.table()
    keep = plain.joint != DREAM
    low, high = plain.extent if keep.all() else _extent(plain, keep)
    if accessory:
        from generation.engine.world.accessories import ACCESSORY_SCULPTORS

        figure.worn = rgb(*COLOR_VALUES[accessory_color]) if accessory_color else None
        ACCESSORY_SCULPTORS[accessory](figure)
    number = numbering.of_species(species, len(plain))
    if accessory:
        number = np.append(number, numbering.of_accessory(accessory, len(figure.rows) - len(plain)))
    return Body(
        table=figure.table(number), pivots=figure.pivots, hip=figure.hip, quadruped=figure.quadruped, own=figure.own,
        height=float(high[1]), half_width=float(max(high[0], -low[0])),
    )  # fmt: skip


def _extent(table, keep):
    reach = np.sqrt((table.linear[keep] ** 2).sum(-1))
    return (table.centre[keep] - reach).min(0), (table.centre[keep] + reach).max(0)


def bear():
    f = Figure((0.58, 0.36, 0.20))
    f.feet(size=(0.11, 0.08, 0.14))
    f.both_sides(f.ball, (0.13, 0.075, 0.165), (0.06, 0.055, 0.02), LIGHT, joints=LEGS)
    f.ball((0, 0.43, 0), (0.27, 0.28, 0.23), joint=BODY)
    f.ball((0, 0.41, 0.075), (0.19, 0.21, 0.175), LIGHT, joint=BODY)
    f.arms(radius=0.085, length=0.165)
    f.ball((0, 0.30, -0.21), 0.075, joint=TAIL)
    f.pivots[TAIL] = (0, 0.3, -0.15)
    f.ball((0, 0.90, 0), (0.295, 0.27, 0.25), joint=HEAD)
    f.both_sides(f.ball, (0.225, 1.10, -0.01), (0.105, 0.105, 0.065), joints=EARS)
    f.both_sides(f.ball, (0.225, 1.10, 0.035), (0.065, 0.065, 0.045), LIGHT, joints=EARS)
    f.hinge(EAR_L, EAR_R, (0.18, 1.03, 0))
    f.ball((0, 0.825, 0.20), (0.125, 0.095, 0.10), LIGHT, joint=HEAD)
    f.ball((0, 0.868, 0.295), (0.045, 0.033, 0.03), INK, joint=HEAD, gloss=0.8)
    f.smile(0.80, 0.292, 0.05)
    f.face(0.115, 0.945, 0.215, 0.038)
    f.cheeks(0.185, 0.85, 0.175)
    f.crown, f.neck = (1.15, 0.0, 0.20), (0.68, 0.0, 0.185)
    return f


def bunny():
    f = Figure((0.88, 0.80, 0.74))
    f.feet(size=(0.095, 0.07, 0.18))
    f.ball((0, 0.40, 0), (0.215, 0.25, 0.19), joint=BODY)
    f.ball((0, 0.39, 0.065), (0.15, 0.185, 0.14), LIGHT, joint=BODY)
    f.arms(radius=0.06, length=0.15)
    f.ball((0, 0.30, -0.21), 0.095, CREAM, joint=TAIL)
    f.pivots[TAIL] = (0, 0.3, -0.15)
    f.ball((0, 0.83, 0), (0.245, 0.235, 0.22), joint=HEAD)
    f.both_sides(f.ball, (0.115, 1.25, -0.02), (0.07, 0.255, 0.045), joints=EARS, turn=(0, 0, -9))
    f.both_sides(f.ball, (0.116, 1.24, 0.018), (0.042, 0.20, 0.025), PINK, joints=EARS, turn=(0, 0, -9))
    f.hinge(EAR_L, EAR_R, (0.09, 1.02, 0))
    f.both_sides(f.ball, (0.05, 0.765, 0.19), (0.065, 0.052, 0.055), LIGHT, joints=(HEAD, HEAD))
    f.ball((0, 0.812, 0.235), (0.03, 0.022, 0.02), PINK, joint=HEAD, gloss=0.6)
    f.both_sides(f.box, (0.0155, 0.722, 0.225), (0.0145, 0.026, 0.008), WHITE, joints=(HEAD, HEAD))
    f.face(0.105, 0.875, 0.185, 0.04)
    f.cheeks(0.165, 0.79, 0.15)
    f.crown, f.neck, f.back = (1.05, 0.0, 0.16), (0.635, 0.0, 0.15), (0.46, -0.18)
    return f


def cat():
    f = Figure((0.93, 0.62, 0.28))
    f.feet(size=(0.085, 0.065, 0.12))
    f.ball((0, 0.40, 0), (0.205, 0.26, 0.185), joint=BODY)
    f.ball((0, 0.40, 0.07), (0.135, 0.19, 0.13), LIGHT, joint=BODY)
    f.arms(radius=0.06, length=0.155, hand=LIGHT)
    f.pivots[TAIL] = (0, 0.27, -0.16)
    for start, end in (
        ((0, 0.27, -0.15), (0.05, 0.24, -0.36)),
        ((0.05, 0.24, -0.35), (0.16, 0.40, -0.44)),
        ((0.16, 0.38, -0.44), (0.20, 0.62, -0.38)),
    ):
        f.stick(np.add(start, (0, -0.01, 0)), end, 0.052, rounded=True, joint=TAIL, casts=False)
    f.ball((0.20, 0.62, -0.38), 0.055, LIGHT, joint=TAIL)
    f.ball((0, 0.84, 0), (0.275, 0.225, 0.225), joint=HEAD)
    f.both_sides(f.cone, (0.175, 1.08, 0.0), 0.10, 0.125, joints=EARS, turn=(0, 0, -16), depth=0.055)
    f.both_sides(
        f.cone, (0.173, 1.065, 0.03), 0.062, 0.09, PINK, joints=EARS, turn=(0, 0, -16), depth=0.035, casts=False
    )
    f.hinge(EAR_L, EAR_R, (0.15, 0.99, 0))
    f.both_sides(f.ball, (0.05, 0.772, 0.19), (0.068, 0.05, 0.06), LIGHT, joints=(HEAD, HEAD))
    f.ball((0, 0.808, 0.238), (0.028, 0.02, 0.018), PINK, joint=HEAD, gloss=0.6)
    for up in (0.012, -0.014):
        for side in (1, -1):
            f.stick(
                (side * 0.10, 0.775 + up * 0.6, 0.225),
                (side * 0.30, 0.775 + up * 3.4, 0.16),
                0.0055,
                WHITE,
                joint=HEAD,
                casts=False,
            )
    for across in (-0.07, 0.0, 0.07):
        f.ball(
            (across, 1.035 - 0.25 * across * across, 0.105),
            (0.02, 0.055, 0.04),
            DARK,
            joint=HEAD,
            turn=(-28, 0, across * 220),
            casts=False,
        )
    f.face(0.115, 0.875, 0.185, 0.048, iris=rgb(0.10, 0.16, 0.09))
    f.crown, f.neck, f.back = (1.05, 0.0, 0.17), (0.645, 0.0, 0.155), (0.46, -0.18)
    return f


def dog():
    f = Figure((0.80, 0.60, 0.38))
    f.feet(size=(0.095, 0.07, 0.13))
    f.ball((0, 0.41, 0), (0.23, 0.26, 0.20), joint=BODY)
    f.ball((0, 0.41, 0.07), (0.16, 0.19, 0.15), LIGHT, joint=BODY)
    f.arms(radius=0.068, length=0.16)
    f.pivots[TAIL] = (0, 0.33, -0.17)
    f.stick((0, 0.32, -0.15), (0, 0.56, -0.34), 0.055, rounded=True, joint=TAIL)
    f.ball((0, 0.555, -0.335), 0.05, LIGHT, joint=TAIL)
    f.ball((0, 0.87, 0), (0.255, 0.245, 0.23), joint=HEAD)
    f.ball((0.105, 0.93, 0.125), (0.115, 0.125, 0.10), DARK, joint=HEAD, casts=False)  # the patch around one eye
    f.both_sides(f.ball, (0.285, 0.86, 0.0), (0.065, 0.20, 0.095), DARK, joints=EARS, turn=(0, 0, 14))
    f.hinge(EAR_L, EAR_R, (0.22, 1.02, 0))
    f.ball((0, 0.795, 0.225), (0.12, 0.09, 0.14), LIGHT, joint=HEAD)
    f.ball((0, 0.845, 0.345), (0.055, 0.04, 0.035), INK, joint=HEAD, gloss=0.85)
    f.ball((0, 0.715, 0.295), (0.042, 0.06, 0.018), PINK, joint=HEAD, turn=(12, 0, 0), gloss=0.6)
    f.smile(0.755, 0.335, 0.062)
    f.face(0.10, 0.935, 0.205, 0.04)
    f.crown, f.neck = (1.10, 0.0, 0.18), (0.655, 0.0, 0.17)
    return f


def dragon():
    f = Figure((0.30, 0.66, 0.32), leg=(0.14, 0.24, 0.0))
    f.feet(size=(0.11, 0.08, 0.15))
    f.both_sides(f.ball, (0.14, 0.06, 0.165), (0.08, 0.03, 0.03), CREAM, joints=LEGS)
    f.ball((0, 0.44, 0), (0.255, 0.29, 0.23), joint=BODY)
    for index in range(4):
        f.ball(
            (0, 0.27 + 0.095 * index, 0.085 + 0.012 * (index in (1, 2))),
            (0.165 - 0.02 * abs(index - 1.3), 0.062, 0.155),
            HORN,
            joint=BODY,
            casts=False,
        )
    f.arms(radius=0.065, length=0.135)
    f.pivots[TAIL] = (0, 0.27, -0.17)
    for start, end, radius in (
        ((0, 0.26, -0.12), (0.06, 0.14, -0.42), 0.12),
        ((0.05, 0.15, -0.36), (0.24, 0.12, -0.56), 0.085),
        ((0.2, 0.12, -0.53), (0.42, 0.22, -0.56), 0.055),
    ):
        f.stick(start, end, radius, rounded=True, joint=TAIL)
    f.cone((0.45, 0.26, -0.56), 0.085, 0.085, BEAK, turn=(0, 0, -48), depth=0.03, joint=TAIL)
    f.hinge(WING_L, WING_R, (0.10, 0.60, -0.17))
    for angle, length in ((62, 0.25), (38, 0.25), (12, 0.20)):
        lean = np.radians(angle)
        at = (0.12 + np.cos(lean) * length, 0.60 + np.sin(lean) * length, -0.22)
        f.both_sides(
            f.ball, at, (length, 0.085, 0.022), BEAK if angle != 62 else DARK, joints=WINGS, turn=(0, 12, angle)
        )
    f.ball((0, 0.90, 0.0), (0.235, 0.225, 0.225), joint=HEAD)
    f.ball((0, 0.83, 0.21), (0.155, 0.105, 0.155), joint=HEAD)
    f.both_sides(f.ball, (0.062, 0.885, 0.335), (0.03, 0.024, 0.022), DARK, joints=(HEAD, HEAD))
    f.smile(0.79, 0.335, 0.095)
    f.both_sides(f.cone, (0.13, 1.17, -0.07), 0.05, 0.11, HORN, joints=(HEAD, HEAD), turn=(-24, 0, -16))
    for y, z, size in (
        (1.13, -0.04, 0.07),
        (1.03, -0.19, 0.07),
        (0.70, -0.22, 0.065),
        (0.53, -0.25, 0.065),
        (0.36, -0.25, 0.06),
    ):
        f.cone(
            (0, y, z),
            size,
            size * 1.05,
            BEAK,
            turn=(-12 - 95 * (1.13 - y), 0, 0),
            depth=size * 0.5,
            joint=HEAD if y > 0.8 else BODY,
            casts=False,
        )
    f.face(0.125, 0.975, 0.165, 0.062, whites=True)
    f.crown, f.neck, f.back = (1.12, 0.02, 0.17), (0.68, 0.0, 0.16), (0.5, -0.24)
    return f


def elephant():
    f = Figure(
        (0.56, 0.60, 0.68),
        quadruped=True,
        hip=0.34,
        waist=(0, 0.34, -0.22),
        shoulder=(0.18, 0.36, 0.20),
        leg=(0.18, 0.36, -0.22),
        nape=(0, 0.72, 0.25),
    )
    for joints, z in ((ARMS, 0.20), (LEGS, -0.22)):
        f.both_sides(f.column, (0.18, 0.19, z), 0.112, 0.19, joints=joints, taper=0.95)
        f.both_sides(f.ball, (0.18, 0.055, z + 0.07), (0.085, 0.045, 0.055), CREAM, joints=joints, casts=False)
    f.ball((0, 0.56, -0.03), (0.34, 0.31, 0.41), joint=BODY)
    f.pivots[TAIL] = (0, 0.62, -0.40)
    f.stick((0, 0.64, -0.40), (0.02, 0.40, -0.53), 0.025, rounded=True, joint=TAIL)
    f.ball((0.02, 0.39, -0.53), 0.04, DARK, joint=TAIL)
    f.ball((0, 0.88, 0.33), (0.27, 0.27, 0.25), joint=HEAD)
    f.both_sides(f.ball, (0.38, 0.90, 0.24), (0.225, 0.26, 0.045), joints=EARS, turn=(0, -22, 0))
    f.both_sides(f.ball, (0.385, 0.89, 0.275), (0.165, 0.195, 0.03), PINK, joints=EARS, turn=(0, -22, 0), casts=False)
    f.hinge(EAR_L, EAR_R, (0.2, 0.9, 0.26))
    for start, end, radius in (
        ((0, 0.88, 0.52), (0, 0.66, 0.68), 0.10),
        ((0, 0.70, 0.655), (0, 0.47, 0.71), 0.082),
        ((0, 0.50, 0.70), (0, 0.35, 0.80), 0.068),
        ((0, 0.38, 0.78), (0, 0.42, 0.92), 0.058),
    ):
        f.stick(start, end, radius * 1.08, rounded=True, joint=HEAD)
    for side in (1, -1):
        f.stick((side * 0.13, 0.76, 0.52), (side * 0.16, 0.66, 0.70), 0.036, CREAM, rounded=True, joint=HEAD)
    f.face(0.135, 0.955, 0.535, 0.038)
    f.cheeks(0.20, 0.84, 0.50)
    f.crown, f.neck, f.back = (1.14, 0.33, 0.20), (0.68, 0.26, 0.24), (0.72, -0.30)
    return f


def fox():
    f = Figure((0.93, 0.43, 0.12))
    f.feet(DARK, size=(0.08, 0.065, 0.12))
    f.ball((0, 0.40, 0), (0.20, 0.26, 0.18), joint=BODY)
    f.ball((0, 0.44, 0.075), (0.13, 0.19, 0.125), WHITE, joint=BODY)
    f.arms(radius=0.058, length=0.155, hand=DARK)
    f.pivots[TAIL] = (0, 0.28, -0.15)
    f.stick((0.02, 0.25, -0.12), (0.22, 0.36, -0.52), 0.13, rounded=True, joint=TAIL)
    f.stick((0.17, 0.32, -0.42), (0.31, 0.52, -0.64), 0.095, WHITE, rounded=True, joint=TAIL)
    f.ball((0, 0.85, 0), (0.27, 0.215, 0.215), joint=HEAD)
    f.both_sides(
        f.ball, (0.165, 0.785, 0.075), (0.135, 0.095, 0.12), WHITE, joints=(HEAD, HEAD), turn=(0, 0, 14), casts=False
    )
    f.stick((0, 0.79, 0.12), (0, 0.775, 0.41), 0.115, taper=0.16, joint=HEAD)
    f.stick((0, 0.755, 0.12), (0, 0.757, 0.395), 0.095, WHITE, taper=0.16, joint=HEAD)
    f.ball((0, 0.785, 0.41), 0.036, INK, joint=HEAD, gloss=0.85)
    f.both_sides(f.cone, (0.18, 1.10, -0.01), 0.105, 0.165, joints=EARS, turn=(0, 0, -14), depth=0.06)
    f.both_sides(
        f.cone, (0.178, 1.08, 0.027), 0.065, 0.12, CREAM, joints=EARS, turn=(0, 0, -14), depth=0.04, casts=False
    )
    f.both_sides(
        f.cone, (0.209, 1.222, -0.01), 0.034, 0.048, DARK, joints=EARS, turn=(0, 0, -14), depth=0.026, casts=False
    )
    f.hinge(EAR_L, EAR_R, (0.15, 0.99, 0))
    f.face(0.115, 0.885, 0.178, 0.04)
    f.crown, f.neck, f.back = (1.04, 0.0, 0.17), (0.645, 0.0, 0.15), (0.46, -0.18)
    return f


def frog():
    f = Figure((0.36, 0.70, 0.24), hip=0.14, leg=(0.24, 0.2, -0.05), shoulder=(0.22, 0.32, 0.14), nape=(0, 0.40, 0.02))
    f.both_sides(f.ball, (0.29, 0.20, -0.06), (0.12, 0.17, 0.19), joints=LEGS, turn=(18, 0, -16))
    f.both_sides(f.ball, (0.34, 0.04, 0.10), (0.11, 0.04, 0.18), joints=LEGS, turn=(0, 26, 0))
    f.ball((0, 0.30, 0), (0.29, 0.25, 0.28), joint=BODY)
    f.ball((0, 0.27, 0.09), (0.225, 0.20, 0.22), HORN, joint=BODY)
    f.both_sides(f.ball, (0.235, 0.17, 0.20), (0.058, 0.17, 0.06), joints=ARMS, turn=(-12, 0, 10))
    f.both_sides(f.ball, (0.265, 0.035, 0.27), (0.085, 0.034, 0.095), joints=ARMS)
    f.ball((0, 0.57, 0.06), (0.32, 0.205, 0.26), joint=HEAD)
    f.ball((0, 0.505, 0.105), (0.275, 0.13, 0.235), HORN, joint=HEAD)
    for across in np.linspace(-0.9, 0.9, 7):
        at = (0.27 * across, 0.545 + 0.05 * across * across, 0.06 + 0.27 * np.sqrt(1 - 0.85 * across * across))
        f.ball(at, (0.055, 0.0125, 0.0125), DARK, turn=(0, 48 * across, 16 * across), joint=HEAD, casts=False)
    f.both_sides(f.ball, (0.17, 0.73, 0.09), (0.115, 0.115, 0.10), joints=(HEAD, HEAD))
    f.face(0.172, 0.745, 0.135, 0.088, whites=True)
    f.both_sides(f.ball, (0.03, 0.62, 0.317), (0.012, 0.01, 0.008), DARK, joints=(HEAD, HEAD), casts=False)
    f.cheeks(0.245, 0.545, 0.215)
    f.crown, f.neck, f.back = (0.765, 0.0, 0.15), (0.43, 0.03, 0.25), (0.34, -0.26)
    return f


def knight():
    f = Figure((0.60, 0.64, 0.72))
    f.gloss = 0.75
    f.feet(SOFT, size=(0.09, 0.07, 0.135))
    f.both_sides(f.column, (0.12, 0.17, 0), 0.088, 0.07, DARK, joints=LEGS)
    f.column((0, 0.42, 0), 0.20, 0.20, MAIN, taper=1.18, depth=0.165, joint=BODY)
    f.ball((0, 0.60, 0), (0.235, 0.09, 0.19), MAIN, joint=BODY)
    f.column((0, 0.27, 0), 0.225, 0.055, rgb(0.75, 0.14, 0.14), taper=0.9, depth=0.195, joint=BODY, gloss=0.1)
    f.box((0, 0.47, 0.19), (0.028, 0.115, 0.014), GOLD, joint=BODY)
    f.box((0, 0.50, 0.192), (0.085, 0.028, 0.014), GOLD, joint=BODY)
    f.arms(DARK, hand=MAIN, radius=0.066, length=0.15)
    f.both_sides(f.ball, (0.245, 0.59, 0), (0.105, 0.095, 0.105), MAIN, joints=ARMS)
    f.column((0, 0.85, 0), 0.215, 0.15, MAIN, joint=HEAD)
    f.dome((0, 1.0, 0), (0.215, 0.15, 0.215), MAIN, joint=HEAD)
    f.column((0, 0.715, 0), 0.23, 0.022, DARK, joint=HEAD)
    f.box((0, 0.885, 0.145), (0.165, 0.06, 0.075), INK, joint=HEAD, gloss=0.4)
    f.box((0, 0.87, 0.205), (0.02, 0.155, 0.024), GOLD, joint=HEAD)
    for row in (0.775, 0.80):
        f.both_sides(f.ball, (0.075, row, 0.205), (0.013, 0.009, 0.01), INK, joints=(HEAD, HEAD), casts=False)
        f.both_sides(f.ball, (0.12, row, 0.18), (0.013, 0.009, 0.01), INK, joints=(HEAD, HEAD), casts=False)
    for index, (y, z, size) in enumerate(
        ((1.17, 0.05, 0.06), (1.22, -0.04, 0.075), (1.20, -0.14, 0.075), (1.10, -0.235, 0.07), (0.98, -0.28, 0.055))
    ):
        f.ball((0, y, z), (0.05, size, size), rgb(0.83, 0.15 + 0.01 * index, 0.15), joint=TAIL, gloss=0.1)
    f.pivots[TAIL] = (0, 1.05, -0.05)
    f.eye = (0.085, 0.888, 0.205, 0.034)
    for side in (1, -1):
        f.ball(
            (side * 0.085, 0.888, 0.212), (0.036, 0.040, 0.022), rgb(1.0, 0.95, 0.8), joint=EYES, glow=0.7, casts=False
        )
        f.ball((side * 0.085, 0.886, 0.231), (0.019, 0.024, 0.012), INK, joint=EYES, gloss=0.9, casts=False)
        f.ball((side * 0.085, 0.88, 0.22), (0.036, 0.007, 0.01), rgb(0.8, 0.75, 0.6), joint=LIDS, casts=False)
    f.stick((-0.36, 0.30, 0.06), (-0.36, 0.80, 0.30), 0.022, STEEL, taper=0.5, joint=ARM_R, gloss=0.95)
    f.stick((-0.43, 0.375, 0.10), (-0.29, 0.375, 0.10), 0.018, GOLD, joint=ARM_R)
    f.column(
        (0.34, 0.40, 0.11), 0.15, 0.022, rgb(0.75, 0.14, 0.14), turn=(90, 0, 0), depth=0.185, joint=ARM_L, gloss=0.3
    )
    f.ball((0.34, 0.40, 0.135), (0.05, 0.06, 0.03), GOLD, joint=ARM_L)
    f.crown, f.neck, f.back = (1.13, 0.0, 0.20), (0.69, 0.0, 0.20), (0.5, -0.20)
    return f


def octopus():
    f = Figure((0.70, 0.32, 0.62), hip=0.16, leg=(0.12, 0.2, 0.0), shoulder=(0.16, 0.24, 0.05), nape=(0, 0.34, 0))
    f.gloss = 0.5
    for index in range(8):
        angle = np.radians(22.5 + 45 * index)
        joint = (ARM_L, LEG_L, LEG_L, ARM_L, ARM_R, LEG_R, LEG_R, ARM_R)[index]
        if np.sin(angle) > 0 and abs(np.cos(angle)) > 0.7:
            joint = ARM_L if np.cos(angle) > 0 else ARM_R
        out = np.array([np.cos(angle), 0, np.sin(angle)])
        side = np.array([-np.sin(angle), 0, np.cos(angle)]) * (1 if index % 2 else -1)
        points = (
            0.10 * out + (0, 0.24, 0),
            0.26 * out + (0, 0.09, 0),
            0.40 * out + 0.03 * side + (0, 0.055, 0),
            0.51 * out + 0.09 * side + (0, 0.095, 0),
        )
        for start, end, radius in zip(points[:-1], points[1:], (0.105, 0.085, 0.062), strict=True):
            reach = 0.25 * (end - start)
            f.stick(start - reach, end + reach, radius, rounded=True, joint=joint)
        f.ball(points[-1], 0.047, SOFT, joint=joint)
    f.ball((0, 0.36, 0), (0.225, 0.19, 0.215), joint=BODY)
    f.ball((0, 0.70, -0.03), (0.30, 0.33, 0.29), joint=HEAD)
    for x, y, z, size in (
        (0.13, 0.94, 0.10, 0.05),
        (-0.05, 0.99, 0.09, 0.04),
        (-0.17, 0.88, 0.12, 0.05),
        (0.21, 0.82, 0.115, 0.035),
    ):
        f.ball((x, y, z), (size, size, 0.03), LIGHT, turn=(-50, 30 * x / 0.2, 0), joint=HEAD, casts=False)
    f.face(0.125, 0.60, 0.215, 0.085, whites=True)
    f.smile(0.475, 0.235, 0.07)
    f.cheeks(0.21, 0.505, 0.165)
    f.crown, f.neck, f.back = (1.02, -0.03, 0.20), (0.37, 0.0, 0.22), (0.4, -0.24)
    return f


def penguin():
    f = Figure((0.15, 0.18, 0.27), hip=0.1, leg=(0.11, 0.1, 0.02), shoulder=(0.22, 0.60, 0.0), nape=(0, 0.68, 0))
    f.both_sides(f.ball, (0.115, 0.042, 0.08), (0.10, 0.042, 0.145), BEAK, joints=LEGS, turn=(0, 12, 0))
    f.ball((0, 0.42, 0), (0.275, 0.37, 0.245), joint=BODY)
    f.ball((0, 0.39, 0.05), (0.215, 0.315, 0.215), WHITE, joint=BODY)
    f.both_sides(f.ball, (0.275, 0.43, 0.01), (0.045, 0.205, 0.105), joints=ARMS, turn=(0, 0, 13))
    f.ball((0, 0.88, 0), (0.24, 0.225, 0.22), joint=HEAD)
    f.both_sides(f.ball, (0.085, 0.86, 0.072), (0.115, 0.125, 0.155), WHITE, joints=(HEAD, HEAD), casts=False)
    f.stick((0, 0.825, 0.19), (0, 0.812, 0.345), 0.062, BEAK, taper=0.1, joint=HEAD, gloss=0.5)
    f.ball((0, 0.14, -0.24), (0.08, 0.05, 0.10), joint=TAIL)
    f.pivots[TAIL] = (0, 0.16, -0.18)
    f.face(0.098, 0.90, 0.219, 0.04)
    f.cheeks(0.155, 0.825, 0.165)
    f.crown, f.neck, f.back = (1.09, 0.0, 0.17), (0.685, 0.0, 0.20), (0.46, -0.24)
    return f


def robot():
    f = Figure((0.42, 0.62, 0.74))
    f.gloss = 0.7
    f.both_sides(f.column, (0.12, 0.16, 0), 0.055, 0.10, STEEL, joints=LEGS)
    f.both_sides(f.box, (0.12, 0.055, 0.03), (0.095, 0.055, 0.135), DARK, joints=LEGS)
    f.box((0, 0.43, 0), (0.225, 0.19, 0.17), MAIN, joint=BODY)
    f.box((0, 0.45, 0.168), (0.135, 0.095, 0.014), rgb(0.12, 0.14, 0.17), joint=BODY)
    for index, color in enumerate((rgb(0.95, 0.3, 0.25), rgb(0.98, 0.8, 0.2), rgb(0.35, 0.85, 0.45))):
        f.ball((-0.075 + 0.075 * index, 0.475, 0.185), (0.024, 0.024, 0.014), color, joint=BODY, glow=0.6, casts=False)
    f.box((0, 0.405, 0.185), (0.10, 0.013, 0.006), STEEL, joint=BODY, casts=False)
    f.column((0, 0.655, 0), 0.075, 0.05, STEEL, joint=BODY)
    f.both_sides(f.ball, (0.255, 0.575, 0), 0.075, STEEL, joints=ARMS)
    f.both_sides(f.column, (0.285, 0.45, 0.01), 0.045, 0.10, STEEL, joints=ARMS, turn=(0, 0, 10))
    f.both_sides(f.box, (0.308, 0.33, 0.02), (0.065, 0.065, 0.065), MAIN, joints=ARMS, turn=(0, 0, 10))
    f.box((0, 0.88, 0), (0.245, 0.185, 0.20), MAIN, joint=HEAD)
    f.box((0, 0.88, 0.19), (0.195, 0.135, 0.02), rgb(0.06, 0.08, 0.11), joint=HEAD, gloss=0.9)
    f.both_sides(f.column, (0.262, 0.88, 0), 0.07, 0.03, STEEL, joints=(HEAD, HEAD), turn=(0, 0, 90))
    f.column((0, 1.12, 0), 0.014, 0.07, STEEL, joint=TAIL)
    f.ball((0, 1.21, 0), 0.045, rgb(1.0, 0.35, 0.25), joint=TAIL, glow=0.7)
    f.pivots[TAIL] = (0, 1.06, 0)
    f.eye = (0.088, 0.905, 0.212, 0.045)
    for side in (1, -1):
        f.ball(
            (side * 0.088, 0.905, 0.212), (0.042, 0.052, 0.012), rgb(0.45, 0.95, 1.0), joint=EYES, glow=1.0, casts=False
        )
        f.ball((side * 0.088 - 0.014, 0.924, 0.223), (0.013, 0.015, 0.006), WHITE, joint=EYES, glow=1.0, casts=False)
        f.box(
            (side * 0.088, 0.90, 0.214), (0.042, 0.008, 0.005), rgb(0.45, 0.95, 1.0), joint=LIDS, glow=1.0, casts=False
        )
    for across, up in ((-0.05, 0.012), (-0.017, 0.0), (0.017, 0.0), (0.05, 0.012)):
        f.box(
            (across, 0.815 + up, 0.214), (0.016, 0.007, 0.005), rgb(0.45, 0.95, 1.0), joint=HEAD, glow=1.0, casts=False
        )
    f.crown, f.neck, f.back = (1.065, 0.0, 0.20), (0.675, 0.0, 0.15), (0.47, -0.18)
    return f


def owl():
    f = Figure((0.52, 0.37, 0.24), hip=0.1, leg=(0.1, 0.12, 0.02), shoulder=(0.24, 0.62, 0.0), nape=(0, 0.62, 0))
    for across in (-0.045, 0.0, 0.045):
        f.both_sides(f.ball, (0.11 + across, 0.035, 0.11), (0.022, 0.035, 0.07), BEAK, joints=LEGS, casts=False)
    f.ball((0, 0.41, 0), (0.285, 0.36, 0.25), joint=BODY)
    f.ball((0, 0.36, 0.065), (0.215, 0.28, 0.205), LIGHT, joint=BODY)
    for row, y in enumerate((0.24, 0.34, 0.44)):
        for across in np.arange(-1, 2) * 0.10 + (0.05 if row % 2 else 0.0):
            f.ball(
                (across, y, 0.262 - 0.9 * across * across - 0.12 * abs(y - 0.34)),
                (0.03, 0.022, 0.014),
                SOFT,
                turn=(0, 60 * across, 0),
                joint=BODY,
                casts=False,
            )
    f.both_sides(f.ball, (0.295, 0.40, -0.01), (0.055, 0.26, 0.155), DARK, joints=ARMS, turn=(0, 0, 9))
    f.ball((0, 0.83, 0), (0.30, 0.245, 0.245), joint=HEAD)
    f.both_sides(f.cone, (0.215, 1.06, 0.02), 0.085, 0.12, DARK, joints=EARS, turn=(0, 0, -30), depth=0.05)
    f.hinge(EAR_L, EAR_R, (0.19, 1.0, 0))
    f.both_sides(
        f.ball, (0.13, 0.84, 0.155), (0.15, 0.155, 0.095), LIGHT, joints=(HEAD, HEAD), turn=(0, 20, 0), casts=False
    )
    f.face(0.13, 0.85, 0.215, 0.092, whites=True, lid=LIGHT, iris=rgb(0.10, 0.06, 0.03))
    f.both_sides(
        f.ball,
        (0.125, 0.846, 0.2495),
        (0.070, 0.074, 0.047),
        rgb(0.98, 0.70, 0.12),
        joints=(EYES, EYES),
        gloss=0.8,
        casts=False,
    )
    f.cone((0, 0.755, 0.265), 0.048, 0.075, BEAK, turn=(160, 0, 0), depth=0.045, joint=HEAD)
    f.ball((0, 0.14, -0.24), (0.10, 0.05, 0.13), DARK, joint=TAIL)
    f.pivots[TAIL] = (0, 0.16, -0.18)
    f.crown, f.neck, f.back = (1.06, 0.0, 0.19), (0.64, 0.0, 0.24), (0.46, -0.25)
    return f


def pig():
    f = Figure(
        (0.96, 0.64, 0.66),
        quadruped=True,
        hip=0.2,
        waist=(0, 0.24, -0.18),
        shoulder=(0.15, 0.24, 0.17),
        leg=(0.15, 0.24, -0.17),
        nape=(0, 0.50, 0.22),
    )
    for joints, z in ((ARMS, 0.17), (LEGS, -0.17)):
        f.both_sides(f.column, (0.15, 0.13, z), 0.072, 0.10, joints=joints, taper=1.1)
        f.both_sides(f.column, (0.15, 0.028, z), 0.076, 0.028, DARK, joints=joints)
    f.ball((0, 0.40, -0.02), (0.275, 0.25, 0.34), joint=BODY)
    f.pivots[TAIL] = (0, 0.45, -0.34)
    for index in range(5):
        angle = 1.4 * index
        f.ball(
            (0.045 * np.sin(angle), 0.46 + 0.045 * np.cos(angle), -0.345 - 0.024 * index),
            0.026,
            SOFT,
            joint=TAIL,
            casts=False,
        )
    f.ball((0, 0.64, 0.30), (0.255, 0.235, 0.225), joint=HEAD)
    f.column((0, 0.60, 0.52), 0.10, 0.05, SOFT, turn=(84, 0, 0), depth=0.078, joint=HEAD)
    f.both_sides(
        f.ball, (0.037, 0.602, 0.572), (0.019, 0.027, 0.012), rgb(0.55, 0.22, 0.26), joints=(HEAD, HEAD), casts=False
    )
    f.both_sides(f.cone, (0.175, 0.85, 0.30), 0.095, 0.105, SOFT, joints=EARS, turn=(38, 0, -26), depth=0.035)
    f.hinge(EAR_L, EAR_R, (0.15, 0.80, 0.28))
    f.smile(0.475, 0.497, 0.065)
    f.face(0.115, 0.695, 0.485, 0.036)
    f.cheeks(0.185, 0.60, 0.455)
    f.crown, f.neck, f.back = (0.865, 0.29, 0.17), (0.47, 0.20, 0.205), (0.55, -0.22)
    return f


def turtle():
    f = Figure(
        (0.45, 0.68, 0.36),
        quadruped=True,
        hip=0.12,
        waist=(0, 0.14, -0.16),
        shoulder=(0.22, 0.16, 0.20),
        leg=(0.22, 0.16, -0.22),
        nape=(0, 0.28, 0.28),
    )
    for joints, z, turn in ((ARMS, 0.24, -18), (LEGS, -0.24, 18)):
        f.both_sides(f.ball, (0.24, 0.10, z), (0.092, 0.105, 0.105), joints=joints)
        f.both_sides(f.ball, (0.255, 0.042, z + 0.035), (0.085, 0.042, 0.11), joints=joints, turn=(0, turn, 0))
    shell, ridge = rgb(0.47, 0.32, 0.17), rgb(0.62, 0.45, 0.24)
    f.ball((0, 0.19, -0.02), (0.30, 0.10, 0.36), HORN, joint=BODY)
    f.dome((0, 0.20, -0.02), (0.35, 0.34, 0.40), shell, joint=BODY, gloss=0.6)
    f.column((0, 0.205, -0.02), 0.375, 0.032, ridge, depth=0.425, joint=BODY)
    bumps = [(0.0, 62, 0.0)] + [(angle, 34, 0.0) for angle in range(0, 360, 60)]
    for angle, up, _ in bumps:
        up, angle = np.radians(90 if up == 62 else up), np.radians(angle + 30)
        normal = np.array([np.cos(up) * np.cos(angle), np.sin(up), np.cos(up) * np.sin(angle)])
        at = np.array([0, 0.20, -0.02]) + normal * (0.335, 0.325, 0.385)
        f.ball(
            at,
            (0.105, 0.03, 0.115),
            ridge,
            turn=(np.degrees(np.cos(up) * np.sin(angle)) * 0.95, 0, -np.degrees(np.cos(up) * np.cos(angle)) * 0.95),
            joint=BODY,
            gloss=0.6,
            casts=False,
        )
    f.stick((0, 0.22, 0.24), (0, 0.42, 0.46), 0.10, rounded=True, joint=HEAD)
    f.ball((0, 0.48, 0.49), (0.165, 0.155, 0.165), joint=HEAD)
    f.smile(0.425, 0.635, 0.07)
    f.face(0.092, 0.53, 0.60, 0.042)
    f.cheeks(0.135, 0.455, 0.585, 0.034)
    f.ball((0, 0.15, -0.44), (0.04, 0.035, 0.09), joint=TAIL)
    f.pivots[TAIL] = (0, 0.16, -0.38)
    f.crown, f.neck, f.back = (0.63, 0.48, 0.115), (0.335, 0.385, 0.115), (0.44, -0.30)
    return f


def wizard():
    f = Figure((0.40, 0.26, 0.70))
    f.feet(rgb(0.32, 0.20, 0.12), size=(0.085, 0.06, 0.13))
    f.column((0, 0.36, 0), 0.285, 0.28, MAIN, taper=0.58, depth=0.255, joint=BODY)
    f.column((0, 0.085, 0), 0.29, 0.018, GOLD, taper=0.98, depth=0.262, joint=BODY)
    f.column((0, 0.40, 0), 0.232, 0.026, GOLD, taper=0.97, depth=0.208, joint=BODY)
    f.both_sides(f.cone, (0.245, 0.45, 0.03), 0.115, 0.17, MAIN, joints=ARMS, turn=(0, 0, 18))
    f.both_sides(f.ball, (0.30, 0.275, 0.045), 0.062, SKIN, joints=ARMS)
    f.stick((-0.33, 0.02, 0.10), (-0.33, 0.92, 0.10), 0.022, rgb(0.45, 0.28, 0.15), joint=ARM_R)
    f.ball((-0.33, 0.98, 0.10), 0.068, rgb(0.45, 0.85, 1.0), joint=ARM_R, glow=0.9)
    f.ball((0, 0.82, 0), (0.215, 0.215, 0.205), SKIN, joint=HEAD)
    for across, y, size in (
        (0, 0.60, 0.15),
        (0.10, 0.68, 0.11),
        (-0.10, 0.68, 0.11),
        (0.0, 0.48, 0.095),
        (0.165, 0.77, 0.07),
        (-0.165, 0.77, 0.07),
    ):
        f.ball((across, y, 0.14 - 0.3 * abs(across)), (size, size * 1.15, size * 0.7), WHITE, joint=HEAD, gloss=0.05)
    f.both_sides(
        f.ball, (0.058, 0.742, 0.222), (0.075, 0.034, 0.035), WHITE, joints=(HEAD, HEAD), turn=(0, 0, -14), gloss=0.05
    )
    f.ball((0, 0.80, 0.22), (0.042, 0.045, 0.045), rgb(0.93, 0.60, 0.50), joint=HEAD)
    f.face(0.085, 0.865, 0.178, 0.034, brow=WHITE)
    f.column((0, 0.955, 0), 0.355, 0.02, MAIN, joint=HEAD)
    f.column((0, 1.135, -0.005), 0.225, 0.17, MAIN, taper=0.5, turn=(-4, 0, 3), joint=HEAD)
    f.cone((0.03, 1.43, -0.05), 0.118, 0.16, MAIN, turn=(-16, 0, -14), joint=HEAD)
    f.column((0, 0.995, 0), 0.226, 0.03, GOLD, taper=0.94, joint=HEAD)
    for x, y, z in ((0.07, 1.12, 0.185), (-0.09, 1.20, 0.145), (0.03, 1.30, 0.10)):
        f.ball((x, y, z), (0.026, 0.026, 0.014), rgb(1.0, 0.9, 0.4), joint=HEAD, glow=0.4, casts=False)
    f.crown, f.neck, f.back = (1.56, -0.09, 0.05), (0.645, 0.0, 0.17), (0.45, -0.21)
    return f


def astronaut():
    f = Figure((0.92, 0.92, 0.93))
    f.feet(size=(0.11, 0.085, 0.14), thickness=0.10)
    f.both_sides(f.column, (0.12, 0.13, 0.005), 0.112, 0.02, rgb(0.90, 0.42, 0.12), joints=LEGS)
    f.ball((0, 0.43, 0), (0.26, 0.27, 0.225), joint=BODY)
    f.box((0, 0.46, 0.205), (0.105, 0.075, 0.03), STEEL, joint=BODY, turn=(-6, 0, 0))
    for across, color in ((-0.05, rgb(0.9, 0.25, 0.2)), (0.0, rgb(0.25, 0.6, 0.95)), (0.05, rgb(0.98, 0.8, 0.2))):
        f.ball((across, 0.475, 0.24), 0.018, color, joint=BODY, glow=0.4, casts=False)
    f.box((0, 0.50, -0.235), (0.18, 0.20, 0.085), SOFT, joint=BODY)
    f.arms(radius=0.085, length=0.16, hand=SOFT)
    f.both_sides(f.ball, (0.215, 0.60, 0), 0.10, joints=ARMS)
    f.ball((0, 0.90, 0), (0.285, 0.275, 0.265), joint=HEAD)
    f.column((0, 0.655, 0), 0.195, 0.035, STEEL, joint=HEAD)
    f.ball((0, 0.895, 0.075), (0.235, 0.205, 0.21), rgb(0.10, 0.13, 0.24), joint=HEAD, gloss=1.0)
    f.ball((0, 0.88, 0.12), (0.175, 0.160, 0.176), SKIN, joint=HEAD)
    f.ball((0, 0.985, 0.165), (0.13, 0.05, 0.11), rgb(0.35, 0.2, 0.1), joint=HEAD, gloss=0.1)
    f.smile(0.815, 0.292, 0.05)
    f.cheeks(0.105, 0.84, 0.25, 0.03)
    f.face(0.07, 0.895, 0.275, 0.03)
    f.both_sides(f.column, (0.285, 0.90, 0.0), 0.075, 0.03, rgb(0.90, 0.42, 0.12), joints=(HEAD, HEAD), turn=(0, 0, 90))
    f.ball((-0.13, 1.005, 0.235), (0.05, 0.02, 0.012), WHITE, turn=(-30, -24, 24), joint=HEAD, glow=0.7, casts=False)
    f.crown, f.neck, f.back = (1.165, 0.0, 0.20), (0.655, 0.0, 0.20), (0.5, -0.32)
    return f


def mouse():
    f = Figure((0.60, 0.58, 0.58), hip=0.13, leg=(0.09, 0.14, 0.0), shoulder=(0.15, 0.42, 0.0), nape=(0, 0.46, 0))
    f.feet(PINK, size=(0.07, 0.045, 0.11), height=0.13, thickness=0.05)
    f.ball((0, 0.29, 0), (0.175, 0.20, 0.165), joint=BODY)
    f.ball((0, 0.28, 0.055), (0.12, 0.15, 0.125), LIGHT, joint=BODY)
    f.arms(radius=0.042, length=0.105, hand=PINK)
    f.pivots[TAIL] = (0, 0.17, -0.14)
    for start, end in (
        ((0, 0.15, -0.12), (0.10, 0.06, -0.34)),
        ((0.09, 0.06, -0.33), (0.27, 0.09, -0.42)),
        ((0.26, 0.085, -0.42), (0.38, 0.24, -0.38)),
    ):
        f.stick(start, end, 0.024, PINK, rounded=True, joint=TAIL)
    f.ball((0, 0.61, 0), (0.205, 0.185, 0.19), joint=HEAD)
    f.stick((0, 0.575, 0.08), (0, 0.55, 0.28), 0.105, taper=0.25, joint=HEAD)
    f.ball((0, 0.557, 0.285), 0.034, PINK, joint=HEAD, gloss=0.7)
    f.both_sides(f.ball, (0.215, 0.80, -0.02), (0.155, 0.155, 0.038), joints=EARS, turn=(0, -14, 0))
    f.both_sides(f.ball, (0.216, 0.80, 0.008), (0.115, 0.115, 0.026), PINK, joints=EARS, turn=(0, -14, 0), casts=False)
    f.hinge(EAR_L, EAR_R, (0.14, 0.72, 0))
    for up in (0.012, -0.014):
        for side in (1, -1):
            f.stick(
                (side * 0.045, 0.55 + up, 0.235),
                (side * 0.20, 0.55 + up * 4, 0.20),
                0.0045,
                INK,
                joint=HEAD,
                casts=False,
            )
    f.both_sides(f.box, (0.012, 0.497, 0.222), (0.011, 0.02, 0.007), WHITE, joints=(HEAD, HEAD))
    f.face(0.088, 0.645, 0.155, 0.038)
    f.cheeks(0.135, 0.565, 0.125, 0.034)
    f.crown, f.neck, f.back = (0.79, 0.0, 0.12), (0.445, 0.0, 0.125), (0.34, -0.15)
    return f


def unicorn():
    f = Figure(
        (0.95, 0.93, 0.95),
        quadruped=True,
        hip=0.34,
        waist=(0, 0.40, -0.20),
        shoulder=(0.12, 0.40, 0.19),
        leg=(0.12, 0.40, -0.20),
        nape=(0, 0.66, 0.22),
    )
    for joints, z in ((ARMS, 0.19), (LEGS, -0.20)):
        f.both_sides(f.column, (0.12, 0.22, z), 0.075, 0.19, joints=joints, taper=1.15)
        f.both_sides(f.column, (0.12, 0.045, z), 0.09, 0.045, GOLD, joints=joints, taper=0.85, gloss=0.6)
    f.ball((0, 0.53, -0.02), (0.225, 0.215, 0.34), joint=BODY)
    f.stick((0, 0.52, 0.13), (0, 0.98, 0.36), 0.135, rounded=True, joint=HEAD)
    f.ball((0, 0.97, 0.36), (0.175, 0.175, 0.185), joint=HEAD)
    f.stick((0, 0.95, 0.34), (0, 0.83, 0.62), 0.115, SOFT, rounded=True, joint=HEAD)
    f.both_sides(f.ball, (0.045, 0.875, 0.60), (0.014, 0.02, 0.012), PINK, joints=(HEAD, HEAD), casts=False)
    for index in range(4):
        f.column(
            (0, 1.16 + 0.075 * index, 0.46 + 0.030 * index),
            0.048 - 0.0105 * index,
            0.042,
            GOLD,
            taper=0.72,
            turn=(22, 0, 0),
            joint=HEAD,
            gloss=0.9,
        )
    f.both_sides(f.cone, (0.105, 1.17, 0.32), 0.05, 0.085, joints=EARS, turn=(0, 0, -18), depth=0.035)
    f.hinge(EAR_L, EAR_R, (0.1, 1.09, 0.32))
    mane = ((0.96, 0.45, 0.62), (0.72, 0.46, 0.90), (0.40, 0.62, 0.95), (0.42, 0.85, 0.78), (0.98, 0.82, 0.42))
    for index, (y, z) in enumerate(((1.15, 0.40), (1.09, 0.26), (0.96, 0.18), (0.82, 0.11), (0.70, 0.02))):
        f.ball((0.02 * (-1) ** index, y, z), (0.085, 0.105, 0.10), rgb(*mane[index]), joint=HEAD, gloss=0.15)
    for index, (y, z) in enumerate(((0.62, -0.37), (0.53, -0.46), (0.41, -0.51), (0.29, -0.50), (0.20, -0.44))):
        f.ball((0.02 * index, y, z), (0.085 - 0.008 * index, 0.10, 0.085), rgb(*mane[index]), joint=TAIL, gloss=0.15)
    f.pivots[TAIL] = (0, 0.62, -0.33)
    f.face(0.125, 1.0, 0.475, 0.04)
    f.cheeks(0.12, 0.915, 0.50, 0.034)
    f.crown, f.neck, f.back = (1.13, 0.33, 0.14), (0.72, 0.24, 0.14), (0.66, -0.2)
    return f


def ghost():
    f = Figure((0.90, 0.92, 0.97), hip=0.05, leg=(0.1, 0.2, 0), shoulder=(0.24, 0.56, 0.03), nape=(0, 0.50, 0))
    f.gloss = 0.15
    f.dome((0, 0.62, 0), (0.285, 0.40, 0.265), MAIN, joint=HEAD, glow=0.10)
    f.column((0, 0.42, 0), 0.315, 0.205, MAIN, taper=0.905, depth=0.293, joint=HEAD, glow=0.10)
    for index in range(9):
        angle = np.radians(40 * index)
        at = (0.235 * np.cos(angle), 0.205, 0.215 * np.sin(angle))
        f.ball(at, (0.088, 0.11 + 0.025 * (index % 2), 0.085), MAIN, joint=(LEG_L, LEG_R)[index % 2], glow=0.10)
    f.both_sides(f.ball, (0.305, 0.50, 0.06), (0.07, 0.13, 0.075), MAIN, joints=ARMS, turn=(0, 0, 32), glow=0.10)
    f.face(0.10, 0.735, 0.232, 0.056)
    f.ball((0, 0.615, 0.272), (0.042, 0.055, 0.03), INK, joint=HEAD, gloss=0.5, casts=False)
    f.cheeks(0.175, 0.65, 0.215)
    f.crown, f.neck, f.back = (1.015, 0.0, 0.17), (0.53, 0.0, 0.305), (0.5, -0.28)
    f.pivots[HEAD] = (0, 0.3, 0)  # its head is most of it
    return f


SCULPTORS = {
    "bear": bear,
    "bunny": bunny,
    "cat": cat,
    "dog": dog,
    "dragon": dragon,
    "elephant": elephant,
    "fox": fox,
    "frog": frog,
    "knight": knight,
    "octopus": octopus,
    "penguin": penguin,
    "robot": robot,
    "owl": owl,
    "pig": pig,
    "turtle": turtle,
    "wizard": wizard,
    "astronaut": astronaut,
    "mouse": mouse,
    "unicorn": unicorn,
    "ghost": ghost,
}
HOVERING = ("ghost",)  # they float a little above the ground

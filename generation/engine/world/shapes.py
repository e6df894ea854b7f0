"""What everything in the world is made of: ellipsoids, tapered columns and boxes, under any affine transform.

A part lives in its own unit space and `linear` (3, 3), `centre` (3) carry it into the space of its joint:

- BALL: x² + y² + z² ≤ 1, kept where `low` ≤ y ≤ `high` (a half ball is a dome);
- COLUMN: radius 1 at y = -1 going evenly to `taper` at y = 1 (1 a cylinder, 0 a cone);
- BOX: every coordinate within [-1, 1], drawn with rounded edges.

A part's colour is `fixed + tint × main`, where main is the colour of the one it belongs to.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

BALL, COLUMN, BOX = 0, 1, 2

# How the main colour is used: (tint, fixed colour).
MAIN = (1.0, (0.0, 0.0, 0.0))
LIGHT = (0.42, (0.55, 0.54, 0.52))  # a belly: the main colour, mostly cream
DARK = (0.55, (0.0, 0.0, 0.0))
SOFT = (0.8, (0.16, 0.16, 0.16))


def rgb(red, green, blue):
    """A colour that nobody's main colour changes; sRGB in [0, 1]."""
    return (0.0, (red, green, blue))


def turned(x=0.0, y=0.0, z=0.0):
    """Rotation matrix (3, 3) from degrees: about z first, then x, then y. Right-handed, y up."""
    x, y, z = np.radians((x, y, z))
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


@dataclass
class Parts:
    """A growing list of parts, sculpted with `ball`, `dome`, `column`, `cone`, `stick` and `box`.

    Lengths in metres, angles in degrees. `joint` says what moves the part (see motion.py). `gloss` 0 is felt, 1 is wet
    glass; `glow` is light of its own; `casts` False keeps a part from throwing a shadow.
    """

    rows: list = field(default_factory=list)
    joint: int = 0
    gloss: float = 0.25

    def ball(
        self, at, radii, color=MAIN, *, turn=(0, 0, 0), low=-1.0, high=1.0, joint=None, gloss=None, glow=0.0, casts=True
    ):
        radii = np.broadcast_to(np.asarray(radii, float), (3,))
        self._add(BALL, at, turned(*turn) * radii, color, (1.0, low, high), joint, gloss, glow, casts)

    def dome(self, at, radii, color=MAIN, **more):
        """The upper half of a ball, cut flat through its middle."""
        self.ball(at, radii, color, low=0.0, **more)

    def column(
        self,
        at,
        radius,
        half_height,
        color=MAIN,
        *,
        taper=1.0,
        turn=(0, 0, 0),
        depth=None,
        joint=None,
        gloss=None,
        glow=0.0,
        casts=True,
    ):
        """A cylinder about y, `half_height` both ways from `at`; `depth` is its other radius, when it is no circle."""
        scale = np.array([radius, half_height, radius if depth is None else depth], float)
        self._add(COLUMN, at, turned(*turn) * scale, color, (taper, -1.0, 1.0), joint, gloss, glow, casts)

    def cone(self, at, radius, half_height, color=MAIN, **more):
        self.column(at, radius, half_height, color, taper=0.0, **more)

    def stick(self, start, end, radius, color=MAIN, *, taper=1.0, rounded=False, **more):
        """A column (or, `rounded`, an ellipsoid) from `start` to `end`."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        along = (end - start) / 2
        length = np.linalg.norm(along)
        up = along / length
        side = np.cross(up, (0, 0, 1.0) if abs(up[2]) < 0.9 else (1.0, 0, 0))
        side /= np.linalg.norm(side)
        linear = np.stack([side * radius, along, np.cross(side, up) * radius], axis=1)
        more = {"joint": None, "gloss": None, "glow": 0.0, "casts": True} | more
        kind = BALL if rounded else COLUMN
        self._add(kind, (start + end) / 2, linear, color, (taper, -1.0, 1.0), **more)

    def box(self, at, half, color=MAIN, *, turn=(0, 0, 0), joint=None, gloss=None, glow=0.0, casts=True):
        self._add(BOX, at, turned(*turn) * np.asarray(half, float), color, (1.0, -1.0, 1.0), joint, gloss, glow, casts)

    def both_sides(self, shape, at, *size, joints=None, turn=(0, 0, 0), **more):
        """A shape and its mirror image in x; `joints` names the (left, right) joints. Left is the one at x > 0."""
        for side, joint in zip((1, -1), joints or (None, None), strict=True):
            mirrored = (turn[0], turn[1] * side, turn[2] * side)
            shape((at[0] * side, at[1], at[2]), *size, turn=mirrored, joint=joint, **more)

    def _add(self, kind, at, linear, color, shape, joint, gloss, glow, casts):
        joint = self.joint if joint is None else joint
        gloss = self.gloss if gloss is None else gloss
        self.rows.append((kind, joint, np.asarray(at, float), linear, color[0], color[1], shape, gloss, glow, casts))

    def table(self, number=0) -> "PartTable":
        """The parts so far. `number`: their numbers (P,), see `numbering`."""
        kind, joint, centre, linear, tint, fixed, shape, gloss, glow, casts = zip(*self.rows, strict=True)
        return PartTable(
            kind=np.array(kind),
            joint=np.array(joint),
            centre=np.array(centre, np.float32),
            linear=np.array(linear, np.float32),
            tint=np.array(tint, np.float32),
            fixed=np.array(fixed, np.float32),
            shape=np.array(shape, np.float32),
            gloss=np.array(gloss, np.float32),
            glow=np.array(glow, np.float32),
            casts=np.array(casts),
            number=np.broadcast_to(number, len(kind)),
        )


@dataclass(frozen=True, eq=False)
class PartTable:
    """Parts as arrays, one row a part: what the renderer reads."""

    kind: np.ndarray  # (P,) BALL, COLUMN or BOX
    joint: np.ndarray  # (P,)
    centre: np.ndarray  # (P, 3)
    linear: np.ndarray  # (P, 3, 3)
    tint: np.ndarray  # (P,)
    fixed: np.ndarray  # (P, 3)
    shape: np.ndarray  # (P, 3): taper, low, high
    gloss: np.ndarray  # (P,)
    glow: np.ndarray  # (P,)
    casts: np.ndarray  # (P,) bool
    number: np.ndarray  # (P,) see `numbering`

    def __len__(self):
        return len(self.kind)

    @cached_property
    def extent(self) -> tuple[np.ndarray, np.ndarray]:
        """The lowest and highest corner (3,) of the box around all parts at rest."""
        reach = np.sqrt((self.linear**2).sum(-1)) if len(self) else np.zeros((1, 3))
        return (self.centre - reach).min(0), (self.centre + reach).max(0)

    def colored(self, main) -> np.ndarray:
        """sRGB colours (P, 3) for a main colour."""
        return self.fixed + self.tint[:, None] * np.asarray(main, np.float32)

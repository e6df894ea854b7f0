"""Camera moves as exact per-frame matrices.

World: metres, right-handed, y up, the ground at y = 0. Camera axes as in OpenCV: x right, y down, z forward, so
`camera_to_world` (4, 4) holds right, down, forward and position in its columns, and depth is the distance along z.

Every move happens evenly about the framed picture: half of its amount before, half after the middle of the shot, so the
subject is well framed at the middle. The whole amount lies between the first and the last frame; a still
shows the middle.

| move | what happens | usual amount |
| --- | --- | --- |
| pan left, right | turns about the world's vertical axis, standing still | 30° (less in pictures narrower than 16:9) |
| tilt up, down | turns about the camera's own horizontal axis | 12° |
| dolly in, out | travels along the view axis | 2 m |
| truck left, right | travels along the camera's horizontal axis | 1.6 m (less in narrow pictures, as for pan) |
| crane up, down | travels along the world's vertical axis | 0.6 m |
| orbit left, right | circles the subject at its distance and height, always facing it | 60° |
| zoom in, out | the focal length grows or shrinks by the factor; the camera stands still | 1.6 × |

A path of one's own goes through its keys instead, each told from the framed picture: the camera circles the subject,
travels from there along its axes, then turns. Between keys every quantity goes evenly, never beyond either of them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from generation.engine.request import CAMERA_KEY_LIMITS, CameraKey
from generation.engine.world.scene import CameraMove

USUAL_AMOUNTS = {
    "static": 0.0,
    "pan": 30.0,
    "tilt": 12.0,
    "dolly": 2.0,
    "truck": 1.6,
    "crane": 0.6,
    "orbit": 60.0,
    "zoom": 1.6,
}
# Which quantity of a key a move changes, and where more of it leads.
WAYS = {
    "pan": ("pan", "right", "left"),
    "tilt": ("tilt", "up", "down"),
    "dolly": ("dolly", "in", "out"),
    "truck": ("truck", "right", "left"),
    "crane": ("rise", "up", "down"),
    "orbit": ("orbit", "right", "left"),
    "zoom": ("zoom", "in", "out"),
}
EASINGS = ("eased", "linear")
UP = np.array([0.0, 1.0, 0.0])
LOWEST = 0.25  # metres: no crane comes nearer to the ground
CLOSEST = 1.3  # metres: no dolly comes nearer to the point it looks at


@dataclass(frozen=True, eq=False)
class Framing:
    """The picture at the middle of the shot: from `position` to `target` (metres), `fov` degrees across its height."""

    position: np.ndarray
    target: np.ndarray
    fov: float


def amount_of(camera: CameraMove, width: int, height: int) -> float:
    """The amount of a move: what was asked for, else the usual one for this shape of picture."""
    if camera.amount is not None:
        return float(camera.amount)
    kind = camera.move.split()[0]
    amount = USUAL_AMOUNTS[kind]
    if kind in ("pan", "truck"):
        amount *= min(1.0, (width / height) / (16 / 9))
    return amount


def progress(num_frames: int, easing: str = "eased") -> np.ndarray:
    """How far the move is at each frame (F,), from 0 to 1; eased moves start and stop softly."""
    if easing not in EASINGS:
        raise ValueError(f"easing must be one of: {', '.join(EASINGS)}.")
    if num_frames == 1:
        return np.array([0.5])
    t = np.linspace(0.0, 1.0, num_frames)
    return t if easing == "linear" else t * t * (3 - 2 * t)


def camera_path(
    camera: CameraMove,
    framing: Framing,
    *,
    width: int,
    height: int,
    num_frames: int,
    easing: str = "eased",
    real: bool = True,
):
    """Return camera_to_world (F, 4, 4) and intrinsics (F, 3, 3) in pixels, float64.

    Not `real`: nobody knows where ground and subject are, so keys are kept out of neither. Raises ValueError for a
    zoom whose factor is not positive.
    """
    if camera.keys:
        keys = [_clear_of(key, framing) for key in camera.keys] if real else camera.keys
        told = between_keys(keys, np.linspace(0.0, 1.0, num_frames) if num_frames > 1 else np.array([0.5]))
        rotations, positions = _poses(told, framing)
        if real:
            positions[:, 1] = np.maximum(positions[:, 1], LOWEST)
        return _matrices(rotations, positions, told["zoom"] * _focal(framing, height), width, height)
    kind, _, direction = camera.move.partition(" ")
    amount = amount_of(camera, width, height)
    sign = -1.0 if direction in ("right", "down", "out") else 1.0
    along = sign * amount * (progress(num_frames, easing) - 0.5)  # (F,) from minus half to plus half of the amount
    position, target = framing.position.astype(float), framing.target.astype(float)
    right, down, forward = _axes(target - position)
    axes = np.stack([right, down, forward], axis=1)  # (3, 3) columns

    rotations = np.repeat(axes[None], num_frames, axis=0)
    positions = np.repeat(position[None], num_frames, axis=0)
    focal = np.full(num_frames, _focal(framing, height))
    if kind == "pan":
        rotations = _about(UP, along) @ axes
    elif kind == "tilt":
        rotations = _about(right, along) @ axes
    elif kind == "dolly":
        # A dolly ends in front of its subject, never inside it: long ones start farther back.
        room = np.linalg.norm(target - position) - along.max()
        positions = positions + (along - max(0.0, CLOSEST - room))[:, None] * forward
    elif kind == "truck":
        positions = positions - along[:, None] * right
    elif kind == "crane":
        # Nor does a crane go under the ground: long ones happen higher up.
        positions = positions + (along + max(0.0, LOWEST - position[1] - along.min()))[:, None] * UP
    elif kind == "orbit":
        around = _about(UP, -along)
        positions = target + (around @ (position - target)[:, None])[:, :, 0]
        rotations = around @ axes
    elif kind == "zoom":
        if amount <= 0:
            raise ValueError("A zoom's amount is the factor by which the picture grows: more than 0.")
        focal = focal * amount ** (along / amount)
    return _matrices(rotations, positions, focal, width, height)


def between_keys(keys: Sequence[CameraKey], at: np.ndarray) -> dict[str, np.ndarray]:
    """Every quantity of a path at moments `at` (F,) from 0 to 1, each (F,); zoom in even ratios.

    Piecewise cubics that stay between neighbouring keys: Fritsch and Butland 1984, SIAM J. Sci. Stat. Comput. 5. The
    camera starts and stops softly, and rests before the first key and after the last.
    """
    moments = np.array([key.at for key in keys])
    gaps = np.diff(moments)
    nth = np.clip(np.searchsorted(moments, at, side="right") - 1, 0, len(gaps) - 1)
    t = np.clip((at - moments[nth]) / gaps[nth], 0.0, 1.0)
    found = {}
    for name in CAMERA_KEY_LIMITS:
        values = np.array([getattr(key, name) for key in keys])
        values = np.log(values) if name == "zoom" else values
        slopes = _slopes(np.diff(values) / gaps, gaps)
        here, there = values[nth], values[nth + 1]
        curve = here + (there - here) * t * t * (3 - 2 * t)
        curve += gaps[nth] * t * (1 - t) * (slopes[nth] * (1 - t) - slopes[nth + 1] * t)
        found[name] = np.exp(curve) if name == "zoom" else curve
    return found


def as_a_move(camera: CameraMove) -> CameraMove:
    """What a path of one's own is most like from its first key to its last, for whom only moves have words."""
    if not camera.keys:
        return camera
    first, last = camera.keys[0], camera.keys[-1]
    changes = {kind: getattr(last, name) - getattr(first, name) for kind, (name, _, _) in WAYS.items()}
    usual = USUAL_AMOUNTS | {"zoom": np.log(USUAL_AMOUNTS["zoom"])}
    changes["zoom"] = np.log(last.zoom / first.zoom)
    kind = max(changes, key=lambda name: abs(changes[name]) / usual[name])
    change = changes[kind]
    if not change:
        return CameraMove()
    _, more, less = WAYS[kind]
    amount = np.exp(abs(change)) if kind == "zoom" else abs(change)
    return CameraMove(f"{kind} {more if change > 0 else less}", float(amount))


def _slopes(rises, gaps):
    """The slope at each key: none at the ends and where a quantity turns back."""
    slopes = np.zeros(len(gaps) + 1)
    before, after, left, right = rises[:-1], rises[1:], gaps[:-1], gaps[1:]
    on = before * after > 0
    one, other = (2 * right + left)[on], (right + 2 * left)[on]
    slopes[1:-1][on] = (one + other) / (one / before[on] + other / after[on])
    return slopes


def _clear_of(key, framing):
    """A key that neither comes too near the subject nor under the ground."""
    away = np.linalg.norm(framing.target - framing.position)
    key = replace(key, dolly=min(key.dolly, max(0.0, away - CLOSEST)))
    _, positions = _poses({name: np.array([value]) for name, value in asdict(key).items()}, framing)
    return replace(key, rise=key.rise + max(0.0, LOWEST - positions[0, 1]))


def _poses(along, framing):
    """Rotations (F, 3, 3) and positions (F, 3) of the quantities of a path, each (F,)."""
    position, target = framing.position.astype(float), framing.target.astype(float)
    around = _about(UP, along["orbit"])
    axes = around @ np.stack(_axes(target - position), axis=1)  # (F, 3, 3)
    positions = target + (around @ (position - target)[:, None])[:, :, 0]
    positions += along["dolly"][:, None] * axes[:, :, 2] + along["truck"][:, None] * axes[:, :, 0]
    positions += along["rise"][:, None] * UP
    # About the world's vertical, then about the camera's own horizontal axis: the horizon stays level.
    tilted = axes @ _about(np.array([1.0, 0.0, 0.0]), along["tilt"])
    return _about(UP, -along["pan"]) @ tilted, positions


def _focal(framing, height):
    return height / 2 / np.tan(np.radians(framing.fov) / 2)


def _matrices(rotations, positions, focal, width, height):
    num_frames = len(rotations)
    camera_to_world = np.repeat(np.eye(4)[None], num_frames, axis=0)
    camera_to_world[:, :3, :3] = rotations
    camera_to_world[:, :3, 3] = positions
    intrinsics = np.zeros((num_frames, 3, 3))
    intrinsics[:, 0, 0] = intrinsics[:, 1, 1] = focal
    intrinsics[:, 0, 2], intrinsics[:, 1, 2] = width / 2, height / 2
    intrinsics[:, 2, 2] = 1.0
    return camera_to_world, intrinsics


def _axes(view):
    """Right, down and forward of a level camera looking along `view`."""
    forward = view / np.linalg.norm(view)
    right = np.cross(forward, UP)
    right /= np.linalg.norm(right)
    return right, np.cross(forward, right), forward


def _about(axis, degrees):
    """Rotations (F, 3, 3) about a unit axis, counter-clockwise when it points at the viewer (Rodrigues)."""
    angle = np.radians(degrees)[:, None, None]
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)

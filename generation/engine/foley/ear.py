"""From where a sound comes: places in the world, as the camera that looks at them hears them."""

from dataclasses import dataclass

import numpy as np

USUAL_SIZE = 0.41  # of somebody a metre tall, in pictures high: as framings have them
AT_EDGE = 0.72  # how far to a side what stands at the picture's edge is heard, 1 being all the way
BEHIND = 0.7  # as loud is what the camera does not see


@dataclass(frozen=True, eq=False)
class Heard:
    """Where something is over time: pan (F,) from -1, left, to 1, right, and how loud (F,), at `seconds` (F,)."""

    seconds: np.ndarray
    pan: np.ndarray
    loud: np.ndarray

    def sides(self, at: np.ndarray | float, spread: float = 1.0) -> np.ndarray:
        """How loud left and right at moments (...,): (..., 2), of equal power wherever it is."""
        turn = (np.interp(at, self.seconds, self.pan) * spread + 1) * np.pi / 4
        loud = np.interp(at, self.seconds, self.loud)
        return np.stack([np.cos(turn), np.sin(turn)], axis=-1) * loud[..., None]


@dataclass(frozen=True, eq=False)
class Ear:
    """A camera that listens. camera_to_world: (F, 4, 4) as in `world.camera`. focal: (F,) in pictures high."""

    seconds: np.ndarray
    camera_to_world: np.ndarray
    focal: np.ndarray
    aspect: float

    def hears(self, points: np.ndarray, far: bool = False) -> Heard:
        """What is at `points`, (F, 3) or (3,), metres. `far`: a direction; nothing comes nearer or goes away."""
        away = points - self.camera_to_world[:, :3, 3] * (0.0 if far else 1.0)
        right, _, forward = np.moveaxis(self.camera_to_world[:, :3, :3], 2, 0)
        x, z = (away * right).sum(-1), (away * forward).sum(-1)
        distance = np.linalg.norm(away, axis=-1)
        half = np.arctan(0.5 * self.aspect / self.focal)  # of the angle that is seen
        pan = np.clip(AT_EDGE * x / np.maximum(np.hypot(x, z), 1e-6) / np.sin(half), -1, 1)
        unseen = np.clip(0.5 - z / np.maximum(distance, 1e-6), 0, 1) * (1 - BEHIND)
        size = 1.0 if far else np.clip(self.focal / np.maximum(distance, 0.3) / USUAL_SIZE, 0.1, 2.4) ** 0.85
        return Heard(self.seconds, pan, np.broadcast_to(size * (1 - unseen), pan.shape))

    def direction(self, degrees: float) -> Heard:
        """Something far away, so many degrees to the right of straight ahead of an unmoved camera (-z)."""
        angle = np.radians(degrees)
        return self.hears(np.array([np.sin(angle), 0.0, -np.cos(angle)]) * 50, far=True)


def still_ear(seconds: np.ndarray, aspect: float = 16 / 9) -> Ear:
    """Somebody who stands four metres before the middle and listens."""
    camera = np.eye(4)
    camera[:3, :3] = np.diag([1.0, -1.0, -1.0])  # right, down, forward
    camera[:3, 3] = (0.0, 1.0, 4.0)
    return Ear(seconds, np.repeat(camera[None], len(seconds), axis=0), np.full(len(seconds), 4 * USUAL_SIZE), aspect)

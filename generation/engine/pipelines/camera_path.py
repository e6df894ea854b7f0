"""The camera's path for models that are told where it stands in every frame.

A move means what it means in our own world (`world.camera`): the same amounts, the same soft start and stop; and so
does a path of the creator's own. There it happens about the framed picture; here it begins at the picture that is
given, so everything is told from the first frame's camera: x right, y down, z forward (OpenCV), metres.
"""

import numpy as np

from generation.engine.request import CameraKey
from generation.engine.world.camera import Framing, camera_path
from generation.engine.world.scene import CameraMove

# What a picture does not tell. A lens between 28 and 35 mm, as phones and films have them; held upright it sees as much
# of the height. An orbit goes around a point straight ahead, where a person standing fills the picture's height.
FIELD_OF_VIEW = 60.0  # degrees across the longer side
SUBJECT_DISTANCE = 3.0  # metres
EYES = np.array([0.0, 1.5, 0.0])  # anywhere in the world will do
AHEAD = np.array([0.0, 0.0, -SUBJECT_DISTANCE])


def path_of(
    move: str | None, num_frames: int, *, width: int, height: int, keys: tuple[CameraKey, ...] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """A move (one of `request.CAMERA_MOVES`; None stands still), or the path through `keys`, of so many square pixels.

    Returns camera_to_world, float32 (F, 4, 4), the first one the identity, and intrinsics, float32 (F, 4): the focal
    lengths fx and fy and the middle cx and cy in pixels. Only a zoom changes the intrinsics.
    """
    focal = max(width, height) / 2 / np.tan(np.radians(FIELD_OF_VIEW) / 2)
    framing = Framing(EYES, EYES + AHEAD, fov=float(np.degrees(2 * np.arctan(height / 2 / focal))))
    if num_frames == 1:  # the middle of a move, which a still would show, is not where this one begins
        move, keys = None, ()
    camera = CameraMove.along(keys) if keys else CameraMove(move or "static")
    cameras, matrices = camera_path(camera, framing, width=width, height=height, num_frames=num_frames, real=False)
    seen_from_first = np.linalg.inv(cameras[0]) @ cameras
    seen_from_first[0] = np.eye(4)
    intrinsics = np.stack([matrices[:, 0, 0], matrices[:, 1, 1], matrices[:, 0, 2], matrices[:, 1, 2]], axis=1)
    intrinsics[:, :2] *= focal / intrinsics[0, :2]
    return seen_from_first.astype(np.float32), intrinsics.astype(np.float32)

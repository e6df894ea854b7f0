"""A shot that was drawn, for its sound: the animatic's own stage says who is where when, and what the camera sees."""

import math
from dataclasses import dataclass, replace

import numpy as np

from generation.engine.foley.ear import Ear
from generation.engine.foley.movers import Mover, mover_of
from generation.engine.foley.things import Thing
from generation.engine.world.motion import JOINTS
from generation.engine.world.scene import CameraMove, Scene
from generation.engine.world.stage import set_stage

FINE = 100  # moments a second: feet come down between frames
MOST = 12_000  # moments: of shots that go on for minutes fewer a second are looked at
JOINTS_OF_THING = 2


@dataclass(frozen=True, eq=False)
class Told:
    """What a shot tells the sound stage."""

    ear: Ear
    movers: tuple[Mover, ...]
    things: tuple[Thing, ...]


def told_by(scene: Scene, seed: int, *, aspect: float, frames: int, shot_frames: int, fps: int) -> Told:
    """Lay out the first `frames` of a shot of `shot_frames`."""
    # Light and weather move nobody, and their sparks would fill memory.
    plain = replace(scene, time_of_day="day", weather="clear")
    width, height = round(1000 * aspect), 1000
    pictures = set_stage(
        [plain], [seed], width=width, height=height, num_frames=frames, fps=fps, shot_frames=shot_frames
    )
    finer = max(1, min(math.ceil(FINE / fps), MOST // frames))
    still = replace(plain, camera=CameraMove())
    stage = set_stage(
        [still], [seed], width=width, height=height, num_frames=(frames - 1) * finer + 1, fps=fps * finer,
        shot_frames=(shot_frames - 1) * finer + 1,
    )  # fmt: skip
    seconds = np.arange(stage.num_frames) / (fps * finer)
    at = np.arange(frames) / fps

    def between(values):
        flat = values.reshape(frames, -1)
        return np.stack([np.interp(seconds, at, column) for column in flat.T], 1).reshape(-1, *values.shape[1:])

    camera = between(pictures.camera_to_world[0].numpy())
    focal = between(pictures.intrinsics[0, :, :1, 0].numpy())[:, 0] / height
    ear = Ear(seconds, camera, focal, aspect)
    linear = stage.mover_linear.numpy().astype(np.float64).transpose(1, 0, 2, 3)  # (F, M, 3, 3)
    shift = stage.mover_shift.numpy().astype(np.float64).transpose(1, 0, 2)
    movers, things, first = [], [], 1  # joint 0 is the world itself
    for number, character in enumerate(scene.characters):
        joints = slice(first, first + JOINTS)
        movers.append(mover_of(character, number, linear[:, joints], shift[:, joints], seconds, ear))
        first += JOINTS
    for number, prop in enumerate(scene.props):
        swing = np.arcsin(np.clip(linear[:, first + 1, 1, 0], -1, 1))
        things.append(Thing(prop.name, number, ear.hears(shift[:, first] + (0.0, 0.4, 0.0)), seconds, swing))
        first += JOINTS_OF_THING
    return Told(ear, tuple(movers), tuple(things))

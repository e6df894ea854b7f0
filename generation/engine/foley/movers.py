"""What of somebody's movement can be heard: when feet touch the ground, how fast limbs go, the breath of a sleeper.

All of it is read from the joints that draw them, so it is in step with the picture whatever they do.
"""

from dataclasses import dataclass

import numpy as np

from generation.engine.foley.ear import Ear, Heard
from generation.engine.foley.noise import Key, chance
from generation.engine.world import characters, motion
from generation.engine.world.characters import body_of
from generation.engine.world.motion import ARM_L, ARM_R, LEG_L, LEG_R, ROOT
from generation.engine.world.scene import Character

LEAST_STEP = 0.03  # metres: who rises less has not lifted a foot
ON_GROUND = 0.02
FARTHEST = 1.4  # metres to each side that somebody goes where no picture says more


@dataclass(frozen=True)
class Contact:
    """A foot comes down: when, in seconds, how hard (1: as in walking), and which (0 left, 1 right)."""

    at: float
    strength: float
    foot: int


@dataclass(frozen=True, eq=False)
class Mover:
    """One of the cast, at `seconds` (F,). limbs: how fast hands and feet go about the body, metres a second (F,).
    stroke: how fast they beat downwards (F,). swelling: of the chest, shares of its height a second (F,)."""

    character: Character
    number: int
    weight: float
    height: float
    quadruped: bool
    seconds: np.ndarray
    heard: Heard
    contacts: tuple[Contact, ...]
    limbs: np.ndarray
    stroke: np.ndarray
    swelling: np.ndarray


# How heavily somebody of a metre treads; the others by their size.
TREADS = {
    "elephant": 2.2, "dragon": 1.6, "bear": 1.5, "robot": 1.45, "knight": 1.3, "unicorn": 1.25, "astronaut": 1.15,
    "pig": 1.05, "mouse": 0.3, "bunny": 0.5, "cat": 0.35, "fox": 0.5, "owl": 0.4, "frog": 0.5, "turtle": 0.7,
}  # fmt: skip


def mover_of(
    character: Character, number: int, linear: np.ndarray, shift: np.ndarray, seconds: np.ndarray, ear: Ear
) -> Mover:
    """One of the cast from its joints over time: linear (F, J, 3, 3), shift (F, J, 3), as in `motion`."""
    body = body_of(character.species, character.accessory, character.accessory_color)
    root = linear[:, ROOT]
    squash = np.linalg.norm(root[:, :, 1], axis=1)
    lift = shift[:, ROOT, 1] - body.hip + root[:, 1, 1] / squash * body.hip
    hips = shift[:, ROOT] + root[:, :, 1] * body.hip
    step = np.gradient(seconds)[:, None]
    limbs, stroke = np.zeros(len(seconds)), np.zeros(len(seconds))
    for joint, reach in ((ARM_L, 0.3), (ARM_R, 0.3), (LEG_L, body.hip), (LEG_R, body.hip)):
        tip = body.pivots[joint] - (0.0, reach, 0.0)
        velocity = np.gradient(linear[:, joint] @ tip + shift[:, joint] - hips, axis=0) / step
        limbs += 0.25 * np.linalg.norm(velocity, axis=1)
        stroke += 0.25 * np.maximum(0.0, -velocity[:, 1]) * (joint in (ARM_L, ARM_R)) * 2
    return Mover(
        character,
        number,
        weight=TREADS.get(character.species, 0.9),
        height=body.height,
        quadruped=body.quadruped,
        seconds=seconds,
        heard=ear.hears(hips),
        contacts=tuple(_contacts(lift, linear, seconds)) if character.action not in ("fly", "swim") else (),
        limbs=limbs,
        stroke=stroke,
        swelling=np.gradient(squash) / step[:, 0],
    )


def _contacts(lift, linear, seconds):
    """Where somebody who had risen comes down again. The foot that is in front is the one that steps."""
    highest = lift[: np.searchsorted(seconds, 0.6)].max()  # one that was up before the shot comes down in it
    for index in range(1, len(lift) - 1):
        highest = max(highest, lift[index])
        down = lift[index] < lift[index - 1] and lift[index] <= lift[index + 1]
        if down and lift[index] < ON_GROUND and highest - lift[index] > LEAST_STEP:
            forward = [linear[index, joint, 1, 2] for joint in (LEG_L, LEG_R)]  # how far a leg's front points up
            yield Contact(
                float(seconds[index]), float(np.sqrt((highest - lift[index]) / 0.045)), int(np.argmax(forward))
            )
            highest = lift[index]


def unseen_mover(character: Character, number: int, of: int, seconds: np.ndarray, ear: Ear, key: Key) -> Mover:
    """One of the cast where there is no picture: side by side; who goes somewhere goes round and comes by again."""
    rng = chance((*key, "cast", number))
    body = body_of(character.species, character.accessory, character.accessory_color)
    position = np.zeros((len(seconds), 3))
    position[:, 0] = (number - (of - 1) / 2) * 0.9
    heading = np.zeros(len(seconds))
    if character.action in motion.GAIT:
        _, speed = motion.GAIT[character.action]
        way, angle = rng.choice((-1.0, 1.0)), rng.uniform(0, 2 * np.pi) + 0.8 * number
        around = way * speed * min(1.0, body.height / 1.1) * seconds / (0.75 * FARTHEST) + angle
        position[:, 0], position[:, 2] = FARTHEST * np.sin(around), 0.5 * FARTHEST * np.cos(around)
        heading = np.arctan2(way * np.cos(around), -0.5 * way * np.sin(around))
    pose = motion.pose_of(
        character.action, seconds, phase=rng.uniform(0, 2 * np.pi), blink=1.0, quadruped=body.quadruped
    )
    if character.species in characters.HOVERING:
        position[:, 1] = 0.1
    linear, shift = motion.joint_transforms(pose, body.pivots, body.hip, position, heading)
    return mover_of(character, number, linear, shift, seconds, ear)

"""How characters move: each action is a set of channels over time, and the channels turn and shift thirteen joints.

Channels are (F,) arrays for one character; angles in radians, lengths in metres, time in seconds. Vectorised over the
frames of a character, which keeps each action readable as a few lines of choreography.
"""

import numpy as np

(ROOT, BODY, HEAD, ARM_L, ARM_R, LEG_L, LEG_R, TAIL, EAR_L, EAR_R, WING_L, WING_R, EYES, LIDS, DREAM) = range(15)
JOINTS = 15
TAU = 2 * np.pi

CHANNELS = (
    "lift",
    "lean",
    "tip",
    "turn",
    "squash",
    "drop",
    "bend",
    "sway",
    "twist",
    "nod",
    "look",
    "cock",
    "arm_l",
    "arm_r",
    "raise_l",
    "raise_r",
    "leg_l",
    "leg_r",
    "wag",
    "tail_up",
    "ear",
    "flap",
    "eyes",
    "dream",
)
GAIT = {"walk": (1.7, 0.75), "run": (2.7, 1.5), "fly": (1.0, 0.75), "swim": (1.2, 0.55)}  # strides and metres a second


class Pose:
    """The channels of one character: attributes of shape (F,), at rest but for a breath, a blink and a swaying tail.

    lift: metres off the ground. lean, tip: the whole body forward and sideways. turn: about y. squash: height factor.
    drop, bend, sway, twist: the trunk down, forward, sideways, about y. nod, look, cock: the head. arm, leg: forward.
    raise: the arm sideways up. wag, tail_up, ear, flap: tail, ears, wings. eyes: 1 open, 0 closed.
    """

    def __init__(self, seconds, phase, blink):
        zero = np.zeros_like(seconds)
        for channel in CHANNELS:
            setattr(self, channel, zero.copy())
        breath = np.sin(TAU * 0.42 * seconds + phase)
        self.squash = 1 + 0.012 * breath
        self.nod = 0.025 * breath
        self.wag = 0.35 * np.sin(TAU * 0.9 * seconds + phase)
        self.raise_l = 0.05 * breath
        self.raise_r = 0.05 * breath
        self.ear = 0.05 * np.sin(TAU * 0.6 * seconds + phase)
        self.flap = 0.12 * np.sin(TAU * 0.5 * seconds + phase)
        # Eyes close for an eighth of a second every three seconds or so.
        self.eyes = np.where(np.mod(seconds + blink, 2.9) < 0.13, 0.0, 1.0)


def pose_of(action: str, seconds: np.ndarray, *, phase: float, blink: float, quadruped: bool) -> Pose:
    """The pose of an action at each moment of `seconds` (F,)."""
    pose = Pose(seconds, phase, blink)
    ACTS[action](pose, seconds, phase, quadruped)
    return pose


def stand(pose, t, phase, quadruped):
    pose.look = 0.12 * np.sin(TAU * 0.22 * t + phase)
    pose.cock = 0.06 * np.sin(TAU * 0.31 * t + phase)


def walk(pose, t, phase, quadruped):
    beat = TAU * GAIT["walk"][0] * t + phase
    _stride(pose, beat, quadruped, swing=0.65, bounce=0.045)
    pose.tip = 0.045 * np.sin(beat)
    pose.lean = np.full_like(t, 0.04)


def run(pose, t, phase, quadruped):
    beat = TAU * GAIT["run"][0] * t + phase
    _stride(pose, beat, quadruped, swing=1.05, bounce=0.11)
    pose.lean = np.full_like(t, 0.08 if quadruped else 0.26)
    pose.nod = np.full_like(t, -0.12)
    pose.squash = 1 + 0.05 * np.cos(2 * beat)


def jump(pose, t, phase, quadruped):
    cycle = np.mod(t / 0.85 + phase / TAU, 1.0)
    air = np.clip((cycle - 0.28) / 0.60, 0, 1)
    height = 4 * air * (1 - air)
    crouch = np.clip(1 - np.abs(cycle - 0.14) / 0.14, 0, 1) + 0.6 * np.clip(1 - np.abs(cycle - 0.93) / 0.07, 0, 1)
    pose.lift = 0.55 * height
    pose.squash = 1 + 0.10 * height - 0.20 * crouch
    pose.raise_l = pose.raise_r = 1.9 * height - 0.1
    pose.leg_l = pose.leg_r = 0.45 * height
    pose.ear = -0.4 * np.cos(TAU * air) * (height > 0)
    pose.flap = 0.8 * height


def dance(pose, t, phase, quadruped):
    beat = TAU * 1.05 * t + phase
    pose.lift = 0.09 * np.abs(np.sin(beat))
    pose.tip = 0.16 * np.sin(beat)
    pose.turn = 0.45 * np.sin(beat / 2)
    pose.sway = 0.14 * np.sin(beat)
    pose.cock = -0.22 * np.sin(beat)
    pose.raise_l = 1.3 + 0.8 * np.sin(beat)
    pose.raise_r = 1.3 - 0.8 * np.sin(beat)
    pose.leg_l = 0.45 * np.maximum(0, np.sin(beat))
    pose.leg_r = 0.45 * np.maximum(0, -np.sin(beat))
    pose.wag = 0.6 * np.sin(2 * beat)
    pose.squash = 1 - 0.06 * np.cos(2 * beat)
    pose.flap = 0.5 * np.sin(2 * beat)
    if quadruped:
        pose.arm_l, pose.arm_r = 0.7 * np.maximum(0, np.sin(beat)), 0.7 * np.maximum(0, -np.sin(beat))


def sit(pose, t, phase, quadruped):
    pose.look = 0.15 * np.sin(TAU * 0.2 * t + phase)
    if quadruped:
        pose.bend = np.full_like(t, -0.42)
        pose.leg_l = pose.leg_r = np.full_like(t, 1.15)
        pose.nod = pose.nod + 0.32
        pose.drop = np.full_like(t, 0.10)
        pose.arm_l = pose.arm_r = np.full_like(t, 0.1)
    else:
        pose.drop = np.full_like(t, 1.0)  # as far as this body's legs are long
        pose.leg_l = pose.leg_r = np.full_like(t, 1.45)
        pose.arm_l = pose.arm_r = np.full_like(t, 0.3)


def sleep(pose, t, phase, quadruped):
    breath = np.sin(TAU * 0.33 * t + phase)
    sit(pose, t, phase, quadruped)
    pose.look = np.zeros_like(t)
    pose.eyes = np.zeros_like(t)
    pose.squash = 0.93 + 0.028 * breath
    pose.nod = 0.30 + 0.04 * breath
    pose.cock = np.full_like(t, 0.30)
    pose.wag = np.full_like(t, 0.3)
    pose.tip = np.full_like(t, 0.05)
    pose.dream = np.ones_like(t)
    if quadruped:
        pose.bend = np.zeros_like(t)
        pose.drop = np.ones_like(t)
        pose.arm_l = pose.arm_r = np.full_like(t, 1.4)


def wave(pose, t, phase, quadruped):
    swing = np.sin(TAU * 1.9 * t + phase)
    pose.raise_r = 2.35 + 0.42 * swing
    pose.cock = -0.16 + 0.04 * swing
    pose.sway = np.full_like(t, -0.07)
    pose.lift = 0.02 * np.abs(swing)
    if quadruped:
        pose.raise_r = 0.5 + 0.35 * swing
        pose.arm_r = np.full_like(t, 1.35)
        pose.bend = np.full_like(t, -0.14)


def spin(pose, t, phase, quadruped):
    pose.turn = TAU * 0.62 * t + phase
    pose.raise_l = pose.raise_r = np.full_like(t, 1.25)
    pose.lift = 0.05 * np.abs(np.sin(TAU * 1.24 * t))
    pose.leg_r = np.full_like(t, 0.4)
    pose.flap = np.full_like(t, 0.5)
    pose.ear = np.full_like(t, 0.25)


def look_around(pose, t, phase, quadruped):
    sweep = np.sin(TAU * 0.42 * t + phase)
    held = np.sign(sweep) * np.abs(sweep) ** 0.45  # looks one way, waits, looks the other way
    pose.look = 0.62 * held
    pose.twist = 0.16 * held
    pose.cock = 0.10 * held
    pose.nod = -0.08 + 0.06 * np.cos(TAU * 0.42 * t + phase)


def fly(pose, t, phase, quadruped):
    beat = TAU * 2.1 * t + phase
    pose.lift = 0.62 + 0.10 * np.sin(TAU * 0.55 * t + phase)
    pose.lean = 0.42 + 0.06 * np.sin(TAU * 0.55 * t + phase)
    pose.tip = 0.10 * np.sin(TAU * 0.4 * t + phase)
    pose.nod = np.full_like(t, -0.38)
    pose.flap = 0.85 * np.sin(beat)
    pose.raise_l = pose.raise_r = 1.45 + 0.30 * np.sin(beat)
    pose.leg_l, pose.leg_r = -0.55 + 0.1 * np.sin(beat), -0.55 - 0.1 * np.sin(beat)
    pose.ear = 0.25 + 0.15 * np.sin(beat)
    pose.tail_up = 0.2 * np.sin(beat)


def nod(pose, t, phase, quadruped):
    pose.nod = 0.10 + 0.30 * np.sin(TAU * 1.15 * t + phase)
    pose.bend = 0.05 + 0.05 * np.sin(TAU * 1.15 * t + phase)


def bow(pose, t, phase, quadruped):
    depth = 0.5 - 0.5 * np.cos(TAU * 0.42 * t + 0.4 * np.sin(phase))
    depth = depth * depth * (3 - 2 * depth)
    pose.bend = (0.35 if quadruped else 0.85) * depth
    pose.nod = 0.35 * depth
    pose.raise_l = 0.9 * depth
    pose.arm_r = 0.9 * depth
    pose.eyes = np.where(depth > 0.75, 0.0, pose.eyes)
    pose.tail_up = 0.5 * depth


def swim(pose, t, phase, quadruped):
    beat = TAU * GAIT["swim"][0] * t + phase
    pose.lift = 0.05 * np.sin(beat)
    pose.lean = np.full_like(t, 0.30 if quadruped else 0.85)
    pose.nod = np.full_like(t, -0.20 if quadruped else -0.70)
    pose.tip = 0.09 * np.sin(beat)
    pose.raise_l, pose.raise_r = 1.5 + 0.3 * np.sin(beat), 1.5 - 0.3 * np.sin(beat)
    pose.arm_l, pose.arm_r = 1.2 * np.sin(beat), -1.2 * np.sin(beat)
    pose.leg_l, pose.leg_r = -0.3 + 0.45 * np.sin(2 * beat), -0.3 - 0.45 * np.sin(2 * beat)
    pose.wag = 0.7 * np.sin(beat)
    pose.flap = 0.4 * np.sin(beat)


ACTS = {
    "stand": stand,
    "walk": walk,
    "run": run,
    "jump": jump,
    "dance": dance,
    "sit": sit,
    "sleep": sleep,
    "wave": wave,
    "spin": spin,
    "look around": look_around,
    "fly": fly,
    "nod": nod,
    "bow": bow,
    "swim": swim,
}


def _stride(pose, beat, quadruped, *, swing, bounce):
    pose.leg_l, pose.leg_r = swing * np.sin(beat), -swing * np.sin(beat)
    pose.arm_l, pose.arm_r = -0.8 * swing * np.sin(beat), 0.8 * swing * np.sin(beat)
    if quadruped:  # a trot: front left goes with back right
        pose.arm_l, pose.arm_r = -swing * np.sin(beat), swing * np.sin(beat)
    pose.lift = bounce * np.abs(np.cos(beat))
    pose.wag = 0.5 * np.sin(beat)
    pose.twist = 0.08 * np.sin(beat)
    pose.ear = 0.18 * np.cos(2 * beat)
    pose.flap = 0.25 * np.sin(2 * beat)


def joint_transforms(pose: Pose, pivots: np.ndarray, hip: float, position: np.ndarray, heading: np.ndarray):
    """Joints as affine maps into the world: linear (F, J, 3, 3) and shift (F, J, 3).

    pivots: (J, 3) at rest. hip: metres from the ground to the hips, which is how far a sitting body comes down.
    position: (F, 3) of the feet. heading: (F,) radians about y, 0 facing +z.
    """
    frames = len(heading)
    linear = np.zeros((frames, JOINTS, 3, 3))
    shift = np.zeros((frames, JOINTS, 3))
    zero = np.zeros(frames)

    def put(joint, rotation, parent, offset=None):
        """Turn `joint` about its pivot, within its parent."""
        pivot = pivots[joint]
        local = pivot - np.einsum("fij,j->fi", rotation, pivot)
        if offset is not None:
            local = local + offset
        linear[:, joint] = linear[:, parent] @ rotation
        shift[:, joint] = shift[:, parent] + np.einsum("fij,fj->fi", linear[:, parent], local)

    whole = _rotation(zero, heading + pose.turn, zero) @ _rotation(pose.lean, zero, pose.tip)
    wide = 1 / np.sqrt(pose.squash)
    scale = np.stack([wide, pose.squash, wide], axis=-1)
    linear[:, ROOT] = whole * scale[:, None, :]
    shift[:, ROOT] = position + np.stack([zero, pose.lift, zero], axis=-1)
    lean_about = np.array([0.0, hip, 0.0])  # lean about the hips, so that feet stay where they stand
    shift[:, ROOT] += lean_about - np.einsum("fij,j->fi", whole, lean_about)

    drop = np.where(pose.drop > 0.5, hip * 0.82, pose.drop)
    shift[:, ROOT, 1] -= drop
    put(BODY, _rotation(pose.bend, pose.twist, pose.sway), ROOT)
    put(LEG_L, _rotation(-pose.leg_l, zero, zero), ROOT)
    put(LEG_R, _rotation(-pose.leg_r, zero, zero), ROOT)
    put(HEAD, _rotation(pose.nod, pose.look, pose.cock), BODY)
    put(ARM_L, _rotation(-pose.arm_l, zero, pose.raise_l), BODY)
    put(ARM_R, _rotation(-pose.arm_r, zero, -pose.raise_r), BODY)
    put(TAIL, _rotation(pose.tail_up, pose.wag, zero), BODY)
    put(WING_L, _rotation(zero, zero, pose.flap), BODY)
    put(WING_R, _rotation(zero, zero, -pose.flap), BODY)
    put(EAR_L, _rotation(zero, zero, -pose.ear), HEAD)
    put(EAR_R, _rotation(zero, zero, pose.ear), HEAD)
    for joint, shown in ((EYES, pose.eyes > 0.5), (LIDS, pose.eyes <= 0.5), (DREAM, pose.dream > 0.5)):
        linear[:, joint] = linear[:, HEAD] * shown[:, None, None]
        shift[:, joint] = shift[:, HEAD]
    return linear, shift


def _rotation(pitch, yaw, roll):
    """Rotations (F, 3, 3): roll about z first, then pitch about x, then yaw about y."""
    cx, sx, cy, sy, cz, sz = np.cos(pitch), np.sin(pitch), np.cos(yaw), np.sin(yaw), np.cos(roll), np.sin(roll)
    return np.stack(
        [
            cy * cz + sy * sx * sz, -cy * sz + sy * sx * cz, sy * cx,
            cx * sz, cx * cz, -sx,
            -sy * cz + cy * sx * sz, sy * sz + cy * sx * cz, cy * cx,
        ],
        axis=-1,
    ).reshape(-1, 3, 3)  # fmt: skip

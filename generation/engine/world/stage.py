"""A scene laid out for the camera: parts, joints over time, light, camera matrices, as arrays.

One clip takes about a millisecond to lay out; many are stacked into one Stage, so that a batch is rendered at once.
"""

from dataclasses import dataclass, field, fields

import numpy as np
import torch

from generation.engine.world import camera, characters, motion, objects, palette, places, weather
from generation.engine.world.characters import body_of
from generation.engine.world.rays import CLIPPED_BALL
from generation.engine.world.scene import Scene
from generation.engine.world.shapes import BALL

SHADOW_WINDOW = 5.0  # metres each way around the scene's middle that moving shadows may fall on
THROUGH_WATER = {"lake": 0.0, "beach": 0.0}


@dataclass(frozen=True, eq=False)
class Stage:
    """B clips of F frames, ready to be drawn. Parts of one clip are contiguous: first[b] to first[b + 1]."""

    width: int
    height: int
    num_frames: int
    start: int  # the frame of the shot with which the clips begin
    scenes: tuple[Scene, ...]
    seconds: torch.Tensor  # (F,)
    camera_to_world: torch.Tensor  # (B, F, 4, 4) float64
    intrinsics: torch.Tensor  # (B, F, 3, 3) float64
    first: torch.Tensor  # (B + 1,)
    kind: torch.Tensor  # (P,)
    centre: torch.Tensor  # (P, 3)
    linear: torch.Tensor  # (P, 3, 3)
    shape: torch.Tensor  # (P, 3)
    color: torch.Tensor  # (P, 3) linear light
    gloss: torch.Tensor  # (P,)
    glow: torch.Tensor  # (P,)
    casts: torch.Tensor  # (P,)
    number: torch.Tensor  # (P,) see `numbering`
    entity: torch.Tensor  # (P,) 0 place, then characters and props in order
    mover: torch.Tensor  # (P,) which joint moves it; 0 stands still
    mover_linear: torch.Tensor  # (M, F, 3, 3)
    mover_shift: torch.Tensor  # (M, F, 3)
    place: torch.Tensor  # (B,)
    light: dict[str, torch.Tensor]  # (B, ...) the fields of palette.Light
    lamps: torch.Tensor  # (B, 2, 7) position, colour, reach of up to two lamps
    pond: torch.Tensor  # (B, 3) middle and radius of the water somebody swims in; radius 0: none
    phase: torch.Tensor  # (B,) moves patterns and noise from clip to clip
    sparks: weather.Sparks
    kept: dict = field(default_factory=dict)  # what is drawn once a clip: the shadows of what stands still

    def to(self, device) -> "Stage":
        return Stage(**{column.name: _moved(getattr(self, column.name), device) for column in fields(self)})


def _moved(value, device):
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {name: tensor.to(device) for name, tensor in value.items()}
    return value.to(device) if isinstance(value, weather.Sparks) else value


def set_stage(
    scenes: list[Scene],
    seeds: list[int],
    *,
    width: int,
    height: int,
    num_frames: int,
    fps: int,
    start: int = 0,
    shot_frames: int | None = None,
    framed: tuple[float, float, float, float] | None = None,
    device="cpu",
) -> Stage:
    """Lay out scenes. Equal scenes and seeds give equal stages, whatever else is in the list.

    `start`: the frame of the shot with which the clips begin, less than 0 for what comes before it. `shot_frames`: how
    long the shot is whose camera path and ways these are, if it does not end with the clips. Before its first frame the
    camera waits where it begins, after its last it stays where it came to rest; everybody does what they do all along.
    `framed`: the part (x, y, width, height) of the picture, in pixels, that the shot is framed for, if not all of it;
    the camera sees on around it.
    """
    at = start + np.arange(num_frames)
    rigs = _Rigs(num_frames)
    shot = _Shot(shot_frames or start + num_frames, fps)
    framed = framed or (0, 0, width, height)
    clips = [_lay_out(scene, seed, rigs, at, shot, framed) for scene, seed in zip(scenes, seeds, strict=True)]
    tables = [table for clip in clips for table in clip["tables"]]
    repeats = np.array([len(table) for table in tables])
    counts = [sum(len(table) for table in clip["tables"]) for clip in clips]

    def stacked(name):
        return np.concatenate([getattr(table, name) for table in tables])

    def per_clip(name):
        return torch.tensor(np.stack([clip[name] for clip in clips]))

    kind, shape = stacked("kind"), stacked("shape")
    kind[(kind == BALL) & ((shape[:, 1] > -1) | (shape[:, 2] < 1))] = CLIPPED_BALL
    main = np.repeat(np.concatenate([clip["mains"] for clip in clips]), repeats, axis=0)
    srgb = np.clip(stacked("fixed") + stacked("tint")[:, None] * main, 0, 1)
    glow = stacked("glow")
    night = np.repeat([clip["light"].night for clip in clips], counts)
    glow = np.where(glow < 0, -glow * night, glow)  # lamps and windows: lit when it is dark
    mover = np.concatenate([clip["movers"] for clip in clips])
    lights = [clip["light"] for clip in clips]
    stage = Stage(
        width=width,
        height=height,
        num_frames=num_frames,
        start=start,
        scenes=tuple(scenes),
        seconds=torch.tensor(at / fps, dtype=torch.float32),
        camera_to_world=per_clip("camera_to_world"),
        intrinsics=per_clip("intrinsics"),
        first=torch.tensor(np.cumsum([0, *counts])),
        kind=torch.tensor(kind),
        centre=torch.tensor(stacked("centre")),
        linear=torch.tensor(stacked("linear")),
        shape=torch.tensor(shape),
        color=torch.tensor(palette.linear(srgb)),
        gloss=torch.tensor(stacked("gloss")),
        glow=torch.tensor(glow.astype(np.float32)),
        casts=torch.tensor(stacked("casts")),
        number=torch.tensor(stacked("number").astype(np.int16)),
        entity=torch.tensor(np.repeat(np.concatenate([clip["entities"] for clip in clips]), repeats)),
        mover=torch.tensor(mover),
        mover_linear=torch.tensor(np.stack(rigs.linear), dtype=torch.float32),
        mover_shift=torch.tensor(np.stack(rigs.shift), dtype=torch.float32),
        place=torch.tensor([clip["place"] for clip in clips]),
        light={
            column.name: torch.tensor([getattr(light, column.name) for light in lights], dtype=torch.float32)
            for column in fields(palette.Light)
        },
        lamps=per_clip("lamps").float(),
        pond=per_clip("pond").float(),
        phase=per_clip("phase").float(),
        sparks=weather.gather([clip["sparks"] for clip in clips]),
    )
    return stage.to(device)


@dataclass(frozen=True)
class _Shot:
    """How long a shot is: what its camera and those who travel in it go by, however much of it is laid out."""

    frames: int
    fps: int

    @property
    def seconds(self):
        """From its first frame to its last; half a second for a still."""
        return (self.frames - 1) / self.fps if self.frames > 1 else 0.5


@dataclass(frozen=True)
class _Course:
    """Where those who travel go, the same for all of a clip, so that they do not run into each other.

    way: 1 to the right, -1 to the left. slant in [0, 1]: how much across. start: radians, where an oval begins.
    """

    way: float
    slant: float
    start: float


class _Rigs:
    """All joints of all clips as affine maps over time; number 0 is the world itself."""

    def __init__(self, num_frames):
        self.linear = [np.repeat(np.eye(3)[None], num_frames, axis=0)]
        self.shift = [np.zeros((num_frames, 3))]

    def add(self, linear, shift):
        """Add joints (F, J, 3, 3), (F, J, 3); return the number of the first."""
        first = len(self.linear)
        self.linear.extend(linear.transpose(1, 0, 2, 3))
        self.shift.extend(shift.transpose(1, 0, 2))
        return first


def _lay_out(scene, seed, rigs, at, shot, framed):
    """One clip, frames `at` (F,) of a shot: who stands where, what the camera sees of it, and what grows around."""
    seconds = at / shot.fps
    left, top, width, height = framed
    rng = np.random.default_rng([seed, 20])
    place = places.PLACES[scene.place]
    light = place.light(scene.time_of_day, scene.weather)
    aspect = width / height
    course = _Course(rng.choice((-1.0, 1.0)), rng.uniform(), rng.uniform(0, 2 * np.pi))
    spots = _arrangement(scene, rng, aspect, course)
    span = _span(scene, spots)
    framing = _framing(span, aspect, place, rng)
    path, lens = camera.camera_path(scene.camera, framing, width=width, height=height, num_frames=shot.frames)
    lens[:, :2, 2] += left, top
    moving = np.clip(at, 0, shot.frames - 1)  # before the shot its first pose, after its end its last
    tables, mains, movers, entities = [], [], [], []
    lamps = []
    swims = False
    for index, character in enumerate(scene.characters):
        x, z, heading = spots[index]
        body = body_of(character.species, character.accessory, character.accessory_color)
        travel = _travel(character, course, seconds, shot, np.array([x, 0.0, z]), heading, span, aspect, place)
        position, turned, extra = travel
        swims |= extra
        pose = motion.pose_of(
            character.action,
            seconds,
            phase=rng.uniform(0, 2 * np.pi),
            blink=rng.uniform(0.3, 2.6),
            quadruped=body.quadruped,
        )
        if character.species in characters.HOVERING and character.action not in ("fly", "swim"):
            pose.lift = pose.lift + 0.10 + 0.05 * np.sin(2.6 * seconds + x)
        first = rigs.add(*motion.joint_transforms(pose, body.pivots, body.hip, position, turned))
        tables.append(body.table)
        movers.append(body.table.joint + first)
        mains.append(palette.COLOR_VALUES[character.color] if character.color else body.own)
        entities.append(1 + index)
    for index, prop in enumerate(scene.props):
        x, z, heading = spots[len(scene.characters) + index]
        thing = objects.thing_of(prop.name)
        linear, shift = objects.sway(prop.name, seconds, np.array([x, 0.0, z]), heading, rng.uniform(0, 2 * np.pi))
        first = rigs.add(linear, shift)
        tables.append(thing.table)
        movers.append(thing.table.joint + first)
        mains.append(palette.COLOR_VALUES[prop.color] if prop.color else thing.own)
        entities.append(1 + len(scene.characters) + index)
        if thing.lamp is not None:
            power = 0.2 + 0.8 * light.night  # by day, a flame hardly lights its surroundings
            lamps.append((x, thing.lamp[0], z + 0.12, *(power * channel for channel in thing.lamp[1]), thing.lamp[2]))
    scenery, scenery_mains, place_lamps = places.scenery(place, rng, path[:, :3, 3], framing.target, spots)
    for table, main in zip(scenery, scenery_mains, strict=True):
        tables.append(table)
        movers.append(np.zeros(len(table), int))
        mains.append(main)
        entities.append(0)
    lamps = (lamps + [lamp for lamp in place_lamps if light.night > 0.3 or lamp[-1] > 5] + [(0.0,) * 7] * 2)[:2]
    return {
        "tables": tables, "mains": np.array(mains, np.float32).reshape(-1, 3), "movers": np.concatenate(movers),
        "entities": np.array(entities), "camera_to_world": path[moving], "intrinsics": lens[moving], "light": light,
        "place": places.index_of(scene.place), "lamps": np.array(lamps), "phase": np.float32(rng.uniform(0, 100)),
        "pond": np.array([0.0, 0.0, 2.1 if swims and not place.liquid else 0.0]),
        "sparks": weather.sparks_of(scene, place, rng, seconds, framing),
    }  # fmt: skip


def _arrangement(scene, rng, aspect, course):
    """Where everybody stands: (x, z, heading) of characters, then props, side by side and turned towards the lens."""
    people = [
        body_of(character.species, character.accessory, character.accessory_color) for character in scene.characters
    ]
    things = [objects.thing_of(prop.name) for prop in scene.props]
    spots = []
    depth_step = 0.0 if aspect > 1.2 else 0.55  # narrow pictures stack people in depth instead
    gap = 0.16 if aspect > 1.2 else 0.0
    widths = [2 * body.half_width for body in people]
    total = sum(widths) + gap * max(0, len(widths) - 1)
    x = -total / 2
    for index, body in enumerate(people):
        middle = x + body.half_width
        side = np.sign(middle) if len(people) > 1 else rng.choice((-1.0, 1.0))
        aside = rng.uniform(0.55, 0.80) if body.quadruped else rng.uniform(0.10, 0.34)  # four legs show from the side
        heading = -side * aside + (0.0 if len(people) > 1 else rng.uniform(-0.1, 0.1))
        z = (
            -depth_step * (index % 2)
            + rng.uniform(-0.06, 0.06)
            - (0.28 if len(people) > 2 and index not in (0, len(people) - 1) else 0.0)
        )
        spots.append([middle, z, heading])
        x += 2 * body.half_width + gap
    # Things stand to one side, then the other; nearer ones in front, high ones behind.
    left, right = -total / 2, total / 2
    side = rng.choice((-1.0, 1.0))
    for index, thing in enumerate(things):
        near = thing.height < 0.5
        z = rng.uniform(0.30, 0.45) if near else rng.uniform(-0.45, -0.25)
        if aspect <= 1.2:
            z = 0.55 if near else -0.8
        if any(character.action in motion.GAIT for character in scene.characters):
            # The way of the travellers comes nearer on the side they go to: stand behind it there, before it here.
            z = -0.95 if side == course.way else 0.75
        margin = 0.10 if aspect > 1.2 else -0.12
        if not people and not index:
            middle = 0.0
            left, right = -thing.half_width, thing.half_width
        elif side > 0:
            middle = right + margin + thing.half_width
            right = middle + thing.half_width
        else:
            middle = left - margin - thing.half_width
            left = middle - thing.half_width
        spots.append([middle, z, rng.uniform(-0.35, 0.35)])
        side = -side
    if spots:
        shift = (left + right) / 2
        spots = [(x - shift, z, heading) for x, z, heading in spots]
    return spots


def _span(scene, spots):
    """Half the width and the height of everything that has to be in the picture, in metres."""
    half, height = 0.35, 0.6
    bodies = [
        body_of(character.species, character.accessory, character.accessory_color) for character in scene.characters
    ]
    things = [objects.thing_of(prop.name) for prop in scene.props]
    for (x, _, _), thing in zip(spots, [*bodies, *things], strict=True):
        half = max(half, abs(x) + thing.half_width)
        height = max(height, thing.height)
    lifted = {"fly": 0.62, "jump": 0.45, "run": 0.1, "swim": 0.3, "sleep": 0.22}
    height += max((lifted.get(character.action, 0.0) for character in scene.characters), default=0.0)
    return half, height


def _framing(span, aspect, place, rng):
    """A camera a little above the eyes' height: the group takes about 60 % of the height, or most of a narrow width."""
    half, height = span
    fov = 34.0 if aspect > 1.2 else 40.0 if aspect > 0.8 else 52.0
    tangent = np.tan(np.radians(fov / 2))
    tall = height / 2 / (0.62 if aspect > 0.8 else 0.40) / tangent
    wide = (half + 0.10) / (0.80 * tangent * aspect)
    distance = float(np.clip(max(tall, wide), 2.4, 14.0))
    aim = height * (0.56 if aspect > 0.8 else 0.62) + (0.045 * distance if aspect <= 1.2 else 0.0)
    yaw = rng.uniform(-0.14, 0.14)
    eye = max(0.45, aim + 0.10 * distance * rng.uniform(0.5, 1.1) * place.eye_height)
    position = np.array([np.sin(yaw) * distance, eye, np.cos(yaw) * distance])
    return camera.Framing(position, np.array([0.0, aim, 0.0]), fov)


def _travel(character, course, seconds, shot, spot, heading, span, aspect, place):
    """Position (F, 3) and heading (F,) of a character, and whether it needs water to swim in.

    Those who go somewhere cross the picture; when the shot is long, they go round in an oval and stay in it.
    """
    swims = character.action == "swim"
    if character.action not in motion.GAIT:
        return np.repeat(spot[None], len(seconds), axis=0), np.full(len(seconds), heading), False
    _, speed = motion.GAIT[character.action]
    speed *= min(
        1.0, body_of(character.species, character.accessory, character.accessory_color).height / 1.1
    )  # small legs, small steps
    way, wide = course.way, aspect > 1.2
    room = np.clip(span[1] * aspect * 0.55, 0.30, 1.15)  # how far to each side they may go
    if shot.seconds <= 3.2:
        # Across and a little nearer; in narrow pictures rather nearer than across; never so far as to leave.
        angle = way * (0.95 + 0.30 * course.slant if wide else 0.30 + 0.20 * course.slant)
        length = min(speed * shot.seconds, 2.1 * room if wide else 1.3)
        direction = np.array([np.sin(angle), 0.0, np.cos(angle)])
        along = length * (seconds / shot.seconds - 0.5)  # before the shot and after its end they walk, too
        position = spot + along[:, None] * direction - (0.0, 0.0, 0.15)
        turned = np.full(len(seconds), angle)
    else:
        depth = 0.55 * room + 0.15
        around = way * speed * seconds / (0.5 * (room + depth)) + course.start
        offset = np.stack([room * np.sin(around), np.zeros_like(around), depth * (np.cos(around) - 0.4)], axis=1)
        position = spot + offset
        turned = np.arctan2(way * room * np.cos(around), -way * depth * np.sin(around))
    if swims and not place.liquid:
        position[:, 1] -= 0.26  # half of the body is under the surface
        position[:, [0, 2]] = spot[[0, 2]] + 0.6 * (position[:, [0, 2]] - spot[[0, 2]])
    elif swims:
        position[:, 1] += 0.40
    return position, turned, swims

"""What the built-in model learns from: scenes of the world, rendered, in shards of safetensors.

A clip is nine frames out of a shot of 25: the first alone, then two groups of four. With it come two more pictures: its
characters and props in another place, pose and light, cut out one by one, and its place without them. They are
the references from which the model learns to take an appearance from a picture.

Everything here is drawn by `engine/world`: there is no third party's work in it.
"""

import itertools
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch.nn.functional import avg_pool2d, grid_sample, interpolate

from generation.engine.painter.codec import CELL
from generation.engine.painter.guide import TOLD, Guide, guide_of
from generation.engine.request import CAMERA_MOVES
from generation.engine.training.cores import on_every_core
from generation.engine.training.run import Run
from generation.engine.world import vocabulary
from generation.engine.world.camera import USUAL_AMOUNTS
from generation.engine.world.render import Rendering, draw, draw_in_order
from generation.engine.world.scene import CameraMove, Character, Prop, Scene
from generation.engine.world.stage import set_stage

SHAPES = ((256, 144), (144, 256), (192, 192))  # width, height: the same number of tokens each
SHAPE_SHARES = (0.76, 0.14, 0.10)
SHOT_FRAMES, CLIP_FRAMES, FPS = 25, 9, 12
ENTITIES = 5
CROP = 64  # pixels: side of an entity's reference picture
PLACE_PICTURE = (128, 72)
SHARD = 32  # clips
CLOSER = 16  # every so many shards show parts of pictures twice as large, for clips are painted in both sizes
SEEN_WELL = 60  # pixels: an entity with fewer in its reference picture has none


def held_out(name: str, color: str | None) -> bool:
    """Whether a species or object is never seen in this colour while training, one pair in eight."""
    if color is None:
        return False
    names = vocabulary.SPECIES + vocabulary.OBJECTS
    return (3 * names.index(name) + 5 * vocabulary.COLORS.index(color)) % 8 == 0


def random_scene(rng: np.random.Generator) -> Scene:
    """A scene as prompts ask for them, without any held-out pair."""
    look = rng.choice(vocabulary.LOOKS, p=(0.85, 0.05, 0.05, 0.05))
    weather = rng.choice(vocabulary.WEATHERS, p=(0.72, 0.07, 0.07, 0.07, 0.07))
    move = str(rng.choice(CAMERA_MOVES))
    usual = USUAL_AMOUNTS[move.split()[0]]
    amount = None
    if move != "static" and rng.random() < 0.6:
        amount = usual * float(rng.uniform(0.5, 1.4)) if "zoom" not in move else float(rng.uniform(1.2, 2.0))
    characters = tuple(random_character(rng) for _ in range(rng.choice(4, p=(0.06, 0.58, 0.27, 0.09))))
    least = 1 if not characters else 0
    props = tuple(random_prop(rng) for _ in range(rng.choice((least, 1, 2), p=(0.3, 0.48, 0.22))))
    return Scene(
        place=str(rng.choice(vocabulary.PLACES)),
        time_of_day=str(rng.choice(vocabulary.TIMES_OF_DAY, p=(0.2, 0.4, 0.2, 0.2))),
        weather=str(weather),
        look=str(look),
        characters=characters,
        props=props,
        camera=CameraMove(move, amount),
    )


def random_character(rng) -> Character:
    """Somebody of any species, in a colour that is not held out for it."""
    species = str(rng.choice(vocabulary.SPECIES))
    accessory = str(rng.choice(vocabulary.ACCESSORIES)) if rng.random() < 0.35 else None
    return Character(
        species,
        color=_color(rng, species, own=0.12),
        accessory=accessory,
        action=str(rng.choice(vocabulary.ACTIONS)),
        accessory_color=str(rng.choice(vocabulary.COLORS)) if accessory and rng.random() < 0.5 else None,
    )


def random_prop(rng) -> Prop:
    """A thing in a colour that is not held out for it."""
    name = str(rng.choice(vocabulary.OBJECTS))
    return Prop(name, _color(rng, name, own=0.2))


def _color(rng, name, own):
    if rng.random() < own:
        return None
    return str(rng.choice([color for color in vocabulary.COLORS if not held_out(name, color)]))


def elsewhere(scene: Scene, rng) -> Scene:
    """The same characters and props in another shot: place, time, actions and camera differ."""
    return replace(
        scene,
        place=str(rng.choice(vocabulary.PLACES)),
        time_of_day=str(rng.choice(vocabulary.TIMES_OF_DAY, p=(0.2, 0.5, 0.2, 0.1))),
        weather="clear",
        look="clay",
        camera=CameraMove(str(rng.choice(CAMERA_MOVES))),
        characters=tuple(
            replace(character, action=str(rng.choice(vocabulary.ACTIONS))) for character in scene.characters
        ),
    )


@dataclass(frozen=True, eq=False)
class Clips:
    """N clips and what is known of them; see `Guide` for the names in TOLD, and `Rendering` for mask and cameras.

    rgb: uint8 (N, F, H, W, 3). portraits: uint8 (N, 5, 64, 64, 4), each entity in another shot, alpha where it is; all
    zero for one that is not well seen there. views: uint8 (N, 72, 128, 3), the place in another shot.
    """

    scenes: tuple[Scene, ...]
    seeds: tuple[int, ...]
    rgb: torch.Tensor
    mask: torch.Tensor
    surface: torch.Tensor
    cover: torch.Tensor
    detail: torch.Tensor
    owner: torch.Tensor
    part: torch.Tensor
    camera_to_world: torch.Tensor
    intrinsics: torch.Tensor
    portraits: torch.Tensor
    views: torch.Tensor


def draw_clips(scenes, seeds, *, shape, frames, device, rng, closer=False) -> Clips:
    """Render the given frames, a list for each clip, of shots of 25, and a reference shot and a view for each.

    `closer`: of pictures twice as wide and high, a part in the given shape.
    """
    width, height = shape
    count = len(scenes)
    others = [elsewhere(scene, rng) for scene in scenes]
    empty = [replace(scene, characters=(), props=(), camera=CameraMove()) for scene in scenes]
    if closer:
        shot = _drawn(list(scenes), list(seeds), (2 * width, 2 * height), frames, device)
        corners = [tuple(int(rng.integers(side // CELL + 1)) * CELL for side in (height, width)) for _ in scenes]
        shot = _parts_of(shot, corners, width, height)
    else:
        shot = _drawn(list(scenes), list(seeds), shape, frames, device)
    middle = [[int(rng.integers(SHOT_FRAMES))] for _ in scenes]
    sheet = _drawn(others, [seed + 500_000_000 for seed in seeds], shape, middle, device)
    view = _drawn(empty, [seed + 900_000_000 for seed in seeds], (256, 144), middle, device)
    guide: Guide = guide_of(shot, ENTITIES)
    small = interpolate(
        view.rgb[:, 0].permute(0, 3, 1, 2).float(), PLACE_PICTURE[::-1], mode="bilinear", antialias=True
    )
    return Clips(
        scenes=tuple(scenes),
        seeds=tuple(seeds),
        rgb=shot.rgb,
        mask=shot.mask,
        surface=guide.surface,
        cover=guide.cover,
        detail=guide.detail,
        owner=guide.owner,
        part=guide.part,
        camera_to_world=shot.camera_to_world,
        intrinsics=shot.intrinsics,
        portraits=torch.stack([portraits(sheet.rgb[index, 0], sheet.mask[index, 0]) for index in range(count)]),
        views=small.round().to(torch.uint8).permute(0, 2, 3, 1),
    )


def _drawn(scenes, seeds, shape, frames, device) -> Rendering:
    """Chosen frames of shots, as many of each."""
    width, height = shape
    stage = set_stage(scenes, seeds, width=width, height=height, num_frames=SHOT_FRAMES, fps=FPS, device=device)
    views = [(clip, frame) for clip, chosen in enumerate(frames) for frame in chosen]
    drawn = list(draw_in_order(stage, views, draw))
    clips, each = len(scenes), len(frames[0])
    channels = (torch.cat(channel).unflatten(0, (clips, each)) for channel in zip(*drawn, strict=True))
    clip, frame = torch.tensor(views, device=stage.camera_to_world.device).T
    cameras = (
        matrix[clip, frame].float().unflatten(0, (clips, each)) for matrix in (stage.camera_to_world, stage.intrinsics)
    )
    return Rendering(*channels, *cameras)


def _parts_of(shot, corners, width, height):
    """Of each clip the part with the given corner (top, left), as if its camera saw no more."""
    parts = []
    for clip, (top, left) in enumerate(corners):
        pictures = {
            name: getattr(shot, name)[clip, :, top : top + height, left : left + width]
            for name in ("rgb", "depth", "mask", "rest", "part")
        }
        intrinsics = shot.intrinsics[clip].clone()
        intrinsics[:, 0, 2] -= left
        intrinsics[:, 1, 2] -= top
        parts.append(pictures | {"camera_to_world": shot.camera_to_world[clip], "intrinsics": intrinsics})
    return Rendering(**{name: torch.stack([part[name] for part in parts]) for name in parts[0]})


def portraits(rgb: torch.Tensor, mask: torch.Tensor, entities: int = ENTITIES) -> torch.Tensor:
    """Cut the entities out of a picture (H, W, 3) by its mask (H, W): uint8 (entities, 64, 64, 4)."""
    height, width = mask.shape
    picture = torch.cat([rgb, torch.full_like(rgb[..., :1], 255)], dim=-1).permute(2, 0, 1).float()
    cut = torch.zeros(entities, CROP, CROP, 4, dtype=torch.uint8, device=rgb.device)
    for number in range(entities):
        own = mask == number + 1
        if own.sum() < SEEN_WELL:
            continue
        rows, columns = own.any(1).nonzero()[:, 0], own.any(0).nonzero()[:, 0]
        middle_y, middle_x = (rows[0] + rows[-1]) / 2, (columns[0] + columns[-1]) / 2
        half = torch.maximum(rows[-1] - rows[0], columns[-1] - columns[0]) / 2 + 2
        along = torch.linspace(-1, 1, 2 * CROP, device=rgb.device) * half
        x = (columns.new_tensor(0.0, dtype=torch.float32) + middle_x + along) / (width - 1) * 2 - 1
        y = (middle_y + along) / (height - 1) * 2 - 1
        grid = torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], dim=-1)
        sampled = grid_sample((picture * own)[None], grid[None], align_corners=True)
        cut[number] = avg_pool2d(sampled, 2)[0].round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0)
    return cut


def clip_batch(number: int, count: int, device: str) -> Clips:
    """Shard `number` of the training data: always the same clips."""
    rng = np.random.default_rng([number, 2026])
    shape = SHAPES[rng.choice(len(SHAPES), p=SHAPE_SHARES)]
    scenes = [random_scene(rng) for _ in range(count)]
    starts = [int(rng.integers(SHOT_FRAMES - CLIP_FRAMES + 1)) for _ in range(count)]
    frames = [list(range(start, start + CLIP_FRAMES)) for start in starts]
    seeds = [number * 1000 + index for index in range(count)]
    closer = number % CLOSER == 5
    return draw_clips(scenes, seeds, shape=shape, frames=frames, device=device, rng=rng, closer=closer)


TENSORS = ("rgb", "mask", *TOLD, "camera_to_world", "intrinsics", "portraits", "views")


def save(clips: Clips, path: Path) -> None:
    """Write a shard beside its place and move it in."""
    scenes = json.dumps([scene.as_json() for scene in clips.scenes])
    beside = path.with_suffix(".part")
    save_file(
        {name: getattr(clips, name).contiguous().cpu() for name in TENSORS},
        beside,
        metadata={"scenes": scenes, "seeds": json.dumps(clips.seeds)},
    )
    beside.rename(path)


def load(path: Path, only: tuple[str, ...] = TENSORS) -> Clips:
    """Read a shard; tensors not named in `only` are left empty."""
    with safe_open(path, "pt") as shard:
        known = shard.metadata()
        scenes = tuple(Scene.from_json(scene) for scene in json.loads(known["scenes"]))
        tensors = {name: shard.get_tensor(name) if name in only else torch.empty(0) for name in TENSORS}
    return Clips(scenes=scenes, seeds=tuple(json.loads(known["seeds"])), **tensors)


def shards(out: Path) -> list[Path]:
    """The shards there are, in the order they were made."""
    return sorted((out / "scenes").glob("*.safetensors"))


def train(run: Run) -> None:
    """Render shards until the time is up, going on after those there are."""
    (run.out / "scenes").mkdir(parents=True, exist_ok=True)
    on_every_core(run, _render)


def _render(run, index, of) -> None:
    """Every `of`-th shard that is missing, from `index`."""
    folder = run.out / "scenes"
    missing = (
        path for number in itertools.count(index, of) if not (path := folder / f"{number:05d}.safetensors").exists()
    )
    for _, path in zip(run.steps(unit="clips", per_step=SHARD), missing, strict=False):
        save(clip_batch(int(path.stem), SHARD, run.device), path)

"""What probes learn from: shots of two seconds, nine frames of each, so that what somebody does can be seen.

The first shards hold prompts with held-out pairs, for testing; all others the scenes that a painter learns from.
"""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from generation.engine.painter.words import Words, words_of
from generation.engine.training import heldout
from generation.engine.training.cores import on_every_core
from generation.engine.training.run import Run
from generation.engine.training.scenes import ENTITIES, FPS, SHOT_FRAMES, random_scene
from generation.engine.world.render import draw_in_order
from generation.engine.world.scene import Scene
from generation.engine.world.stage import set_stage

WIDTH, HEIGHT = 256, 144
EVERY = 3  # frames
CHOSEN = tuple(range(0, SHOT_FRAMES, EVERY))
SHARD = 32  # clips
TEST_SHARDS = 6


@dataclass(frozen=True, eq=False)
class Shots:
    """B clips for probes: rgb uint8 (B, F, H, W, 3), mask uint8 (B, F, H, W), and what is in them."""

    rgb: torch.Tensor
    mask: torch.Tensor
    words: Words


def train(run: Run) -> None:
    """Render shards until the time is up, going on after those there are."""
    (run.out / "probe-scenes").mkdir(parents=True, exist_ok=True)
    on_every_core(run, _render)


def _render(run, index, of):
    folder = run.out / "probe-scenes"
    missing = (number for number in itertools.count(index, of) if not _path(folder, number).exists())
    for _, number in zip(run.steps(unit="clips", per_step=SHARD), missing, strict=False):
        scenes, seeds = scenes_of(number)
        save(*draw(scenes, seeds, run.device), scenes, _path(folder, number))


def _path(folder, number):
    return folder / f"{number:05d}.safetensors"


def scenes_of(number: int) -> tuple[list[Scene], list[int]]:
    """Scenes and seeds of shard `number`: always the same."""
    if number < TEST_SHARDS:
        prompts = heldout.prompts(TEST_SHARDS * SHARD, heldout.PROBED)[number * SHARD : (number + 1) * SHARD]
        return [prompt.scene for prompt in prompts], [prompt.seed for prompt in prompts]
    rng = np.random.default_rng([number, heldout.PROBED])
    return [random_scene(rng) for _ in range(SHARD)], [3_000_000_000 + number * SHARD + i for i in range(SHARD)]


def draw(scenes, seeds, device, *, chosen=CHOSEN, width=WIDTH, height=HEIGHT) -> tuple[torch.Tensor, torch.Tensor]:
    """Chosen frames of shots of 25, every third if not told: rgb uint8 (B, F, H, W, 3) and mask uint8 (B, F, H, W)."""
    stage = set_stage(scenes, seeds, width=width, height=height, num_frames=SHOT_FRAMES, fps=FPS, device=device)
    drawn = list(draw_in_order(stage, [(clip, frame) for clip in range(len(scenes)) for frame in chosen]))
    rgb, _, mask = (torch.cat(channel).unflatten(0, (len(scenes), len(chosen))) for channel in zip(*drawn, strict=True))
    return rgb, mask


def save(rgb, mask, scenes, path: Path) -> None:
    """Write a shard beside its place and move it in."""
    beside = path.with_suffix(".part")
    told = {"scenes": json.dumps([scene.as_json() for scene in scenes])}
    save_file({"rgb": rgb.contiguous().cpu(), "mask": mask.contiguous().cpu()}, beside, metadata=told)
    beside.rename(path)


def load(path: Path) -> Shots:
    """Read a shard of these, or one of those a painter learns from, whose frames follow each other."""
    with safe_open(path, "pt") as shard:
        scenes = [Scene.from_json(scene) for scene in json.loads(shard.metadata()["scenes"])]
        return Shots(shard.get_tensor("rgb"), shard.get_tensor("mask"), words_of(scenes, ENTITIES))


def shards(out: Path) -> tuple[list[Path], list[Path]]:
    """The shards to learn from and those to test on."""
    every = sorted((out / "probe-scenes").glob("*.safetensors"))
    return [path for path in every if int(path.stem) >= TEST_SHARDS], [
        path for path in every if int(path.stem) < TEST_SHARDS
    ]

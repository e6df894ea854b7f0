"""Training samples of the painter: encoded clips, and what of them is told each time."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import pixel_unshuffle

from generation.engine.painter.codec import CELL, GROUP, Codec, in_groups
from generation.engine.painter.guide import TOLD, Guide, as_told
from generation.engine.painter.network import KNOWN, LAST_FRAME_KNOWN, UNKNOWN, Conditions
from generation.engine.painter.words import Words, words_of
from generation.engine.training import scenes

# How often a sample is asked for in each way.
UNGUIDED, BY_PICTURE, BY_VIEW = 0.10, 0.35, 0.12
CROP = 24  # cells: side of a crop
NOT_CUT_OUT = 0.3  # of the portraits: with a place behind them
FIRST_FRAME, FIRST_AND_LAST, LAST_FRAME, EXTENSION, EDIT = 0.14, 0.06, 0.04, 0.08, 0.08


@dataclass(frozen=True, eq=False)
class Encoded:
    """One shard as the painter sees it: normalized latents float16 (N, G, C, h, w), and of the last frame alone
    (N, C, h, w); everything else as in `Clips`."""

    rgb: torch.Tensor
    latents: torch.Tensor
    last: torch.Tensor
    surface: torch.Tensor
    cover: torch.Tensor
    detail: torch.Tensor
    owner: torch.Tensor
    part: torch.Tensor
    portraits: torch.Tensor
    views: torch.Tensor
    words: Words


@torch.no_grad()
def encode(codec: Codec, shards: list[Path], folder: Path, device: str) -> None:
    """Encode shards that are not yet, each into a file of the same name."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in shards:
        if (folder / path.name).exists():
            continue
        clips = scenes.load(path, ("rgb",))
        frames = clips.rgb.to(device).permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        last = frames[:, -1:].expand(-1, GROUP, -1, -1, -1)
        groups = torch.cat([in_groups(frames), last[:, None]], dim=1)
        with torch.autocast(device, torch.bfloat16):
            latents = torch.cat([codec.encode(some) for some in groups.flatten(0, 1).split(16)])
        latents = codec.normalized(latents.float()).unflatten(0, groups.shape[:2]).half().cpu()
        beside = folder / (path.stem + ".part")
        save_file({"latents": latents[:, :-1].contiguous(), "last": latents[:, -1].contiguous()}, beside)
        beside.rename(folder / path.name)


def load(path: Path, folder: Path) -> Encoded:
    """One encoded shard."""
    clips = scenes.load(path, ("rgb", *TOLD, "portraits", "views"))
    latents = load_file(folder / path.name)
    return Encoded(
        rgb=clips.rgb,
        latents=latents["latents"],
        last=latents["last"],
        **{name: getattr(clips, name) for name in TOLD},
        portraits=clips.portraits,
        views=clips.views,
        words=words_of(clips.scenes, scenes.ENTITIES),
    )


def batches(
    shards: list[Encoded], size: int, device: str, extras: Callable[[], float] = lambda: 1.0, generator=None
) -> Iterator[tuple[torch.Tensor, torch.Tensor, Conditions]]:
    """Clean latents (B, G, C, h, w) float32, their pixels as `pixels_of` has them, and what is told of them, at random,
    for ever; `extras` as in `sample`.

    `size` crops of as many clips, and every third time whole clips that are as many cells together: what a thing looks
    like is learned from many, what a shot looks like from whole ones.
    """
    for number in itertools.count():
        shard = shards[int(torch.randint(len(shards), (), generator=generator))]
        whole = number % 3 == 2
        rows, columns = shard.latents.shape[-2:]
        count = max(1, round(size * CROP**2 / (rows * columns))) if whole else size
        if not whole and min(rows, columns) > CROP:
            top, left = (
                int(torch.randint((side - CROP) // 4 + 1, (), generator=generator)) * 4 for side in (rows, columns)
            )
            shard = cropped(shard, slice(top, top + CROP), slice(left, left + CROP))
        chosen = torch.randperm(len(shard.latents), generator=generator)[:count]
        clean, given = sample(shard, chosen, generator, extras())
        yield clean.to(device), pixels_of(shard, chosen).to(device), given.to(device)


def cropped(shard: Encoded, rows: slice, columns: slice) -> Encoded:
    """A part of every clip, in cells."""
    down, across = (slice(side.start * CELL, side.stop * CELL) for side in (rows, columns))
    cells = {name: getattr(shard, name)[..., rows, columns] for name in ("latents", "last", *TOLD)}
    return replace(shard, rgb=shard.rgb[:, :, down, across], **cells)


def pixels_of(shard: Encoded, chosen: torch.Tensor) -> torch.Tensor:
    """The pixels of chosen clips cell by cell, float32 (B, G, 4, 48, h, w) in [-1, 1]."""
    frames = shard.rgb[chosen].permute(0, 1, 4, 2, 3)
    return in_groups(pixel_unshuffle(frames, CELL).float() / 127.5 - 1)


def everything(shard: Encoded, chosen: torch.Tensor) -> tuple[torch.Tensor, Conditions]:
    """Chosen clips, told by words and guide alone."""
    clean = shard.latents[chosen].float()
    clips, groups, _, rows, columns = clean.shape
    entities = shard.portraits.shape[1]
    return clean, Conditions(
        words=shard.words[chosen],
        pictured=torch.zeros(clips, entities),
        portraits=shard.portraits[chosen].permute(0, 1, 4, 2, 3).float() / 127.5 - 1,
        viewed=torch.zeros(clips),
        views=shard.views[chosen].permute(0, 3, 1, 2).float() / 127.5 - 1,
        guided=torch.ones(clips),
        **as_told(Guide(*(getattr(shard, name)[chosen] for name in TOLD))),
        known=torch.zeros_like(clean),
        knowledge=torch.full((clips, groups, rows, columns), UNKNOWN),
    )


def sample(
    shard: Encoded, chosen: torch.Tensor, generator=None, extras: float = 1.0
) -> tuple[torch.Tensor, Conditions]:
    """Chosen clips, each told in one of the ways the model is to know.

    `extras`, from 0 to 1: how much of the time it is any other way than by words and guide alone.
    """
    clean, given = everything(shard, chosen)
    clips, groups, _, rows, columns = clean.shape

    def chance(*shape):
        return torch.rand(*shape, generator=generator)

    def other_way(share):
        return chance(clips) < share * extras

    seen = given.portraits[:, :, 3].amax((2, 3)) > 0
    by_picture = other_way(BY_PICTURE)[:, None] & (chance(*seen.shape) < 0.8) & seen
    guided = (~other_way(UNGUIDED)).float()
    knowledge, known = given.knowledge.clone(), torch.zeros_like(clean)
    ways = chance(clips) if extras >= 1 else torch.where(other_way(1.0), chance(clips), 1.0)
    for clip, way in enumerate(ways.tolist()):
        if way < FIRST_FRAME + FIRST_AND_LAST:
            knowledge[clip, 0] = KNOWN
        if FIRST_FRAME < way < FIRST_FRAME + FIRST_AND_LAST + LAST_FRAME:
            knowledge[clip, -1] = LAST_FRAME_KNOWN
        way -= FIRST_FRAME + FIRST_AND_LAST + LAST_FRAME
        if 0 < way < EXTENSION:
            knowledge[clip, :-1] = KNOWN
        elif EXTENSION < way < EXTENSION + EDIT:
            top, left = (int(chance(1) * side * 0.6) for side in (rows, columns))
            bottom, right = top + 8 + int(chance(1) * rows * 0.6), left + 8 + int(chance(1) * columns * 0.6)
            knowledge[clip] = KNOWN
            knowledge[clip, :, top:bottom, left:right] = UNKNOWN
    known = torch.where(knowledge[:, :, None] == KNOWN, clean, known)
    last = torch.cat([torch.zeros_like(clean[:, :-1]), shard.last[chosen].float()[:, None]], dim=1)
    known = torch.where(knowledge[:, :, None] == LAST_FRAME_KNOWN, last, known)
    return clean, Conditions(
        words=given.words,
        pictured=by_picture.float(),
        portraits=_before_places(given.portraits, given.views, (chance(*seen.shape) < NOT_CUT_OUT) & seen),
        viewed=other_way(BY_VIEW).float(),
        views=given.views,
        guided=guided,
        **{name: getattr(given, name) * guided.to(getattr(given, name))[:, *[None] * 5] for name in TOLD},
        known=known,
        knowledge=knowledge,
    )


def _before_places(portraits, views, chosen):
    """Chosen portraits (B, E, 4, 64, 64) in front of the middle of another clip's place (B, 3, 72, 128)."""
    behind = views.roll(1, 0)[:, None, :, 4:68, 32:96]
    alpha = (portraits[:, :, 3:] + 1) / 2
    before = torch.cat([portraits[:, :, :3] * alpha + behind * (1 - alpha), torch.ones_like(alpha)], dim=2)
    return torch.where(chosen[:, :, None, None, None], before, portraits)

"""The relief: how near each pixel of a picture is, learned from renders, of which that is known."""

from pathlib import Path

import torch
from torch.nn.functional import pixel_shuffle

from generation.engine.catalogue import BUILT_IN
from generation.engine.painter.codec import CELL
from generation.engine.painter.guide import HALF_OF_DETAIL
from generation.engine.painter.relief import Relief
from generation.engine.training import checkpoint, scenes
from generation.engine.training.run import Run

BATCH = 12
RATE = 2e-3
WARM_UP = 100  # steps
EDGES = 0.5  # weight of how far differences between neighbouring pixels are off
OF_A_SHARD = 12  # batches, before the next is opened
IN_REPOSITORY = Path(str(BUILT_IN.location)) / "relief"


def train(run: Run) -> None:
    """Train until the time is up, from the last checkpoint if there is one."""
    torch.manual_seed(torch.seed() % 2**31)
    paths = scenes.shards(run.out)
    learned, unseen = paths[:-1], paths[-1]
    relief = Relief().to(run.device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(relief.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    average = checkpoint.Average(relief)
    state = {"model": relief, "optimizer": optimizer, "average": average}
    if checkpoint.resume(run.out / "relief.state", **state):
        run.say(f"resumed after {average.steps:,} steps")
    elif checkpoint.begin_from(IN_REPOSITORY, relief, average):
        run.say("begun from the weights in the repository")
    run.say(f"{sum(value.numel() for value in relief.parameters()) / 1e6:.1f} M parameters")

    def save():
        with average.applied(relief):
            relief.save_pretrained(run.out / "relief")
            figures = validate(relief, unseen, run.device)
        checkpoint.keep(run.out / "relief.state", **state)
        run.note("relief", figures | {"steps": average.steps})
        run.say(f"saved after {average.steps:,} steps: {figures}")

    run.save = save
    source = pictures_at_random(learned, run.device)
    for share in run.steps(per_step=BATCH):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (average.steps + 1) / WARM_UP, 3 * (1 - share) + 0.02)
        pictures, near = next(source)
        with torch.autocast(run.device, torch.bfloat16):
            guessed = relief(pictures)
        loss = missed(guessed.float(), near)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(relief.parameters(), 1.0)
        optimizer.step()
        average.update(relief)
        run.told["loss"] = 0.98 * run.told.get("loss", loss.item()) + 0.02 * loss.item()


def missed(guessed: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
    """How far nearness (N, H, W) is off, and how it changes from pixel to pixel."""
    edges = sum((guessed.diff(dim=axis) - near.diff(dim=axis)).abs().mean() for axis in (-1, -2))
    return (guessed - near).abs().mean() + EDGES * edges


def nearness_in(clips: scenes.Clips) -> torch.Tensor:
    """The nearness of every pixel, float (N, F, H, W), put together again from what a guide tells of it."""
    told = clips.detail[:, :, : CELL**2].float() / 127
    difference = HALF_OF_DETAIL[0] * told / (1 - told.abs()).clamp(min=0.02)
    return pixel_shuffle((clips.surface[:, :, :1].float() + difference).clamp(0, 1), CELL)[:, :, 0]


def pictures_at_random(paths, device):
    """Batches of pictures (N, 3, H, W) in [-1, 1] and their nearness (N, H, W), in other colours and mirrored too."""
    while True:
        for number in torch.randperm(len(paths)).tolist():
            clips = scenes.load(paths[number], ("rgb", "surface", "detail"))
            near = nearness_in(clips).flatten(0, 1)
            pictures = clips.rgb.flatten(0, 1)
            for chosen in torch.randperm(len(near))[: OF_A_SHARD * BATCH].split(BATCH):
                some = pictures[chosen].permute(0, 3, 1, 2).float().to(device) / 127.5 - 1
                yield _varied(some, near[chosen].to(device))


def _varied(pictures, near):
    """Pictures whose colours another world might have."""
    if torch.rand(()) < 0.5:
        pictures, near = pictures.flip(-1), near.flip(-1)
    channels = torch.randperm(3) if torch.rand(()) < 0.25 else torch.arange(3)
    bright = torch.empty(len(pictures), 3, 1, 1, device=pictures.device).uniform_(0.7, 1.2)
    return ((pictures[:, channels] + 1) * bright - 1).clamp(-1, 1), near


@torch.no_grad()
def validate(relief: Relief, path, device) -> dict[str, float]:
    """Mean absolute error of nearness on unseen clips, and what their mean nearness as a guess would make."""
    clips = scenes.load(path, ("rgb", "surface", "detail"))
    near = nearness_in(clips)[:, 4]
    pictures = clips.rgb[:, 4].permute(0, 3, 1, 2).float() / 127.5 - 1
    guessed = relief(pictures.to(device)).cpu()
    return {
        "error": round(float((guessed - near).abs().mean()), 4),
        "error of the mean picture": round(float((near.mean(0) - near).abs().mean()), 4),
    }

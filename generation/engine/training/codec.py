"""The codec: begun as the principal components of blocks of video, then trained to do better than they can."""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch.nn.functional import l1_loss, pixel_unshuffle

from generation.engine.catalogue import BUILT_IN
from generation.engine.painter.codec import CELL, GROUP, Codec, in_groups
from generation.engine.training import checkpoint, scenes
from generation.engine.training.figures import psnr
from generation.engine.training.run import Run

LATENT_CHANNELS = 16
BATCH = 12  # groups
RATE = 1e-3
WARM_UP = 100  # steps
ENTITY_WEIGHT = 4.0
NOISE = 0.03  # of the latents' size: a painter's latents are never exact
PCA_CLIPS = 400
VALIDATION_SHARDS = 2


def train(run: Run) -> None:
    """Train until the time is up, from the last checkpoint if there is one; write figures beside PCA's."""
    torch.manual_seed(1)
    shards = scenes.shards(run.out)
    learned, unseen = shards[:-VALIDATION_SHARDS], shards[-VALIDATION_SHARDS:]
    codec = Codec(latent_channels=LATENT_CHANNELS).to(run.device, memory_format=torch.channels_last)
    linear = [*codec.linear_in.parameters(), *codec.linear_out.parameters()]
    groups = [
        {"params": linear, "share": 0.1},  # near their best already
        {"params": [value for name, value in codec.named_parameters() if "linear" not in name], "share": 1.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.97), weight_decay=1e-4)
    average = checkpoint.Average(codec)
    state = {"model": codec, "optimizer": optimizer, "average": average}
    if checkpoint.resume(run.out / "codec.state", **state):
        run.say("resumed")
    elif checkpoint.begin_from(Path(str(BUILT_IN.location)) / "codec", codec, average):
        run.say("begun from the weights in the repository")
    else:
        begin_as_pca(codec, learned, run.device)
        average.take(codec)
        figures = evaluate(codec, unseen, run.device)
        run.note("codec-pca", figures)
        run.say(f"PCA of as many numbers: {figures}")

    def save():
        with average.applied(codec):
            measure_latents(codec, learned[:: max(1, len(learned) // 12)], run.device)
            codec.save_pretrained(run.out / "codec")
            figures = evaluate(codec, unseen, run.device)
        checkpoint.keep(run.out / "codec.state", **state)
        run.note("codec", figures)
        run.say(f"saved: {figures}")

    run.save = save
    batches = groups_at_random(learned, run.device)
    for share in run.steps(unit="groups", per_step=BATCH):
        for group in optimizer.param_groups:
            group["lr"] = group["share"] * RATE * min(1.0, (average.steps + 1) / WARM_UP, 3 * (1 - share) + 0.02)
        pictures, weight = next(batches)
        with torch.autocast(run.device, torch.bfloat16):
            latents = codec.encode(pictures)
            noisy = latents + NOISE * latents.detach().float().std() * torch.randn_like(latents)
            drawn = codec.decode(noisy).float()
        error = drawn - pictures
        loss = (weight * error.square()).mean() * 8 + (weight * error.abs()).mean() * 0.3
        loss = loss + 0.3 * _edges(drawn, pictures)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(codec.parameters(), 1.0)
        optimizer.step()
        average.update(codec)
        run.told["loss"] = 0.98 * run.told.get("loss", loss.item()) + 0.02 * loss.item()


def codec_of(out: Path) -> Codec:
    """The codec trained in `out`, or the repository's. Raises SystemExit where there is neither."""
    for folder in (out, Path(str(BUILT_IN.location))):
        if (folder / "codec" / "config.json").exists():
            return Codec.from_pretrained(folder / "codec", dtype=torch.float32).eval()
    raise SystemExit(f"There is no codec in {out}. Run the codec's stage first.")


def _edges(drawn, pictures):
    """How far differences between neighbouring pixels are off."""
    return sum(l1_loss(drawn.diff(dim=axis), pictures.diff(dim=axis)) for axis in (-1, -2))


def groups_of(clips: scenes.Clips, device) -> tuple[torch.Tensor, torch.Tensor]:
    """All groups of a shard, (N, 4, 3, H, W) in [-1, 1], and where entities are, bool (N, 4, 1, H, W)."""
    frames = clips.rgb.to(device).permute(0, 1, 4, 2, 3).float() / 127.5 - 1
    return in_groups(frames).flatten(0, 1), in_groups(clips.mask.to(device)[:, :, None] > 0).flatten(0, 1)


def groups_at_random(shards: list[Path], device) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of groups and their weights, a few shards mixed at a time."""
    while True:
        for number in torch.randperm(len(shards)).tolist():
            pictures, entity = groups_of(scenes.load(shards[number], ("rgb", "mask")), device)
            pictures = pictures.contiguous(memory_format=torch.contiguous_format)
            for chosen in torch.randperm(len(pictures)).split(BATCH):
                if len(chosen) == BATCH:
                    yield pictures[chosen], 1 + (ENTITY_WEIGHT - 1) * entity[chosen].float()


@torch.no_grad()
def begin_as_pca(codec: Codec, shards, device) -> None:
    """Set the linear paths to the principal components of blocks (4 frames of 4 × 4 pixels)."""
    size = GROUP * 3 * CELL * CELL
    total, outer, count = torch.zeros(size, device=device), torch.zeros(size, size, device=device), 0
    for path in shards[:: max(1, len(shards) * scenes.SHARD // PCA_CLIPS)]:
        pictures, _ = groups_of(scenes.load(path, ("rgb", "mask")), device)
        blocks = pixel_unshuffle(pictures.flatten(1, 2), CELL).permute(0, 2, 3, 1).flatten(0, 2)
        total += blocks.sum(0)
        outer += blocks.T @ blocks
        count += len(blocks)
    mean = total / count
    values, vectors = torch.linalg.eigh(outer / count - mean[:, None] * mean)
    channels = codec.config["latent_channels"]
    values, vectors = values.flip(0)[:channels].clamp(min=1e-8), vectors.flip(1)[:, :channels]
    scale = values**-0.25  # half whitened: what matters less stays smaller
    codec.linear_in.weight.copy_((vectors * scale).T[:, :, None, None])
    codec.linear_in.bias.copy_(-(mean @ vectors) * scale)
    codec.linear_out.weight.copy_((vectors / scale)[:, :, None, None])
    codec.linear_out.bias.copy_(mean)


@torch.no_grad()
def measure_latents(codec: Codec, shards, device) -> None:
    """Note in the codec's config how large its latents are."""
    latents = []
    for path in shards:
        pictures, _ = groups_of(scenes.load(path, ("rgb", "mask")), device)
        latents.append(codec.encode(pictures[::5]).transpose(0, 1).flatten(1))
    values = torch.cat(latents, dim=1).float()
    mean = values.mean(1)
    codec.register_to_config(
        latents_mean=tuple(mean.tolist()),
        latents_scale=(1 / (values - mean[:, None]).square().mean().sqrt()).expand(len(mean)).tolist(),
    )


@torch.no_grad()
def evaluate(codec: Codec, shards, device) -> dict:
    """PSNR in dB over unseen clips, whole pictures and entities alone, each the mean over clips."""
    whole, entity = [], []
    for path in shards:
        pictures, owned = groups_of(scenes.load(path, ("rgb", "mask")), device)
        for some, own in zip(pictures.split(18), owned.split(18), strict=True):
            drawn = codec.decode(codec.encode(some)).clamp(-1, 1)
            for clip in range(0, len(some), 3):
                own_pixels = own[clip : clip + 3].expand_as(some[clip : clip + 3])
                error = (drawn[clip : clip + 3] - some[clip : clip + 3]).square()
                whole.append(psnr(error))
                if own_pixels.any():
                    entity.append(psnr(error[own_pixels]))
    return {
        "psnr_whole": round(sum(whole) / len(whole), 2),
        "psnr_entity": round(sum(entity) / len(entity), 2),
        "n": len(whole),
    }

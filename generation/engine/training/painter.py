"""The painter: flow matching on encoded clips, every condition a drop of the same weights."""

from pathlib import Path

import torch
from torch.nn.functional import mse_loss

from generation.engine.catalogue import BUILT_IN
from generation.engine.painter.codec import Codec
from generation.engine.painter.network import KNOWN, Painter
from generation.engine.training import checkpoint, samples, scenes
from generation.engine.training.codec import codec_of
from generation.engine.training.figures import psnr
from generation.engine.training.run import Run

BATCH = {"cpu": 8, "cuda": 128}
RATE = 1.2e-3
SELDOM_FASTER = 8.0  # times: a point of a plane or a part is seldom seen, the layers are always
SELDOM = (".planes", ".parts.weight")
WORTH_COMPILING = 4  # minutes
WARM_UP = 200  # steps
SHIFT = 3.0  # towards noise: with much noise there is most to learn
ALL_NOISE = 0.7  # over a guide nearly everything is decided in the first step
GUIDED_FIRST = 4000  # steps with words and guide alone; the other ways come in over as many again
WEIGHT_OF_ENTITIES = 2.0
COARSE_FIRST = 0.75  # power: channels of latents count by how much they move the picture, to this power
PIXELS = 10.0  # weight of the pixels' squared error: sixteen latents do not say all of four frames of a cell
STEADY = 1.0  # weight, in that, of how the error changes from frame to frame, which is seen as flicker
LIKENESS = 0.2  # weight of pictures being understood as the words for what they show
VALIDATION_SHARDS = 2
IN_REPOSITORY = Path(str(BUILT_IN.location))


def train(run: Run) -> None:
    """Train until the time is up, from the last checkpoint if there is one."""
    torch.manual_seed(torch.seed() % 2**31)
    device = run.device
    codec = codec_of(run.out).to(device)
    paths, folder = scenes.shards(run.out), run.out / "latents"
    run.say(f"encoding {len(paths)} shards")
    samples.encode(codec, paths, folder, device)
    shards = [samples.load(path, folder) for path in paths]
    learned, unseen = shards[:-VALIDATION_SHARDS], shards[-VALIDATION_SHARDS:]
    worth = worth_of_channels(codec, unseen[0].latents[:2].float().flatten(0, 1).to(device))
    painter = Painter(latent_channels=codec.config["latent_channels"])
    painter = painter.to(device, memory_format=torch.channels_last)
    painter.begin_with(codec)
    seldom = [value for name, value in painter.named_parameters() if name.endswith(SELDOM)]
    layers = [value for name, value in painter.named_parameters() if not name.endswith(SELDOM)]
    groups = [{"params": layers, "pace": 1.0}, {"params": seldom, "pace": SELDOM_FASTER, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    average = checkpoint.Average(painter)
    state = {"model": painter, "optimizer": optimizer, "average": average}
    if checkpoint.resume(run.out / "painter.state", **state):
        run.say(f"resumed after {average.steps:,} steps")
    elif checkpoint.begin_from(IN_REPOSITORY / "painter", painter, average):
        run.say("begun from the weights in the repository")
    run.say(f"{sum(value.numel() for value in painter.parameters()) / 1e6:.1f} M parameters, {len(learned)} shards")

    def save():
        with average.applied(painter):
            painter.save_pretrained(run.out / "painter")
            figures = validate(painter, codec, unseen, device)
        checkpoint.keep(run.out / "painter.state", **state)
        run.note("painter", figures | {"steps": average.steps})
        run.say(f"saved after {average.steps:,} steps: {figures}")

    run.save = save
    if run.minutes > WORTH_COMPILING:
        torch._dynamo.config.recompile_limit = 64  # every shape of picture, whole and cropped, in programs of its own
        painter.compile_repeated_blocks(dynamic=False)
    size = BATCH["cuda" if "cuda" in device else "cpu"]
    source = samples.batches(learned, size, device, lambda: min(1.0, max(0.0, average.steps / GUIDED_FIRST - 1)))
    for share in run.steps(per_step=size):
        rate = RATE * min(1.0, (average.steps + 1) / WARM_UP, 4 * (1 - share) + 0.02)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["pace"]
        clean, pixels, given = next(source)
        sigma = noise_levels(len(clean), device)
        loss, of_pixels = losses(painter, clean, pixels, given, sigma, worth)
        likeness = likeness_of(painter, given)
        optimizer.zero_grad(set_to_none=True)
        (loss + PIXELS * of_pixels + LIKENESS * likeness).backward()
        torch.nn.utils.clip_grad_norm_(painter.parameters(), 1.0)
        optimizer.step()
        average.update(painter)
        for name, value in (("loss", loss), ("pixels", of_pixels), ("likeness", likeness)):
            run.told[name] = 0.98 * run.told.get(name, value.item()) + 0.02 * value.item()


def noise_levels(count, device) -> torch.Tensor:
    """Sigmas (count,) in (0, 1]: logit-normal, shifted, and some of pure noise, where painting begins."""
    u = torch.randn(count, device=device).sigmoid()
    sigma = SHIFT * u / (1 + (SHIFT - 1) * u)
    return torch.where(torch.rand(count, device=device) < ALL_NOISE, 1.0, sigma)


@torch.no_grad()
def worth_of_channels(codec: Codec, latents) -> torch.Tensor:
    """How much the error in a channel is to count, (C, 1, 1) and 1 on average, by normalized latents (N, C, h, w).

    Some channels are the brightness of a cell, others a glimmer in it. Counted alike, the painter learned the glimmer
    and missed the brightness.
    """

    def decoded(normalized):
        return codec.decode(codec.denormalized(normalized))

    plain, moved = decoded(latents), []
    for channel in range(latents.shape[1]):
        other = latents.clone()
        other[:, channel] += 0.3 * latents[:, channel].flip(-1)
        moved.append((decoded(other) - plain).square().mean())
    worth = torch.stack(moved) ** COARSE_FIRST
    return (worth / worth.mean())[:, None, None]


def losses(painter: Painter, clean, pixels, given, sigma, worth=1.0, noise=None):
    """How far the clean latents and the pixels are missed: mean squared errors, entities counting more."""
    noise = torch.randn_like(clean) if noise is None else noise
    at = sigma[:, None, None, None, None]
    noisy = (1 - at) * clean + at * noise
    with torch.autocast(clean.device.type, torch.bfloat16):
        painted, painted_pixels = painter(noisy, sigma, given)
    error = ((painted.float() - clean).square() * worth).mean(2)
    entity = given.cover.mean(2).amax(2)
    weight = (1 + WEIGHT_OF_ENTITIES * entity) * (given.knowledge != KNOWN) / (at[..., 0] ** 2 + 0.5)
    missed = painted_pixels.float() - pixels
    of_pixels = (missed.square() + STEADY * changes(missed).square()).mean((2, 3))
    return tuple((weight * each).sum() / weight.sum().clamp(min=1e-6) for each in (error, of_pixels))


def changes(frames: torch.Tensor) -> torch.Tensor:
    """What changes from each frame to the next, of clips in groups (B, G, 4, …); nothing at the first."""
    along = frames.flatten(1, 2)
    return torch.diff(along, dim=1, prepend=along[:, :1]).unflatten(1, frames.shape[1:3])


def likeness_of(painter: Painter, given):
    """Mean squared distance between the vectors of pictures and those of the words for what they show."""
    seen = given.portraits[:, :, 3].amax((2, 3)) > 0
    if not seen.any():
        return given.portraits.sum() * 0
    with torch.autocast(given.portraits.device.type, torch.bfloat16):
        words = painter.describe_entity(given.words)[seen]
        pictures = painter.look_at(given.portraits[seen])
    words = words.float().detach()
    return mse_loss(pictures.float(), words) / words.var().clamp(min=1e-3)


@torch.no_grad()
def validate(painter: Painter, codec: Codec, unseen, device, count: int = 16) -> dict[str, float]:
    """On unseen clips, always with the same noise: mean squared error of clean latents at three noise levels, and how
    near (PSNR in dB) pictures painted in one step come to what the codec makes of the clean latents, their pixels to
    the render's, and what changes in these from frame to frame to what changes there."""
    generator = torch.Generator().manual_seed(7)
    figures: dict[str, float] = {}

    def decoded(latents):
        return torch.cat([codec.decode(codec.denormalized(one)).clamp(-1, 1) for one in latents[::4].to(device)])

    for level in (1.0, 0.8, 0.4):
        missed, picture_missed, pixels_missed, changes_missed = [], [], [], []
        for shard in unseen:
            clean, given = samples.everything(shard, torch.arange(count))
            noise = torch.randn(clean.shape, generator=generator)
            at = torch.full((count,), level)
            with torch.autocast(device, torch.bfloat16), torch.compiler.set_stance("force_eager"):
                noisy = (1 - level) * clean + level * noise
                painted, pixels = painter(noisy.to(device), at.to(device), given.to(device))
            missed.append(mse_loss(painted.float().cpu(), clean).item())
            if level == 1.0:
                picture_missed.append((decoded(painted.float()) - decoded(clean)).square().mean())
                off = pixels.float() - samples.pixels_of(shard, torch.arange(count))
                pixels_missed.append(off.square().mean())
                changes_missed.append(changes(off).square().mean())
        figures[f"error at {level}"] = round(sum(missed) / len(missed), 4)
        if picture_missed:
            figures["PSNR of one step"] = round(psnr(torch.stack(picture_missed)), 2)
            figures["PSNR of its pixels"] = round(psnr(torch.stack(pixels_missed)), 2)
            figures["PSNR of its changes"] = round(psnr(torch.stack(changes_missed)), 2)
    return figures

"""What diffusers' own classes reach at the built-in model's size: `python bench/stock_classes.py DATA --minutes 8`.

DATA is the folder of `make train`, with its shards. In the same minutes, on the same clips, are trained: two
autoencoders of Wan's class (as Wan 2.2 has it, and one with as many numbers as the built-in codec keeps), a transformer
of VACE's class on the better one, told the animatic as a control video and the words as text; and the built-in painter,
begun anew. Writes bench/stock_classes.json: PSNR in dB on unseen clips, and seconds for 25 frames at 256 × 144.
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import time
from pathlib import Path

import torch
from diffusers import AutoencoderKLWan, WanVACETransformer3DModel
from torch import nn
from torch.nn.functional import interpolate

from generation.engine.painter.codec import CELL
from generation.engine.painter.network import EntityWords, Painter
from generation.engine.painter.words import SETTING_SIZES
from generation.engine.training import painter as training
from generation.engine.training import samples, scenes
from generation.engine.training.codec import codec_of
from generation.engine.training.figures import psnr

AUTOENCODERS = {
    "Wan 2.2's, 16 × 16 × 4, 32 channels": {
        "base_dim": 16, "decoder_base_dim": 24, "z_dim": 32, "dim_mult": [1, 2, 4, 4], "num_res_blocks": 1,
        "temperal_downsample": [False, True, True], "is_residual": True, "patch_size": 2, "in_channels": 12,
        "out_channels": 12, "scale_factor_spatial": 16,
    },
    "Wan 2.1's, 8 × 8 × 4, 64 channels": {
        "base_dim": 16, "z_dim": 64, "dim_mult": [1, 2, 4, 4], "num_res_blocks": 1,
        "temperal_downsample": [False, True, True],
    },
}  # fmt: skip
CROP = 96  # pixels
BATCH = {"autoencoder": 4, "transformer": 8}
RATE = {"autoencoder": 1e-3, "transformer": 1e-3}
WIDTH, ENTITY_WEIGHT, SHIFT = 256, 4.0, 3.0
UNSEEN = 16  # clips
SHARDS = 6  # from which transformer and painter learn


class Autoencoder(nn.Module):
    """Clips (B, 3, F, H, W) in [-1, 1] to normalized latents (B, C, f, h, w) and back."""

    def __init__(self, config):
        super().__init__()
        channels = config["z_dim"]
        self.vae = AutoencoderKLWan(**config, latents_mean=[0.0] * channels, latents_std=[1.0] * channels)
        self.register_buffer("mean", torch.zeros(channels, 1, 1, 1))
        self.register_buffer("deviation", torch.ones(channels, 1, 1, 1))

    def encode(self, clips):
        return (self.vae.encode(clips).latent_dist.mode() - self.mean) / self.deviation

    def decode(self, latents):
        return self.vae.decode(latents * self.deviation + self.mean).sample

    @torch.no_grad()
    def measure(self, clips):
        latents = self.vae.encode(clips).latent_dist.mode().transpose(0, 1).flatten(1)
        self.mean.copy_(latents.mean(1)[:, None, None, None])
        self.deviation.copy_(latents.std(1)[:, None, None, None])


class Vace(nn.Module):
    """VACE's transformer, told words as learned vectors in place of a text encoder's."""

    def __init__(self, autoencoder, patch):
        super().__init__()
        channels, self.spatial = autoencoder.vae.config["z_dim"], autoencoder.vae.config["scale_factor_spatial"]
        self.transformer = WanVACETransformer3DModel(
            patch_size=(1, patch, patch), num_attention_heads=WIDTH // 64, attention_head_dim=64, in_channels=channels,
            out_channels=channels, text_dim=WIDTH, ffn_dim=4 * WIDTH, num_layers=8, vace_layers=[0, 4],
            vace_in_channels=2 * channels + self.spatial**2,
        )  # fmt: skip
        self.entity = EntityWords(WIDTH)
        self.which = nn.Embedding(scenes.ENTITIES, WIDTH)
        self.setting = nn.ModuleList(nn.Embedding(size, WIDTH) for size in SETTING_SIZES)

    def forward(self, noisy, sigma, words, control):
        setting = torch.stack([table(words.setting[:, index]) for index, table in enumerate(self.setting)], dim=1)
        text = torch.cat([self.entity(words) + self.which.weight, setting], dim=1)
        paint = noisy.new_ones(len(noisy), self.spatial**2, *noisy.shape[2:])
        control = torch.cat([torch.zeros_like(control), control, paint], dim=1)
        told = self.transformer(noisy, sigma * 1000, text, control_hidden_states=control, return_dict=False)
        return told[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--minutes", type=float, default=8)
    options = parser.parse_args()
    torch.manual_seed(1)
    wide = [path for path in scenes.shards(options.data) if scenes.load(path, ("rgb",)).rgb.shape[2:4] == (144, 256)]
    learned, unseen = wide[:-2], wide[-1]
    figures: dict = {"minutes": options.minutes, "autoencoders": {}}
    autoencoders = {}
    for name, config in AUTOENCODERS.items():
        autoencoders[name] = train_autoencoder(config, learned, options.minutes)
        figures["autoencoders"][name] = told = judged(autoencoders[name], unseen)
        told["PCA of as many numbers"] = pca(learned, unseen, autoencoders[name].vae.config)
        print(name, told, flush=True)
    name = max(autoencoders, key=lambda each: figures["autoencoders"][each]["whole"])
    figures["VACE"] = {"over": name} | train_vace(autoencoders[name], learned, unseen, options.minutes)
    print(figures["VACE"], flush=True)
    figures["built-in"] = train_painter(options.data, learned, unseen, options.minutes)
    print(figures["built-in"], flush=True)
    figures["machine"] = {"cores": len(os.sched_getaffinity(0)), "torch": torch.__version__, "on": platform.machine()}
    (Path(__file__).parent / "stock_classes.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


def clips_of(path, count=None):
    """Clips float (N, 3, F, H, W) in [-1, 1] and where entities are, bool (N, 1, F, H, W)."""
    clips = scenes.load(path, ("rgb", "mask"))
    return clips.rgb[:count].permute(0, 4, 1, 2, 3).float() / 127.5 - 1, clips.mask[:count, None] > 0


def for_minutes(minutes):
    """Shares of the time that have passed, until it is up."""
    begin = time.monotonic()
    while (passed := (time.monotonic() - begin) / 60) < minutes:
        yield passed / minutes


def train_autoencoder(config, learned, minutes):
    """An autoencoder trained on crops; what is missed of entities and edges counts more, as in the codec's stage."""
    model = Autoencoder(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE["autoencoder"], betas=(0.9, 0.97))
    shards = itertools.cycle(learned)
    clips, entity = clips_of(next(shards))
    steps = 0
    for share in for_minutes(minutes):
        if steps % 16 == 15:
            clips, entity = clips_of(next(shards))
        for group in optimizer.param_groups:
            group["lr"] = RATE["autoencoder"] * min(1.0, (steps + 1) / 30, 3 * (1 - share) + 0.02)
        chosen = torch.randperm(len(clips))[: BATCH["autoencoder"]]
        top, left = (int(torch.randint(side - CROP + 1, ())) for side in clips.shape[-2:])
        part = (chosen, slice(None), slice(None), slice(top, top + CROP), slice(left, left + CROP))
        with torch.autocast("cpu", torch.bfloat16):
            drawn = model.decode(model.encode(clips[part]))
        error = drawn.float() - clips[part]
        weight = 1 + (ENTITY_WEIGHT - 1) * entity[part].float()
        edges = sum((drawn.float().diff(dim=axis) - clips[part].diff(dim=axis)).abs().mean() for axis in (-1, -2))
        loss = (weight * error.square()).mean() * 8 + (weight * error.abs()).mean() * 0.3 + 0.3 * edges
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        steps += 1
    model.measure(clips[:8])
    model.steps = steps
    return model.eval()


@torch.no_grad()
def judged(model, unseen):
    """PSNR of unseen clips, whole and of entities alone, and seconds to decode 25 frames."""
    clips, entity = clips_of(unseen, UNSEEN)
    drawn = torch.cat([model.decode(model.encode(some)).clamp(-1, 1) for some in clips.split(2)])
    error = (drawn - clips).square()
    latents = model.encode(torch.zeros(1, 3, 25, 144, 256))
    return {
        "whole": round(psnr(error), 2),
        "entity": round(psnr(error[entity.expand_as(error)]), 2),
        "decode_seconds": seconds(lambda: model.decode(latents)),
        "millions": round(sum(each.numel() for each in model.vae.parameters()) / 1e6, 1),
        "steps": model.steps,
    }


def pca(learned, unseen, config):
    """PSNR of the principal components of blocks, as many for each as an autoencoder has channels."""
    side, channels = config["scale_factor_spatial"], config["z_dim"]

    def blocks(path, count=None):
        clips, entity = clips_of(path, count)
        return [
            each[:, :, 1:].unfold(2, 4, 4).unfold(3, side, side).unfold(4, side, side).movedim(1, 4).flatten(4)
            for each in (clips, entity.expand_as(clips))
        ]

    data = torch.cat([blocks(path)[0].flatten(0, 3)[::2] for path in learned[:: max(1, len(learned) // 12)]])
    mean = data.mean(0)
    _, _, components = torch.svd_lowrank(data - mean, q=channels, niter=4)
    truth, owned = blocks(unseen, UNSEEN)
    error = ((truth - mean) @ components @ components.T + mean - truth).square()
    return {"whole": round(psnr(error), 2), "entity": round(psnr(error[owned]), 2)}


def control_of(shard, chosen):
    """The animatic as a control video (N, 3, F, H, W): nearness, whose it is, height."""
    surface = interpolate(shard.surface[chosen].flatten(0, 1)[:, :2].float(), scale_factor=CELL)
    owner = nn.functional.pixel_shuffle(shard.owner[chosen].flatten(0, 1).float(), CELL) / scenes.ENTITIES
    frames = torch.cat([surface[:, :1], owner, (surface[:, 1:] + 1) / 2], dim=1) * 2 - 1
    return frames.unflatten(0, (len(chosen), -1)).transpose(1, 2)


def train_vace(autoencoder, learned, unseen, minutes):
    """Train a transformer of VACE's class as its pipeline asks it: velocities, from the animatic and the words."""
    model = Vace(autoencoder, patch=16 // autoencoder.vae.config["scale_factor_spatial"])
    model.transformer.compile_repeated_blocks(dynamic=False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE["transformer"], betas=(0.9, 0.98))

    @torch.no_grad()
    def encoded(path):
        clips = scenes.load(path, ("rgb", *samples.TOLD))
        shard = samples.Encoded(
            clips.rgb, clips.rgb, clips.rgb, **{name: getattr(clips, name) for name in samples.TOLD},
            portraits=clips.rgb, views=clips.rgb, words=samples.words_of(clips.scenes, scenes.ENTITIES),
        )  # fmt: skip
        frames = clips.rgb.permute(0, 4, 1, 2, 3).float() / 127.5 - 1
        every = torch.arange(len(frames))
        told = control_of(shard, every)
        return [torch.cat([autoencoder.encode(some) for some in each.split(4)]) for each in (frames, told)] + [shard]

    known = [encoded(path) for path in learned[:SHARDS]]  # its minutes begin after this
    steps = 0
    for share in for_minutes(minutes):
        latents, control, shard = known[steps % len(known)]
        for group in optimizer.param_groups:
            group["lr"] = RATE["transformer"] * min(1.0, (steps + 1) / 100, 3 * (1 - share) + 0.02)
        chosen = torch.randperm(len(latents))[: BATCH["transformer"]]
        u = torch.randn(len(chosen)).sigmoid()
        sigma = SHIFT * u / (1 + (SHIFT - 1) * u)
        at, noise = sigma[:, None, None, None, None], torch.randn_like(latents[chosen])
        with torch.autocast("cpu", torch.bfloat16):
            velocity = model((1 - at) * latents[chosen] + at * noise, sigma, shard.words[chosen], control[chosen])
        loss = (velocity.float() - (noise - latents[chosen])).square().mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        steps += 1
    model.eval()
    _, control, shard = encoded(unseen)
    clips, entity = clips_of(unseen, UNSEEN)
    control, words = control[:UNSEEN], shard.words[torch.arange(UNSEEN)]
    told = {"steps": steps, "millions": round(sum(each.numel() for each in model.parameters()) / 1e6, 1)}
    with torch.no_grad(), torch.compiler.set_stance("force_eager"):
        for count in (1, 4, 8):
            x = torch.randn(control.shape, generator=torch.Generator().manual_seed(7))
            sigmas = torch.linspace(1, 0, count + 1)
            sigmas = SHIFT * sigmas / (1 + (SHIFT - 1) * sigmas)
            for sigma, after in itertools.pairwise(sigmas):
                x = x + (after - sigma) * model(x, sigma.expand(UNSEEN), words, control)
            drawn = torch.cat([autoencoder.decode(some).clamp(-1, 1) for some in x.split(2)])
            error = (drawn - clips).square()
            told[f"PSNR in {count} steps"] = round(psnr(error), 2)
            told[f"of entities in {count} steps"] = round(psnr(error[entity.expand_as(error)]), 2)
        long = autoencoder.encode(torch.zeros(1, 3, 25, 144, 256))

        def one_step():
            model(torch.randn_like(long), torch.ones(1), words[:1], long)

        told["step_seconds"] = seconds(one_step)
        told["encode_seconds"] = seconds(lambda: autoencoder.encode(torch.zeros(1, 3, 25, 144, 256)))
    return told


def train_painter(data, learned, unseen, minutes):
    """The built-in painter from nothing, in the same minutes."""
    codec = codec_of(data)
    samples.encode(codec, [*learned[:SHARDS], unseen], data / "latents", "cpu")
    shards = [samples.load(path, data / "latents") for path in (*learned[:SHARDS], unseen)]
    worth = training.worth_of_channels(codec, shards[-1].latents[:2].float().flatten(0, 1))
    painter = Painter(latent_channels=codec.config["latent_channels"]).to(memory_format=torch.channels_last)
    painter.begin_with(codec)
    torch._dynamo.config.recompile_limit = 64
    painter.compile_repeated_blocks(dynamic=False)
    seldom = [value for name, value in painter.named_parameters() if name.endswith(training.SELDOM)]
    layers = [value for name, value in painter.named_parameters() if not name.endswith(training.SELDOM)]
    optimizer = torch.optim.AdamW(
        [{"params": layers, "pace": 1.0}, {"params": seldom, "pace": training.SELDOM_FASTER}], betas=(0.9, 0.98)
    )
    source = samples.batches(shards[:-1], BATCH["transformer"], "cpu", lambda: 0.0)
    steps = 0
    for share in for_minutes(minutes):
        for group in optimizer.param_groups:
            group["lr"] = group["pace"] * training.RATE * min(1.0, (steps + 1) / 100, 3 * (1 - share) + 0.02)
        clean, pixels, given = next(source)
        sigma = training.noise_levels(len(clean), "cpu")
        loss, of_pixels = training.losses(painter, clean, pixels, given, sigma, worth)
        optimizer.zero_grad(set_to_none=True)
        (loss + training.PIXELS * of_pixels).backward()
        torch.nn.utils.clip_grad_norm_(painter.parameters(), 1.0)
        optimizer.step()
        steps += 1
    painter.eval()
    chosen = torch.arange(UNSEEN)
    clips, entity = clips_of(unseen, UNSEEN)
    clean, given = samples.everything(shards[-1], chosen)
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(7))
    with torch.no_grad(), torch.compiler.set_stance("force_eager"):
        _, drawn = painter(noise, torch.ones(UNSEEN), given)
    truth = samples.pixels_of(shards[-1], chosen)
    owned = (given.owner > 0).repeat(1, 1, 1, 3, 1, 1)
    error = (drawn.clamp(-1, 1) - truth).square()
    return {
        "steps": steps,
        "millions": round(sum(each.numel() for each in painter.parameters()) / 1e6, 1),
        "PSNR in 1 steps": round(psnr(error), 2),
        "of entities in 1 steps": round(psnr(error[owned]), 2),
    }


def seconds(work, runs=3):
    """The median of a few runs after one that warms up."""
    took = []
    for _ in range(runs + 1):
        begin = time.perf_counter()
        with torch.no_grad():
            work()
        took.append(time.perf_counter() - begin)
    return round(statistics.median(took[1:]), 2)


if __name__ == "__main__":
    main()

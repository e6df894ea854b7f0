"""Codec, painter and scheduler as one diffusers pipeline, saved and loaded like any other."""

from collections.abc import Callable

import diffusers
import torch
from diffusers import DiffusionPipeline, FlowMatchEulerDiscreteScheduler

from generation.engine.painter.codec import Codec, out_of_groups
from generation.engine.painter.network import KNOWN, Conditions, Painter

STEPS = 6
DECODED_AT_ONCE = 4  # groups: what decoding holds in memory
# What is left of noise when the painter's answer is divided by it: below, the answer itself is the end.
LEAST_SIGMA = 0.02


class PainterPipeline(DiffusionPipeline):
    """Paints clips from conditions: an animatic's geometry, words or pictures of who is where, given frames."""

    model_cpu_offload_seq = "painter->codec"

    def __init__(self, codec: Codec, painter: Painter, scheduler: FlowMatchEulerDiscreteScheduler):
        super().__init__()
        self.register_modules(codec=codec, painter=painter, scheduler=scheduler)

    @torch.no_grad()
    def __call__(
        self,
        given: Conditions,
        *,
        num_inference_steps: int = STEPS,
        generator: torch.Generator | list[torch.Generator] | None = None,
        on_step: Callable[[int, int, torch.Tensor], None] | None = None,
    ) -> torch.Tensor:
        """Clips uint8 (B, 4k + 1, 3, H, W) of B conditions.

        `generator`: on the CPU, one for all or one each, so that noise does not depend on the GPU. `on_step(step,
        steps, clean)` hears after every step, from 1, what the clean latents (B, G, C, h, w) are taken to be.
        """
        latents = self.paint(given, num_inference_steps, generator, on_step)
        return self.frames_of(latents)

    @torch.no_grad()
    def paint(self, given: Conditions, steps, generator=None, on_step=None) -> torch.Tensor:
        """Normalized clean latents (B, G, C, h, w), float32."""
        device = self.device
        given = given.to(device)
        shape = given.known.shape
        if isinstance(generator, list):
            noise = torch.stack([torch.randn(shape[1:], generator=each) for each in generator])
        else:
            noise = torch.randn(shape, generator=generator)
        noise = noise.to(device)
        self.scheduler.set_timesteps(steps, device=device)
        x, settled = noise, (given.knowledge == KNOWN)[:, :, None]
        clean = x
        for index, timestep in enumerate(self.scheduler.timesteps):
            sigma = self.scheduler.sigmas[index]
            clean = self.painter(x, sigma.expand(len(x)).to(x.dtype), given).float()
            clean = torch.where(settled, given.known.float(), clean)
            velocity = (x - clean) / sigma.clamp(min=LEAST_SIGMA)
            x = self.scheduler.step(velocity, timestep, x, return_dict=False)[0]
            if on_step:
                on_step(index + 1, steps, clean)
        return clean

    @torch.no_grad()
    def frames_of(self, latents: torch.Tensor) -> torch.Tensor:
        """Frames uint8 (B, 4k + 1, 3, H, W) of normalized latents (B, G, C, h, w)."""
        flat = self.codec.denormalized(latents.flatten(0, 1).to(self.codec.dtype))
        groups = torch.cat([self.codec.decode(some).float() for some in flat.split(DECODED_AT_ONCE)])
        frames = out_of_groups(groups.unflatten(0, latents.shape[:2]))
        return ((frames.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)

    @torch.no_grad()
    def latents_of(self, groups: torch.Tensor) -> torch.Tensor:
        """Normalized latents (N, C, h, w) of groups of frames (N, 4, 3, H, W) in [-1, 1]."""
        return self.codec.normalized(self.codec.encode(groups.to(self.device, self.codec.dtype)).float())


def scheduler(shift: float = 3.0) -> FlowMatchEulerDiscreteScheduler:
    """The noise levels a painter goes through, most of them high, where most is decided."""
    return FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=shift)


# `DiffusionPipeline.from_pretrained` finds a pipeline by its name among those of diffusers.
diffusers.PainterPipeline = PainterPipeline

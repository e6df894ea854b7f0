"""Codec, painter, relief and scheduler as one diffusers pipeline, saved and loaded like any other."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import diffusers
import torch
from diffusers import DiffusionPipeline, FlowMatchEulerDiscreteScheduler
from torch.nn.functional import pixel_shuffle

from generation.engine.painter.codec import CELL, Codec, out_of_groups
from generation.engine.painter.network import KNOWN, Conditions, Painter
from generation.engine.painter.relief import Relief

STEPS = 1  # over a guide nearly everything is decided in the first: see docs/decisions
DECODED_AT_ONCE = 4  # groups: what decoding holds in memory
# What is left of noise when the painter's answer is divided by it: below, the answer itself is the end.
LEAST_SIGMA = 0.02


@dataclass(frozen=True, eq=False)
class Painted:
    """What a painter makes of B clips: normalized latents (B, G, C, h, w), the pixels of every cell (B, G, 4, 48, h,
    w), and which cells were given, bool (B, G, h, w)."""

    clean: torch.Tensor
    pixels: torch.Tensor
    settled: torch.Tensor

    def group(self, number: int) -> "Painted":
        """One group of four frames alone."""
        return Painted(*(getattr(self, part.name)[:, number : number + 1] for part in fields(self)))


OnPainted = Callable[[int, int, Painted], None]


class PainterPipeline(DiffusionPipeline):
    """Paints clips from conditions: an animatic's geometry, words or pictures of who is where, given frames."""

    model_cpu_offload_seq = "relief->painter->codec"

    def __init__(self, codec: Codec, painter: Painter, relief: Relief, scheduler: FlowMatchEulerDiscreteScheduler):
        super().__init__()
        self.register_modules(codec=codec, painter=painter, relief=relief, scheduler=scheduler)

    @torch.no_grad()
    def __call__(
        self,
        given: Conditions,
        *,
        num_inference_steps: int = STEPS,
        generator: torch.Generator | list[torch.Generator] | None = None,
        on_step: OnPainted | None = None,
    ) -> torch.Tensor:
        """Clips uint8 (B, 4k + 1, 3, H, W) of B conditions.

        `generator`: on the CPU, one for all or one each, so that noise does not depend on the GPU. `on_step(step,
        steps, painted)` hears after every step, from 1, what is painted so far.
        """
        return self.pictures_of(self.paint(given, num_inference_steps, generator, on_step))

    @torch.no_grad()
    def paint(self, given: Conditions, steps, generator=None, on_step: OnPainted | None = None) -> Painted:
        """What comes out of `steps` steps."""
        device = self.device
        given = given.to(device)
        shape = given.known.shape
        if isinstance(generator, list):
            noise = torch.stack([torch.randn(shape[1:], generator=each) for each in generator])
        else:
            noise = torch.randn(shape, generator=generator)
        noise = noise.to(device)
        self.scheduler.set_timesteps(steps, device=device)
        x, settled = noise, given.knowledge == KNOWN
        for index, timestep in enumerate(self.scheduler.timesteps):
            sigma = self.scheduler.sigmas[index]
            clean, pixels = (part.float() for part in self.painter(x, sigma.expand(len(x)).to(x.dtype), given))
            clean = torch.where(settled[:, :, None], given.known.float(), clean)
            painted = Painted(clean, pixels, settled)
            velocity = (x - clean) / sigma.clamp(min=LEAST_SIGMA)
            x = self.scheduler.step(velocity, timestep, x, return_dict=False)[0]
            if on_step:
                on_step(index + 1, steps, painted)
        return painted

    @torch.no_grad()
    def pictures_of(self, painted: Painted) -> torch.Tensor:
        """Frames uint8 (B, 4k + 1, 3, H, W) of what was painted; of cells that were given, what was given."""
        groups = pixel_shuffle(painted.pixels, CELL)
        if painted.settled.any():
            settled = painted.settled.repeat_interleave(CELL, dim=-2).repeat_interleave(CELL, dim=-1)
            groups = torch.where(settled[:, :, None, None], self._decoded(painted.clean), groups)
        return _as_frames(groups)

    @torch.no_grad()
    def frames_of(self, latents: torch.Tensor) -> torch.Tensor:
        """Frames uint8 (B, 4k + 1, 3, H, W) of normalized latents (B, G, C, h, w)."""
        return _as_frames(self._decoded(latents))

    def _decoded(self, latents):
        flat = self.codec.denormalized(latents.flatten(0, 1).to(self.codec.dtype))
        groups = torch.cat([self.codec.decode(some).float() for some in flat.split(DECODED_AT_ONCE)])
        return groups.unflatten(0, latents.shape[:2])

    @torch.no_grad()
    def latents_of(self, groups: torch.Tensor) -> torch.Tensor:
        """Normalized latents (N, C, h, w) of groups of frames (N, 4, 3, H, W) in [-1, 1]."""
        return self.codec.normalized(self.codec.encode(groups.to(self.device, self.codec.dtype)).float())


def _as_frames(groups):
    return ((out_of_groups(groups).clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)


def scheduler(shift: float = 3.0) -> FlowMatchEulerDiscreteScheduler:
    """The noise levels a painter goes through, most of them high, where most is decided."""
    return FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=shift)


# `DiffusionPipeline.from_pretrained` finds a pipeline by its name among those of diffusers.
diffusers.PainterPipeline = PainterPipeline

"""Video to latents and back: groups of four frames, 4 × 4 pixels of them to one cell.

A group's four frames ride as channels of one picture, so nothing here is three-dimensional and decoding is cheap. A
linear path, which training begins as the principal components of such blocks, carries what it can; convolutions before
and after it (the residual blocks of DC-AE, Chen et al. 2024, from diffusers) add what it cannot and smooth its seams.
"""

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.autoencoders.autoencoder_dc import ResBlock
from diffusers.models.modeling_utils import ModelMixin
from torch import nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

GROUP = 4  # frames
CELL = 4  # pixels


def in_groups(frames: torch.Tensor) -> torch.Tensor:
    """Frames (B, 4k + 1, …) as groups (B, k + 1, 4, …): the first frame four times, then four by four."""
    first = frames[:, :1].expand(-1, GROUP, *frames.shape[2:])
    return torch.cat([first[:, None], frames[:, 1:].unflatten(1, (-1, GROUP))], dim=1)


def out_of_groups(groups: torch.Tensor) -> torch.Tensor:
    """The frames (B, 4k + 1, …) of groups (B, k + 1, 4, …); the first is the mean of its four."""
    return torch.cat([groups[:, 0].mean(1, keepdim=True), groups[:, 1:].flatten(1, 2)], dim=1)


class Codec(ModelMixin, ConfigMixin):
    """Autoencoder of groups of frames: (N, 4, 3, H, W) in [-1, 1] to latents (N, C, H / 4, W / 4) and back.

    `latents_mean` and `latents_scale`, C numbers each, say how a painter should see the latents (`normalized`).
    """

    config_name = "config.json"

    @register_to_config
    def __init__(
        self,
        latent_channels: int = 16,
        width: int = 96,
        blocks: int = 2,
        latents_mean: tuple[float, ...] | None = None,
        latents_scale: tuple[float, ...] | None = None,
    ):
        super().__init__()
        pixels = GROUP * 3 * CELL * CELL
        self.linear_in = nn.Conv2d(pixels, latent_channels, 1)
        self.linear_out = nn.Conv2d(latent_channels, pixels, 1)
        self.encoder = nn.Sequential(
            nn.Conv2d(pixels, width, 3, padding=1), *stack_of(width, blocks), nn.Conv2d(width, latent_channels, 1)
        )
        self.look = nn.Conv2d(pixels, width, 1)
        self.enter = nn.Conv2d(latent_channels, width, 3, padding=1)
        self.decoder = nn.Sequential(*stack_of(width, blocks + 1), nn.Conv2d(width, pixels, 3, padding=1))
        for last in (self.encoder[-1], self.decoder[-1]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def encode(self, groups: torch.Tensor) -> torch.Tensor:
        """Latents (N, C, H / 4, W / 4) of groups (N, 4, 3, H, W); H and W multiples of 4."""
        pixels = pixel_unshuffle(groups.flatten(1, 2), CELL)
        return self.linear_in(pixels) + self.encoder(pixels)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Groups (N, 4, 3, H, W), about [-1, 1], of latents (N, C, h, w)."""
        linear = self.linear_out(latents)
        pixels = linear + self.decoder(self.enter(latents) + self.look(linear))
        return pixel_shuffle(pixels, CELL).unflatten(1, (GROUP, 3))

    def normalized(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents as a painter sees them, about unit size."""
        return (latents - self._of_config("latents_mean", latents)) * self._of_config("latents_scale", latents)

    def denormalized(self, latents: torch.Tensor) -> torch.Tensor:
        """What `normalized` took."""
        return latents / self._of_config("latents_scale", latents) + self._of_config("latents_mean", latents)

    def _of_config(self, name, like):
        return torch.tensor(self.config[name], dtype=like.dtype, device=like.device)[:, None, None]


def stack_of(width: int, blocks: int) -> list[nn.Module]:
    """Residual blocks with which training begins as if they were not there."""
    stack = [ResBlock(width, width, norm_type="rms_norm", act_fn="silu") for _ in range(blocks)]
    for block in stack:
        nn.init.zeros_(block.norm.weight)
    return stack

"""Video to latents and back: groups of four frames, 16 × 16 pixels of them to one token.

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
TOKEN = 16  # pixels


def in_groups(frames: torch.Tensor) -> torch.Tensor:
    """Frames (B, 4k + 1, …) as groups (B, k + 1, 4, …): the first frame four times, then four by four."""
    first = frames[:, :1].expand(-1, GROUP, *frames.shape[2:])
    return torch.cat([first[:, None], frames[:, 1:].unflatten(1, (-1, GROUP))], dim=1)


def out_of_groups(groups: torch.Tensor) -> torch.Tensor:
    """The frames (B, 4k + 1, …) of groups (B, k + 1, 4, …); the first is the mean of its four."""
    return torch.cat([groups[:, 0].mean(1, keepdim=True), groups[:, 1:].flatten(1, 2)], dim=1)


class Codec(ModelMixin, ConfigMixin):
    """Autoencoder of groups of frames: (N, 4, 3, H, W) in [-1, 1] to latents (N, C, H / 16, W / 16) and back.

    `latents_mean` and `latents_scale`, C numbers each, say how a painter should see the latents (`normalized`).
    """

    config_name = "config.json"

    @register_to_config
    def __init__(
        self,
        latent_channels: int = 128,
        widths: tuple[int, int, int] = (96, 160, 192),
        blocks: int = 2,
        latents_mean: tuple[float, ...] | None = None,
        latents_scale: tuple[float, ...] | None = None,
    ):
        super().__init__()
        fine, middle, coarse = widths
        pixels = GROUP * 3 * TOKEN * TOKEN
        self.linear_in = nn.Conv2d(GROUP * 3, latent_channels, TOKEN, TOKEN)
        self.linear_out = nn.Conv2d(latent_channels, pixels, 1)
        self.encoder = nn.ModuleList(
            [
                nn.Conv2d(GROUP * 3 * 16, fine, 3, padding=1),
                _stack(fine, blocks),
                nn.Conv2d(4 * fine, middle, 1),
                _stack(middle, blocks),
                nn.Conv2d(4 * middle, coarse, 1),
                _stack(coarse, blocks),
                nn.Conv2d(coarse, latent_channels, 1),
            ]
        )
        self.decoder = nn.ModuleList(
            [
                nn.Conv2d(latent_channels, coarse, 3, padding=1),
                _stack(coarse, blocks),
                nn.Conv2d(coarse, 4 * middle, 1),
                _stack(middle, blocks),
                nn.Conv2d(middle, 4 * fine, 1),
                nn.Conv2d(GROUP * 3 * 16, fine, 1),
                _stack(fine, blocks),
                nn.Conv2d(fine, GROUP * 3 * 16, 3, padding=1),
            ]
        )
        for last in (self.encoder[-1], self.decoder[-1]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def encode(self, groups: torch.Tensor) -> torch.Tensor:
        """Latents (N, C, H / 16, W / 16) of groups (N, 4, 3, H, W); H and W multiples of 16."""
        picture = groups.flatten(1, 2)
        enter, fine, to_middle, middle, to_coarse, coarse, leave = self.encoder
        x = fine(enter(pixel_unshuffle(picture, 4)))
        x = middle(to_middle(pixel_unshuffle(x, 2)))
        x = coarse(to_coarse(pixel_unshuffle(x, 2)))
        return self.linear_in(picture) + leave(x)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Groups (N, 4, 3, H, W), about [-1, 1], of latents (N, C, h, w)."""
        linear = pixel_shuffle(self.linear_out(latents), TOKEN)
        enter, coarse, to_middle, middle, to_fine, look, fine, leave = self.decoder
        x = pixel_shuffle(to_middle(coarse(enter(latents))), 2)
        x = pixel_shuffle(to_fine(middle(x)), 2)
        x = fine(x + look(pixel_unshuffle(linear, 4)))
        return (linear + pixel_shuffle(leave(x), 4)).unflatten(1, (GROUP, 3))

    def normalized(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents as a painter sees them, about unit size."""
        return (latents - self._of_config("latents_mean", latents)) * self._of_config("latents_scale", latents)

    def denormalized(self, latents: torch.Tensor) -> torch.Tensor:
        """What `normalized` took."""
        return latents / self._of_config("latents_scale", latents) + self._of_config("latents_mean", latents)

    def _of_config(self, name, like):
        return torch.tensor(self.config[name], dtype=like.dtype, device=like.device)[:, None, None]


def _stack(width, blocks):
    stack = nn.Sequential(*(ResBlock(width, width, norm_type="rms_norm", act_fn="silu") for _ in range(blocks)))
    for block in stack:
        nn.init.zeros_(block.norm.weight)
    return stack

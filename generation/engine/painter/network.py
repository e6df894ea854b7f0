"""The painter: a small diffusion network that turns noise into the latents of a clip, guided by an animatic.

What a guide says of a cell enters beside the cell's noisy latents, and so does who is there: an entity's words, or its
picture, are laid into the cells it covers, so that a colour cannot end up on somebody else. Convolutions paint in the
cells' own resolution, where edges lie as the guide has them; between them, a transformer over tokens of 4 × 4 cells
(DiT, Peebles & Xie 2023, with one modulation shared by all blocks as in PixArt-α, Chen et al. 2023, and rotary
positions in three dimensions) sees the whole shot and the words. It predicts the clean latents (Li & He 2025, "Back to
Basics").
"""

from dataclasses import dataclass, fields

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.attention import FeedForward
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from diffusers.models.modeling_utils import ModelMixin
from diffusers.models.resnet import ResnetBlock2D
from torch import nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle, scaled_dot_product_attention

from generation.engine.painter.codec import GROUP
from generation.engine.painter.guide import SURFACE
from generation.engine.painter.words import ENTITY_SIZES, SETTING_SIZES, Words

TOKEN = 16  # pixels: sides of a clip are multiples of it
HEAD = 64
GROUPS = 8  # of channels that are normalized together
REACH = 2  # groups: how far attention looks ahead and back, which is as far as it did while learning
# What a group of a clip is given of its own pictures: nothing, all of it, its last frame.
UNKNOWN, KNOWN, LAST_FRAME_KNOWN = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Conditions:
    """What to paint, for B clips of G groups of four frames in h × w tokens.

    words: see `Words`; `pictured` (B, E) says whose picture is to be followed instead of their words, `portraits` float
    (B, E, 4, 64, 64) in [-1, 1] is those pictures, `viewed` (B,) and `views` (B, 3, 72, 128) the same for the place.
    surface (B, G, 4, 9, 4h, 4w) and cover (B, G, 4, E, 4h, 4w) in [0, 1]: the guide; zero where `guided` (B,) is 0.
    known (B, G, C, h, w): normalized latents that are given; knowledge int64 (B, G, h, w): UNKNOWN and so on.
    """

    words: Words
    pictured: torch.Tensor
    portraits: torch.Tensor
    viewed: torch.Tensor
    views: torch.Tensor
    guided: torch.Tensor
    surface: torch.Tensor
    cover: torch.Tensor
    known: torch.Tensor
    knowledge: torch.Tensor

    def to(self, device) -> "Conditions":
        return Conditions(*(getattr(self, column.name).to(device) for column in fields(self)))


class Painter(ModelMixin, ConfigMixin):
    """Predicts clean latents from noisy ones."""

    config_name = "config.json"
    _repeated_blocks = ["Block", "ResnetBlock2D"]

    @register_to_config
    def __init__(
        self,
        latent_channels: int = 16,
        widths: tuple[int, int, int] = (64, 160, 256),
        residuals: int = 2,
        layers: int = 6,
        cell_channels: int = 10,
    ):
        super().__init__()
        fine, middle, width = widths
        self.describe_entity = EntityWords(width)
        self.look_at = PictureEncoder(4, width)
        self.look_around = PictureEncoder(3, width)
        self.setting = nn.ModuleList(nn.Embedding(size, width) for size in SETTING_SIZES)
        self.amount = nn.Linear(1, width)
        self.unguided = nn.Parameter(torch.zeros(width))
        self.times = Timesteps(256, flip_sin_to_cos=True, downscale_freq_shift=0)
        self.time = TimestepEmbedding(256, width)
        self.in_frame = nn.Linear(width, cell_channels)
        self.in_group = nn.Linear(width, fine)
        self.enter = nn.Conv2d(2 * latent_channels + 2 + GROUP * (SURFACE + cell_channels), fine, 3, padding=1)
        self.fine_down, self.fine_up = (Residuals(fine, width, residuals) for _ in range(2))
        self.middle_down, self.middle_up = (Residuals(middle, width, residuals) for _ in range(2))
        self.to_middle, self.from_middle = nn.Conv2d(4 * fine, middle, 1), nn.Conv2d(middle, 4 * fine, 1)
        self.to_tokens, self.from_tokens = nn.Conv2d(4 * middle, width, 1), nn.Conv2d(width, 4 * middle, 1)
        self.modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))
        self.transformer = nn.ModuleList(Block(width, asks=index % 2 == 0) for index in range(layers))
        self.leave = nn.Sequential(
            nn.GroupNorm(GROUPS, fine, eps=1e-6), nn.SiLU(), nn.Conv2d(fine, latent_channels, 3, padding=1)
        )
        for table in self.setting:
            nn.init.normal_(table.weight, std=0.3)
        for last in (self.modulation[1], self.leave[2]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def tokens_of(self, given: Conditions) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Entities (B, E, D), the setting's tokens (B, 5, D), and which entities there are (B, E)."""
        entities = self.describe_entity(given.words)
        if given.pictured.any():
            pictures = self.look_at(given.portraits.flatten(0, 1)).unflatten(0, entities.shape[:2])
            entities = torch.where(given.pictured[..., None] > 0, pictures, entities)
        present = given.words.entity[..., 0] > 0
        setting = torch.stack([table(given.words.setting[:, index]) for index, table in enumerate(self.setting)], dim=1)
        if given.viewed.any():
            # A picture of a place stands for place, time, weather and look; the camera is still told in words.
            seen = self.look_around(given.views)[:, None].expand(-1, 4, -1) / 4
            seen = torch.cat([seen, setting[:, 4:]], dim=1)
            setting = torch.where(given.viewed[:, None, None] > 0, seen, setting)
        camera = setting[:, 4:] + self.amount(given.words.amount[:, None])[:, None]
        return entities * present[..., None], torch.cat([setting[:, :4], camera], dim=1), present

    def forward(self, noisy: torch.Tensor, sigma: torch.Tensor, given: Conditions) -> torch.Tensor:
        """Clean latents (B, G, C, h, w) from (1 - sigma) clean + sigma noise, sigma (B,) in [0, 1]."""
        clips, groups, _, rows, columns = noisy.shape
        entities, setting, present = self.tokens_of(given)
        when = self.time(self.times(sigma * 1000).to(entities.dtype)) + setting.sum(1)
        when = when + self.unguided * (1 - given.guided[:, None])
        each = when.repeat_interleave(groups, dim=0)  # (B·G, D)

        x = self.enter(self._cells(noisy, given, entities).to(memory_format=torch.channels_last))
        who = torch.einsum("bgehw,bec->bgchw", given.cover.mean(2), self.in_group(entities).float())
        fine = self.fine_down(x + who.flatten(0, 1).to(x.dtype), each)
        middle = self.middle_down(self.to_middle(pixel_unshuffle(fine, 2)), each)
        tokens = self.to_tokens(pixel_unshuffle(middle, 2)).unflatten(0, (clips, groups))

        tokens = tokens.permute(0, 1, 3, 4, 2).flatten(1, 3)
        modulation = self.modulation(when).unflatten(-1, (6, -1))
        asked = torch.cat([setting, entities], dim=1)
        hidden = torch.cat([present.new_ones(clips, setting.shape[1]), present], dim=1)[:, None, None]
        grid = groups, rows // 4, columns // 4
        positions = rotary(*grid, tokens.device)
        near = within_reach(groups, grid[1] * grid[2], tokens.device)
        for block in self.transformer:
            tokens = block(tokens, modulation, positions, near, asked, hidden)
        tokens = tokens.unflatten(1, grid).permute(0, 1, 4, 2, 3).flatten(0, 1)

        middle = self.middle_up(middle + pixel_shuffle(self.from_tokens(tokens), 2), each)
        fine = self.fine_up(fine + pixel_shuffle(self.from_middle(middle), 2), each)
        return self.leave(fine).unflatten(0, (clips, groups))

    def _cells(self, noisy, given, entities):
        """All that is told of a cell, (B·G, channels, h, w)."""
        who = torch.einsum("bgfehw,bec->bgfchw", given.cover, self.in_frame(entities).float())
        knowledge = torch.stack([given.knowledge == KNOWN, given.knowledge == LAST_FRAME_KNOWN], dim=2)
        told = [noisy, given.known, knowledge, given.surface.flatten(2, 3), who.flatten(2, 3)]
        return torch.cat([each.to(self.enter.weight.dtype) for each in told], dim=2).flatten(0, 1)


class Residuals(nn.Module):
    """Residual convolutions (N, C, h, w) that know the time and the setting (N, D)."""

    def __init__(self, channels, width, blocks):
        super().__init__()
        self.blocks = nn.ModuleList(
            ResnetBlock2D(
                in_channels=channels,
                temb_channels=width,
                groups=GROUPS,
                eps=1e-6,
                non_linearity="silu",
                time_embedding_norm="scale_shift",
            )
            for _ in range(blocks)
        )

    def forward(self, x, when):
        for block in self.blocks:
            x = block(x, when)
        return x


class Block(nn.Module):
    """Attention among all tokens, in every other block a look at the words, and a feed-forward layer."""

    def __init__(self, width, asks):
        super().__init__()
        self.heads = width // HEAD
        self.norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.to_qkv = nn.Linear(width, 3 * width)
        self.norm_q, self.norm_k = (nn.RMSNorm(HEAD, eps=1e-6, elementwise_affine=False) for _ in range(2))
        self.to_out = nn.Linear(width, width)
        self.asks = asks
        if asks:
            self.ask, self.answer = nn.Linear(width, width), nn.Linear(width, 2 * width)
            self.take = nn.Linear(width, width)
            nn.init.zeros_(self.take.weight)
            nn.init.zeros_(self.take.bias)
        self.feed_forward = FeedForward(width, mult=4, activation_fn="gelu-approximate")
        self.table = nn.Parameter(torch.randn(6, width) / width**0.5)

    def forward(self, x, modulation, positions, near, asked, hidden):
        shift, scale, gate, shift_ff, scale_ff, gate_ff = (modulation + self.table).unsqueeze(1).unbind(2)
        q, k, v = self._heads(self.to_qkv(self.norm(x) * (1 + scale) + shift), 3)
        q, k = rotated(self.norm_q(q), positions), rotated(self.norm_k(k), positions)
        x = x + gate * self.to_out(_joined(attend(q, k, v.to(q.dtype), near)))
        if self.asks:
            (q,) = self._heads(self.ask(self.norm(x)), 1)
            k, v = self._heads(self.answer(asked), 2)
            x = x + self.take(_joined(attend(q, k, v, hidden)))
        return x + gate_ff * self.feed_forward(self.norm(x) * (1 + scale_ff) + shift_ff)

    def _heads(self, x, parts):
        """(B, N, parts × D) as `parts` tensors (B, heads, N, 64)."""
        return x.unflatten(-1, (parts, self.heads, HEAD)).permute(2, 0, 3, 1, 4).unbind(0)


class EntityWords(nn.Module):
    """Kind, colours, accessory and action of an entity as one vector."""

    def __init__(self, width):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, width) for size in ENTITY_SIZES)
        self.hue = nn.Linear(3, width)
        self.mix = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)
        )

    def forward(self, words):
        x = sum(table(words.entity[..., index]) for index, table in enumerate(self.tables))
        return self.mix(x + self.hue(words.hue * 2 - 1))


class PictureEncoder(nn.Module):
    """A picture (N, channels, H, W) in [-1, 1] as one vector (N, width)."""

    def __init__(self, channels, width):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, 48, 4, 4),
            nn.SiLU(),
            nn.Conv2d(48, 96, 3, 2, 1),
            nn.SiLU(),
            nn.Conv2d(96, 192, 3, 2, 1),
            nn.SiLU(),
            nn.Conv2d(192, width, 1),
        )
        self.mix = nn.Sequential(
            nn.LayerNorm(2 * width), nn.Linear(2 * width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)
        )

    def forward(self, pictures):
        x = self.layers(pictures.to(self.layers[0].weight.dtype)).flatten(2)
        return self.mix(torch.cat([x.mean(2), x.amax(2)], dim=-1))


def _joined(heads):
    return heads.transpose(1, 2).flatten(2)


def attend(q, k, v, allowed=None):
    """Attention (B, heads, N, 64); while learning on a CPU in plain products, a third faster there."""
    if q.device.type != "cpu" or not torch.is_grad_enabled():
        return scaled_dot_product_attention(q, k, v, attn_mask=allowed)
    scores = (q * HEAD**-0.5) @ k.transpose(-2, -1)
    if allowed is not None:
        scores = scores.masked_fill(~allowed, -1e4)
    return scores.softmax(-1).to(v.dtype) @ v


def within_reach(groups, tokens, device):
    """Which tokens may look at which, bool (N, N); None where all may look at all."""
    if groups <= REACH + 1:
        return None
    group = torch.arange(groups, device=device).repeat_interleave(tokens)
    return (group[:, None] - group).abs() <= REACH


def rotary(groups, rows, columns, device):
    """Cosines and sines (N, 64) of a grid of tokens: 8 frequencies for time, 12 each for down and across."""
    time, down, across = torch.meshgrid(
        torch.arange(groups, device=device, dtype=torch.float32),
        torch.arange(rows, device=device, dtype=torch.float32) - rows / 2,
        torch.arange(columns, device=device, dtype=torch.float32) - columns / 2,
        indexing="ij",
    )
    angles = [
        position.flatten()[:, None] / 100 ** (torch.arange(count, device=device) / count)
        for position, count in ((time, 8), (down, 12), (across, 12))
    ]
    angle = torch.cat(angles, dim=-1)
    return torch.cat([angle.cos(), angle.cos()], dim=-1), torch.cat([angle.sin(), angle.sin()], dim=-1)


def rotated(x, positions):
    """Queries or keys (B, heads, N, 64) turned by their positions."""
    cosine, sine = positions
    first, second = x.chunk(2, dim=-1)
    return (x * cosine + torch.cat([-second, first], dim=-1) * sine).to(x.dtype)

"""The painter: a small diffusion network that turns noise into the latents of a clip, guided by an animatic.

Who is where is laid into the cells: an entity's words, or its picture, enter the cells it covers, so that a colour
cannot end up on somebody else, and scale and shift what is computed there (SPADE, Park et al. 2019): what a point of a
body looks like depends on whose body it is. Each frame is looked at by itself before the four of a group become one
picture, and again after. Convolutions paint in the cells' own resolution, where edges lie as the guide has it; between
them, a transformer over tokens of 4 × 4 cells (DiT, Peebles & Xie 2023, with one modulation shared by all blocks as in
PixArt-α, Chen et al. 2023, and rotary positions in three dimensions) sees the whole shot and the words. It predicts the
clean latents (Li & He 2025, "Back to Basics").
"""

from dataclasses import dataclass, fields

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from diffusers.models.modeling_utils import ModelMixin
from torch import nn
from torch.nn.functional import avg_pool2d, pixel_shuffle, pixel_unshuffle

from generation.engine.painter.codec import CELL, GROUP, Codec
from generation.engine.painter.guide import DETAIL, NEAR, SURFACE
from generation.engine.painter.layers import Block, CellNorm, Cover, Residuals, Surfaces, Within, rotary, within_reach
from generation.engine.painter.words import ENTITY_SIZES, SETTING_SIZES, Words

REMEMBERED = 16  # features of a point
TOKEN = 16  # pixels: sides of a clip are multiples of it
TURNS = (1.0, 2.0, 4.0, 8.0)  # half turns a metre: waves by which points of a body are told apart
CELLS_A_METRE = 60.0  # about, one metre away
# What a group of a clip is given of its own pictures: nothing, all of it, its last frame.
UNKNOWN, KNOWN, LAST_FRAME_KNOWN = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Conditions:
    """What to paint, for B clips of G groups of four frames in h × w tokens.

    words: see `Words`; `pictured` (B, E) says whose picture is to be followed instead of their words, `portraits` float
    (B, E, 4, 64, 64) in [-1, 1] is those pictures, `viewed` (B,) and `views` (B, 3, 72, 128) the same for the place.
    surface (B, G, 4, 12, h, w), cover (B, G, 4, E, h, w) in [0, 1], detail (B, G, 4, 64, h, w) in [-1, 1], owner int64
    and part int32 (B, G, 4, 16, h, w): the guide, see `Guide`; zero where `guided` (B,) is 0.
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
    detail: torch.Tensor
    owner: torch.Tensor
    part: torch.Tensor
    known: torch.Tensor
    knowledge: torch.Tensor

    def to(self, device) -> "Conditions":
        return Conditions(*(getattr(self, column.name).to(device) for column in fields(self)))


class Painter(ModelMixin, ConfigMixin):
    """Predicts clean latents from noisy ones."""

    config_name = "config.json"
    _repeated_blocks = ["Block", "Residual", "Within"]

    @register_to_config
    def __init__(
        self,
        latent_channels: int = 16,
        widths: tuple[int, int, int, int] = (32, 64, 160, 256),
        residuals: tuple[int, int, int] = (2, 1, 2),
        layers: int = 6,
    ):
        super().__init__()
        frame, fine, middle, width = widths
        self.describe_entity = EntityWords(width)
        self.look_at = PictureEncoder(4, width)
        self.look_around = PictureEncoder(3, width)
        self.setting = nn.ModuleList(nn.Embedding(size, width) for size in SETTING_SIZES)
        self.amount = nn.Linear(1, width)
        self.unguided = nn.Parameter(torch.zeros(width))
        self.times = Timesteps(256, flip_sin_to_cos=True, downscale_freq_shift=0)
        self.time = TimestepEmbedding(256, width)
        self.together = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.SiLU(), nn.Linear(4 * width, width)
        )
        self.enter_frame = nn.Conv2d(SURFACE + 6 * len(TURNS), frame, 3, padding=1)
        self.in_frame, self.in_group = nn.Linear(width, frame), nn.Linear(width, fine)
        self.enter = nn.Conv2d(GROUP * frame + 2 * latent_channels + 2, fine, 3, padding=1)
        self.frame_down, self.frame_up = (Residuals(frame, width, residuals[0]) for _ in range(2))
        self.fine_down, self.fine_up = (Residuals(fine, width, residuals[1]) for _ in range(2))
        self.middle_down, self.middle_up = (Residuals(middle, width, residuals[2]) for _ in range(2))
        self.to_frames = nn.Conv2d(fine, GROUP * frame, 1)
        self.to_middle, self.from_middle = nn.Conv2d(4 * fine, middle, 1), nn.Conv2d(middle, 4 * fine, 1)
        self.to_tokens, self.from_tokens = nn.Conv2d(4 * middle, width, 1), nn.Conv2d(width, 4 * middle, 1)
        self.modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))
        self.transformer = nn.ModuleList(Block(width, asks=index % 2 == 0) for index in range(layers))
        self.leave = nn.Sequential(
            CellNorm(GROUP * frame), nn.SiLU(), nn.Conv2d(GROUP * frame, latent_channels, 3, padding=1)
        )
        # Each frame's pixels, and how a codec makes latents of the pixels of four: see `begin_with`.
        self.pixels = nn.Conv2d(frame, 3 * CELL**2, 3, padding=1)
        self.gather = nn.Conv2d(GROUP * 3 * CELL**2, latent_channels, 1, bias=False)
        self.enter_detail = nn.Conv2d((DETAIL + 1) * CELL**2, frame, 1)
        self.within = Within(frame, width)
        self.enter_parts = nn.Conv2d(self.within.parts.embedding_dim, frame, 1)
        self.bodies = Surfaces(ENTITY_SIZES[0], REMEMBERED, 24, axes=((0, 1), (2, 1), (0, 2)), reach=1.0)
        self.places = Surfaces(SETTING_SIZES[0], REMEMBERED, 96, axes=((0, 2),), reach=4.0)
        self.enter_surface = nn.Conv2d(2 * REMEMBERED, frame, 1)
        for table in self.setting:
            nn.init.normal_(table.weight, std=0.3)
        for last in (
            self.modulation[1],
            self.leave[2],
            self.together[3],
            self.pixels,
            self.enter_detail,
            self.enter_parts,
            self.enter_surface,
        ):
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

    def forward(self, noisy: torch.Tensor, sigma: torch.Tensor, given: Conditions) -> tuple[torch.Tensor, torch.Tensor]:
        """Clean latents (B, G, C, h, w) from (1 - sigma) clean + sigma noise, sigma (B,) in [0, 1]; and the pixels of
        every cell, (B, G, 4, 48, h, w), about [-1, 1], as `pixel_shuffle` takes them."""
        clips, groups, _, rows, columns = noisy.shape
        entities, setting, present = self.tokens_of(given)
        when = self.time(self.times(sigma * 1000).to(entities.dtype)) + setting.sum(1)
        when = when + self.unguided * (1 - given.guided[:, None])
        when = when + self.together(when)  # a place at night in the rain is not their sum
        each = when.repeat_interleave(groups, dim=0)  # (B·G, D)

        cover = given.cover.flatten(0, 2)
        now = Cover(cover, entities)
        cover = cover.unflatten(0, (-1, GROUP)).mean(1)
        here, around = Cover(cover, entities), Cover(avg_pool2d(cover, 2), entities)
        surface = with_waves(given.surface.flatten(0, 2)).to(self.enter.weight.dtype)
        frames = self.enter_frame(surface.contiguous(memory_format=torch.channels_last)) + now.laid(self.in_frame)
        detail, owner, part = (each.flatten(0, 2) for each in (given.detail.to(frames.dtype), given.owner, given.part))
        frames = frames + self.enter_detail(torch.cat([detail, (owner > 0).to(detail.dtype)], dim=1))
        frames = frames + self.enter_parts(self.within.in_cells(part).to(frames.dtype))
        frames = frames + self.enter_surface(self.remembered(given).to(frames.dtype))
        frames = self.frame_down(frames, each.repeat_interleave(GROUP, dim=0), now)
        x = self.enter(torch.cat([side_by_side(frames), self._cells(noisy, given).to(frames.dtype)], dim=1))
        fine = self.fine_down(x + here.laid(self.in_group), each, here)
        middle = self.middle_down(self.to_middle(pixel_unshuffle(fine, 2)), each, around)
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

        middle = self.middle_up(middle + pixel_shuffle(self.from_tokens(tokens), 2), each, around)
        fine = self.fine_up(fine + pixel_shuffle(self.from_middle(middle), 2), each, here)
        frames = frames + self.to_frames(fine).unflatten(1, (GROUP, -1)).flatten(0, 1)
        frames = self.frame_up(frames, each.repeat_interleave(GROUP, dim=0), now)
        pixels = self.pixels(frames) + self.within(frames, detail, owner, part, entities)
        latents = self.leave(side_by_side(frames)) + self.gather(side_by_side(pixels))
        return latents.unflatten(0, (clips, groups)), pixels.unflatten(0, (clips, groups, GROUP))

    def remembered(self, given: Conditions) -> torch.Tensor:
        """What is known of the points that the cells show, of bodies and of the place, (N, 32, h, w)."""
        surface = given.surface.flatten(0, 2)
        share, number = given.cover.flatten(0, 2).max(1)  # of the entity that takes most of a cell
        clip = torch.arange(len(surface), device=surface.device) // (len(surface) // len(given.guided))
        clip = clip[:, None, None].expand_as(number)
        seen = (surface[:, 0] > 0) * given.guided[clip]
        points = surface[:, -3:].permute(0, 2, 3, 1)
        known = [
            self.bodies(given.words.entity[clip, number, 0], points, seen * share),
            self.places(given.words.setting[clip, 0], points, seen * (1 - share)),
        ]
        return torch.cat(known, dim=-1).permute(0, 3, 1, 2)

    @torch.no_grad()
    def begin_with(self, codec: Codec) -> None:
        """Gather pixels as the linear path of `codec` does: what is learned of a frame is known of four that move."""
        scale = torch.tensor(codec.config["latents_scale"], device=codec.device)[:, None, None, None]
        self.gather.weight.copy_(codec.linear_in.weight * scale)

    def _cells(self, noisy, given):
        """What is told of the cells of a group, (B·G, channels, h, w)."""
        knowledge = torch.stack([given.knowledge == KNOWN, given.knowledge == LAST_FRAME_KNOWN], dim=2)
        return torch.cat([noisy, given.known, knowledge], dim=2).flatten(0, 1)


def side_by_side(frames):
    """The four frames of each group (4N, C, h, w) as channels of one picture (N, 4C, h, w)."""
    together = frames.unflatten(0, (-1, GROUP)).flatten(1, 2)
    return together.contiguous(memory_format=torch.channels_last)


def with_waves(surface):
    """A guide's surface (…, 12, h, w) with its last three channels, points, as fractions and as waves: (…, 36, h, w).

    Waves that would be shorter than a cell, far away, fade out.
    """
    points = surface[..., SURFACE - 3 :, :, :]
    cell = (NEAR / surface[..., :1, :, :].clamp(min=1e-3) - NEAR) / CELLS_A_METRE
    waves = [
        wave(torch.pi * turns * points) * (1 - turns * cell).clamp(0, 1)
        for turns in TURNS
        for wave in (torch.sin, torch.cos)
    ]
    return torch.cat([surface[..., : SURFACE - 3, :, :], points / (2 + points.abs()), *waves], dim=-3)


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

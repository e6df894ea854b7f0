"""The layers of the painter: convolutions and attention that are told who is where, and when."""

from itertools import product

import torch
from diffusers.models.attention import FeedForward
from torch import nn
from torch.nn.functional import embedding_bag, pixel_shuffle, pixel_unshuffle, scaled_dot_product_attention, silu

from generation.engine.painter.codec import CELL
from generation.engine.painter.guide import DETAIL
from generation.engine.world.numbering import NUMBERS

HEAD = 64
REACH = 2  # groups: how far attention looks ahead and back, which is as far as it did while learning


class Cover:
    """How much of every cell (N, E, h, w) each entity takes, and who they are, (B, E, D); N a multiple of B."""

    def __init__(self, share, entities):
        self.share, self.entities = share.unflatten(0, (len(entities), -1)), entities

    def laid(self, layer):
        """A layer's answer about each entity, laid into its cells: (N, C, h, w)."""
        said = layer(self.entities)
        laid = torch.einsum("bgehw,bec->bghwc", self.share.to(said.dtype), said)
        return laid.permute(0, 1, 4, 2, 3).flatten(0, 1)


class Surfaces(nn.Module):
    """What is known of the points of bodies or of places, as learned planes of features (EG3D, Chan et al. 2022).

    A point's features are the sum of what a few planes of its kind say, each spanned by two axes: what is to be learned
    of a face is kept where the face is, and not in what all bodies share.
    """

    def __init__(self, kinds, channels, side, axes, reach):
        super().__init__()
        self.axes, self.side, self.reach = axes, side, reach
        self.planes = nn.Parameter(0.1 * torch.randn(kinds * len(axes) * side**2, channels))

    def forward(self, kind, points, share):
        """Features (…, C) of points (…, 3), in metres, of what is of these kinds (…), times their share (…)."""
        at = share > 0
        features = share.new_zeros(*share.shape, self.planes.shape[1])
        features[at] = self._looked_up(kind[at], points[at].float()) * share[at][:, None]
        return features

    def _looked_up(self, kind, points):
        along = (points / (points.abs() + self.reach) + 1) / 2 * (self.side - 1)  # in steps of a plane, (M, 3)
        low = along.floor().clamp(max=self.side - 2)
        part, low = along - low, low.long()
        rows, shares = [], []
        for number, (across, down) in enumerate(self.axes):
            plane = (kind * len(self.axes) + number) * self.side**2
            for right, below in product((0, 1), repeat=2):
                rows.append(plane + (low[:, down] + below) * self.side + low[:, across] + right)
                beside = part[:, across] if right else 1 - part[:, across]
                shares.append(beside * (part[:, down] if below else 1 - part[:, down]))
        rows, shares = torch.stack(rows, dim=1), torch.stack(shares, dim=1)
        return embedding_bag(rows, self.planes, per_sample_weights=shares, mode="sum")


class CellNorm(nn.LayerNorm):
    """Layer normalization of every cell of (N, C, h, w) by itself.

    Normalizing whole pictures would take their brightness away, and see crops, from which much is learned, otherwise.
    """

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Residual(nn.Module):
    """Two convolutions whose answer is added to their question (N, C, h, w), told time and setting (N, D) and who."""

    def __init__(self, channels, width):
        super().__init__()
        self.norm1, self.norm2 = CellNorm(channels, eps=1e-6), CellNorm(channels, eps=1e-6)
        self.conv1, self.conv2 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.time_emb_proj, self.who = nn.Linear(width, 2 * channels), nn.Linear(width, 2 * channels, bias=False)
        nn.init.zeros_(self.who.weight)

    def forward(self, x, when, who):
        answer = self.conv1(silu(self.norm1(x)))
        scale, shift = (self.time_emb_proj(silu(when))[:, :, None, None] + who.laid(self.who)).chunk(2, dim=1)
        return x + self.conv2(silu(self.norm2(answer) * (1 + scale) + shift))


class Residuals(nn.Module):
    """A few of them, one after the other."""

    def __init__(self, channels, width, blocks):
        super().__init__()
        self.blocks = nn.ModuleList(Residual(channels, width) for _ in range(blocks))

    def forward(self, x, when, who):
        for block in self.blocks:
            x = block(x, when, who)
        return x


class Within(nn.Module):
    """The pixels of each cell: what its features say, parted along what differs within it.

    One half of the features, with nearness and points of every pixel, says which side of an edge a pixel lies on; the
    other half, with whose pixel it is, how that side looks. What is learned of the part that it shows adds to both.
    """

    def __init__(self, channels, width, hidden=24):
        super().__init__()
        self.parts = nn.Embedding(NUMBERS, 2 * hidden)
        self.cells = nn.Conv2d(channels, 2 * hidden * CELL**2, 1)
        self.detail = nn.Conv2d(DETAIL + 1, hidden, 3, padding=1)
        self.who = nn.Linear(width, hidden, bias=False)
        self.mix = nn.Conv2d(hidden, hidden, 1)
        self.leave = nn.Conv2d(hidden, 3, 3, padding=1)
        nn.init.normal_(self.parts.weight, std=0.3)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def in_cells(self, part):
        """What is learned of the parts (N, 16, h, w) that cells show, its mean in each: (N, 48, h, w)."""
        pixels = part.permute(0, 2, 3, 1)
        mean = embedding_bag(pixels.flatten(0, 2), self.parts.weight, mode="mean")
        return mean.unflatten(0, pixels.shape[:3]).permute(0, 3, 1, 2)

    def forward(self, frames, detail, owner, part, entities):
        """Pixels (N, 48, h, w) of cells (N, C, h, w), detail (N, 64, h, w), owner and part (N, 16, h, w), and entities
        (B, E, D)."""
        looks = self.who(entities)
        looks = looks.repeat_interleave(len(frames) // len(looks), dim=0)
        if torch.is_grad_enabled():
            return self._painted(frames, detail, owner, part, looks)
        # Frame by frame: what fits into a processor's cache is painted a fifth faster, in a quarter less memory.
        each = zip(*(given.split(1) for given in (frames, detail, owner, part, looks)), strict=True)
        return torch.cat([self._painted(*frame) for frame in each])

    def _painted(self, frames, detail, owner, part, looks):
        owner = pixel_shuffle(owner, CELL)[:, 0]
        detail = torch.cat([pixel_shuffle(detail, CELL), (owner > 0)[:, None].to(detail.dtype)], dim=1)
        known = self._known_of(part)
        sides, colors = (pixel_shuffle(self.cells(frames), CELL) + known.to(frames.dtype)).chunk(2, dim=1)
        numbers = torch.arange(1, looks.shape[1] + 1, device=owner.device)
        own = (owner.flatten(1)[..., None] == numbers).to(looks.dtype)  # (N, pixels, E)
        colors = colors + (own @ looks).unflatten(1, owner.shape[1:]).permute(0, 3, 1, 2)
        x = silu(sides + self.detail(detail)) * colors
        return pixel_unshuffle(self.leave(silu(self.mix(x))), CELL)

    @torch.compiler.disable  # compiled together with the rest, its gradient takes a fifth of a training step
    def _known_of(self, part):
        return self.parts(pixel_shuffle(part, CELL)[:, 0]).permute(0, 3, 1, 2)


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

"""The networks of the probes: small, and each sees no more than its question needs."""

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate, pixel_shuffle, pixel_unshuffle, silu

from generation.engine.painter.words import ACTIONS, COLORS, KINDS
from generation.engine.world import vocabulary

CROP = 64  # pixels
PLACE_PICTURE, LIGHT_PICTURE = (72, 128), (18, 32)


class Probes(nn.Module):
    """All probes, so that they are trained, kept and loaded as one."""

    def __init__(self):
        super().__init__()
        self.entity = EntityProbe()
        self.color = ColorProbe()
        self.place = PlaceProbe()
        self.mask = MaskProbe()


class EntityProbe(nn.Module):
    """What an entity is and what it does, from crops of it over time and from where it is."""

    def __init__(self, pose: int = 24, width: int = 160):
        super().__init__()
        self.look = nn.Sequential(
            _down(3, 32, 5), _down(32, 64), _same(64), _down(64, 128), _same(128), _down(128, 128)
        )
        self.kind = nn.Linear(2 * 128, len(KINDS) - 1)
        self.pose = nn.Conv2d(128, pose, 1)
        self.enter = nn.Linear(2 * 16 * pose + 8, width)
        self.over_time = nn.ModuleList(nn.Conv1d(width, width, 3, padding=1) for _ in range(2))
        self.action = nn.Linear(2 * width, len(ACTIONS) - 1)

    def forward(self, crops, boxes, seen, looked=None):
        """Logits of kinds (N, T, K) and of actions (N, A).

        crops (N, T, 3, 64, 64) in [-1, 1]; boxes (N, T, 4), middle and size in parts of the frame; seen bool (N, T).
        looked (N,): 0 where the action is to be told from the boxes alone.
        """
        x = self.look(crops.flatten(0, 1))  # (N·T, 128, 4, 4)
        kind = self.kind(torch.cat([x.mean((2, 3)), x.amax((2, 3))], dim=-1)).unflatten(0, crops.shape[:2])
        pose = self.pose(x).flatten(1).unflatten(0, crops.shape[:2]) * seen[..., None]
        if looked is not None:
            pose = pose * looked[:, None, None]
        where = torch.where(seen[..., None], boxes * 4 - 2, 0.0)
        x = torch.cat([pose, _change(pose), where, _change(where) * 4], dim=-1)
        x = silu(self.enter(x)).transpose(1, 2)
        for layer in self.over_time:
            x = x + silu(layer(x))
        return kind, self.action(torch.cat([x.mean(2), x.amax(2)], dim=-1))


class ColorProbe(nn.Module):
    """The main colour of an entity, from crops in which its own pixels are marked, and in what light it stands.

    Some things show it on a small part only (the logs of a campfire, the roof of a lantern): it learns where to look.
    """

    def __init__(self, looks: int = 4):
        super().__init__()
        self.near = nn.Sequential(_same(4, 32), _down(32, 48))
        self.look = nn.Sequential(_down(48, 64), _same(64))
        self.where_near, self.where = nn.Conv2d(48, looks, 1), nn.Conv2d(64, looks, 1)
        # Without normalization: how bright a picture is says how bright white is in it.
        self.light = nn.Sequential(nn.Conv2d(3, 24, 4, 4), nn.SiLU(), nn.Conv2d(24, 48, 3, 2, 1), nn.SiLU())
        known = 2 * 64 + 3 * (looks + 2) + 48
        self.color = nn.Sequential(nn.Linear(known, 128), nn.SiLU(), nn.Linear(128, len(COLORS) - 1))

    def forward(self, crops, own, pictures):
        """Logits (N, T, C) of crops (N, T, 3, 64, 64) in [-1, 1], own (N, T, 1, 64, 64), 1 where the entity is, and
        pictures (N, 3, 18, 32) of all that is around it."""
        near = self.near(torch.cat([crops, own], dim=2).flatten(0, 1))
        x = self.look(near)
        where = self.where_near(near) + interpolate(self.where(x), scale_factor=2)  # (N·T, looks, 32, 32)
        small, inside = (avg_pool2d(some.flatten(0, 1), 2).flatten(2) for some in (crops, own))
        where = (where.flatten(2).float() + (inside + 1e-3).log()).softmax(-1)
        looked_at = torch.einsum("nlp,ncp->nlc", where, small.float()).flatten(1)
        means = [(crops * part).sum((3, 4)) / part.sum((3, 4)).clamp(min=1) for part in (own, 1 - own)]
        light = self.light(pictures).mean((2, 3))[:, None].expand(-1, crops.shape[1], -1)
        seen = torch.cat([x.mean((2, 3)), x.amax((2, 3)), looked_at], dim=-1).unflatten(0, crops.shape[:2])
        return self.color(torch.cat([seen, *means, light], dim=-1))


class PlaceProbe(nn.Module):
    """The place, from whole pictures."""

    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(_down(3, 32, 5), _down(32, 48), _same(48), _down(48, 80), _same(80), _down(80, 96))
        self.place = nn.Linear(2 * 96, len(vocabulary.PLACES))

    def forward(self, pictures):
        """Logits (N, P) of pictures (N, 3, 72, 128) in [-1, 1]."""
        x = self.look(pictures)
        return self.place(torch.cat([x.mean((2, 3)), x.amax((2, 3))], dim=-1))


class MaskProbe(nn.Module):
    """Which pixels belong to somebody or something that can be told from the place: a small U-Net."""

    def __init__(self, widths=(24, 40, 64)):
        super().__init__()
        fine, middle, coarse = widths
        self.enter = nn.Conv2d(12, fine, 3, padding=1)
        self.fine, self.middle, self.coarse = _same(fine), _down(fine, middle), _down(middle, coarse)
        self.around = nn.Sequential(_same(coarse), _same(coarse), _same(coarse))
        self.to_middle, self.to_fine = _same(coarse + middle, middle), _same(middle + fine, fine)
        self.leave = nn.Conv2d(fine, 4, 3, padding=1)

    def forward(self, pictures):
        """Logits (N, H, W) of pictures (N, 3, H, W) in [-1, 1]; H and W multiples of 8."""
        fine = self.fine(self.enter(pixel_unshuffle(pictures, 2)))
        middle = self.middle(fine)
        x = self.around(self.coarse(middle))
        # What the whole picture looks like tells a thing from the place it stands in.
        x = x + avg_pool2d(x, x.shape[-2:])
        x = self.to_middle(torch.cat([interpolate(x, middle.shape[2:]), middle], dim=1))
        x = self.to_fine(torch.cat([interpolate(x, fine.shape[2:]), fine], dim=1))
        return pixel_shuffle(self.leave(x), 2)[:, 0]


class _Layer(nn.Module):
    def __init__(self, entering, leaving, kernel, stride):
        super().__init__()
        self.layer = nn.Conv2d(entering, leaving, kernel, stride, kernel // 2)
        self.norm = nn.GroupNorm(8, leaving)
        self.keeps = entering == leaving and stride == 1

    def forward(self, x):
        y = silu(self.norm(self.layer(x)))
        return x + y if self.keeps else y


def _down(entering, leaving, kernel=3):
    return _Layer(entering, leaving, kernel, 2)


def _same(entering, leaving=None):
    return _Layer(entering, leaving or entering, 3, 1)


def _change(series):
    """What changes from each moment (N, T, D) to the next; nothing at the first."""
    return torch.diff(series, dim=1, prepend=series[:, :1])

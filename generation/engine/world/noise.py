"""Seamless textures that the ground, water and paper are made of: the same for every clip, on every machine."""

from functools import cache

import numpy as np
import torch
from torch.nn.functional import grid_sample

SIDE = 256  # texels
SOFT, MIDDLE, FINE, CELLS, CRATERS = range(5)
CHANNELS = 5


@cache
def textures(device: str) -> torch.Tensor:
    """(1, 5, 257, 257) in [0, 1], its last row and column repeating the first: blotches of 24, 8 and 2 texels, the
    distance to the nearest crack between cells, and the height of a cratered ground."""
    rng = np.random.default_rng(7)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE)))
    layers = []
    for size in (24, 8, 2):
        spectrum = np.fft.fft2(rng.standard_normal((SIDE, SIDE))) * np.exp(-((frequency * size) ** 2) * 2.2)
        layer = np.fft.ifft2(spectrum).real
        layers.append(np.clip(0.5 + 0.22 * layer / layer.std(), 0, 1))
    layers.append(_cells(rng))
    layers.append(_craters(rng))
    stacked = np.pad(np.stack(layers), ((0, 0), (0, 1), (0, 1)), mode="wrap")
    return torch.tensor(stacked, dtype=torch.float32, device=device)[None]


def _cells(rng, count=90):
    """Distance between the nearest and the second nearest of scattered points, scaled to [0, 1]."""
    points = rng.uniform(0, SIDE, (count, 2))
    y, x = np.mgrid[:SIDE, :SIDE]
    away = np.abs(np.stack([x, y], -1)[:, :, None] - points)
    away = np.sort(np.hypot(*np.moveaxis(np.minimum(away, SIDE - away), -1, 0)), axis=-1)
    return np.clip((away[:, :, 1] - away[:, :, 0]) / 22, 0, 1)


def _craters(rng, count=46):
    height = np.full((SIDE, SIDE), 0.5)
    y, x = np.mgrid[:SIDE, :SIDE]
    for radius in np.sort(rng.uniform(4, 20, count) ** 1.05)[::-1]:
        away = np.abs(np.stack([x, y], -1) - rng.uniform(0, SIDE, 2))
        r = np.hypot(*np.moveaxis(np.minimum(away, SIDE - away), -1, 0)) / radius
        bowl = np.where(r < 1, (r * r - 1) * 0.9 + 0.35, 0.35 * np.exp(-(((r - 1) / 0.28) ** 2)))
        height = height + np.where(r < 2.2, bowl, 0) * radius * 0.012
    return np.clip(height, 0, 1)


def sample(x: torch.Tensor, z: torch.Tensor, metres: float, first: int = 0, last: int = CHANNELS) -> list[torch.Tensor]:
    """Texture channels `first` to `last` (exclusive) at ground positions (S,); the pattern repeats every `metres`."""
    grid = torch.stack([x, z], -1) / metres
    grid = 2 * (grid - grid.floor()) - 1
    field = textures(str(x.device))[:, first:last]
    return list(grid_sample(field, grid[None, None], mode="bilinear", align_corners=True)[0, :, 0])


def slope(
    x: torch.Tensor, z: torch.Tensor, metres: float, channel: int, step: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """How steeply a channel rises along x and z, per metre."""
    here = sample(x, z, metres, channel, channel + 1)[0]
    along_x = sample(x + step, z, metres, channel, channel + 1)[0]
    along_z = sample(x, z + step, metres, channel, channel + 1)[0]
    return (along_x - here) / step, (along_z - here) / step

"""The sky behind everything: a gradient, the sun or moon with its halo, and a far horizon line with haze."""

import torch

from generation.engine.world import noise
from generation.engine.world.vectors import dot, unit


def sky(direction, light, ridge, phase, pixel):
    """Linear colour (S, 3) seen along unit directions (S, 3).

    `light`: fields of palette.Light, each (1, ...) or (S, ...). `ridge`: height in radians, roughness, colour; or None.
    `pixel`: angle of a pixel in radians, to soften edges.
    """
    up = direction[:, 1]
    rise = up.clamp(min=0) ** 0.48
    color = light["horizon"] + (light["zenith"] - light["horizon"]) * rise[:, None]
    disc = unit(light["disc"])
    facing = dot(direction, disc).clamp(-1, 1)
    angle = torch.acos(facing)
    size = light["disc_size"]
    halo = light["halo"] * (torch.exp(-angle * 2.6) * 0.55 + torch.exp(-angle / (size * 3.2)) * 0.55)
    color = color + halo[:, None] * light["disc_color"] * 0.35
    inside = ((size - angle) / (2 * pixel) + 0.5).clamp(0, 1)
    color = color + (light["disc_color"] * 1.15 - color) * (inside * (light["disc_color"].sum(-1) > 0.1))[:, None]
    # A band of haze hugs the horizon.
    haze = torch.exp(-up.abs() * 18)
    color = color + (light["horizon"] * 1.06 - color) * (0.55 * haze)[:, None]
    if ridge is None:
        return color
    height, rough, tone = ridge
    around = torch.atan2(direction[:, 0], -direction[:, 2]) / (2 * torch.pi)
    tone = torch.tensor(tone, device=direction.device)
    dim = light["above"] * 1.1 + light["sun_color"] * 0.25
    for layer, (far, lift) in enumerate(((0.70, 1.0), (0.42, 0.62))):
        rows = noise.sample(around * (9.0 + 3 * layer) + phase, torch.full_like(around, 0.37 + layer), 3.0, 0, 2)
        top = height * lift * (0.35 + 0.75 * rows[0]) + 0.045 * height * rough * (rows[1] - 0.5) * 4
        covered = ((top - up) / (2 * pixel) + 0.5).clamp(0, 1)
        paint = tone * dim * (1 - far) + light["horizon"] * far
        color = color + (paint - color) * covered[:, None]
    return color

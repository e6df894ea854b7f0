"""What lies under everybody's feet: colours, bumps and glow of the ground of each place, evaluated per point.

Each surface takes Points and gives a Surface. Patterns fade to their mean where they become finer than a pixel, so
nothing flickers in the distance.
"""

from dataclasses import dataclass

import torch

from generation.engine.world import noise
from generation.engine.world.palette import linear


@dataclass(frozen=True, eq=False)
class Points:
    """Ground points (S,): x, z and the width of a pixel there in metres; `seconds` and `phase` of their clip."""

    x: torch.Tensor
    z: torch.Tensor
    pixel: torch.Tensor
    seconds: torch.Tensor
    phase: torch.Tensor


@dataclass(frozen=True, eq=False)
class Surface:
    """color (S, 3) linear; tilt: how the normal leans along x and z; gloss, mirror in [0, 1]; glow (S, 3) linear."""

    color: torch.Tensor
    tilt: tuple = (0.0, 0.0)
    gloss: torch.Tensor | float = 0.0
    mirror: torch.Tensor | float = 0.0
    glow: torch.Tensor | float = 0.0


def _shade(like, red, green, blue):
    return torch.tensor(linear((red, green, blue)), device=like.device)


def _blend(one, other, share):
    return one + (other - one) * share[:, None]


def _fade(points, size):
    """1 where a pattern of this size in metres can be seen, 0 where it is finer than pixels."""
    return (1.6 - 2.4 * points.pixel / size).clamp(0, 1)


def _ramp(value, low, high):
    t = ((value - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def _line(distance, half, points):
    """A line of half width `half`, softened over a pixel and thinned out where it is narrower than one."""
    soft = points.pixel.clamp(min=0.004)
    return ((half + soft - distance.abs()) / (2 * soft)).clamp(0, 1) * (2 * half / (2 * half + soft))


def _grid_distance(value, spacing):
    return (torch.remainder(value / spacing + 0.5, 1.0) - 0.5) * spacing


def grass(points, low=(0.30, 0.55, 0.18), high=(0.52, 0.72, 0.27), rough=1.0):
    broad, patches, *_ = noise.sample(points.x + points.phase, points.z, 17.0, 0, 2)
    fine = noise.sample(points.x, points.z, 2.6, noise.MIDDLE, noise.CELLS)
    blades = (fine[1] - 0.5) * _fade(points, 0.03) + 0.7 * (fine[0] - 0.5) * _fade(points, 0.12)
    color = _blend(_shade(points.x, *low), _shade(points.x, *high), (0.6 * broad + 0.6 * patches - 0.1).clamp(0, 1))
    tilt = noise.slope(points.x + points.phase, points.z, 17.0, noise.SOFT, 0.3)
    return Surface(color * (1 + 0.55 * rough * blades)[:, None], tilt=(-0.35 * tilt[0], -0.35 * tilt[1]))


def forest_floor(points):
    base = grass(points, (0.24, 0.33, 0.13), (0.42, 0.50, 0.20))
    leaves = noise.sample(points.x, points.z, 3.4, noise.MIDDLE, noise.CRATERS)
    litter = _ramp(leaves[0], 0.52, 0.72) * _fade(points, 0.15) * 0.7
    path = _ramp(0.75 - (points.x - 0.5 * torch.sin(0.5 * points.z)).abs() + 0.35 * (leaves[0] - 0.5), 0.0, 0.5)
    color = _blend(base.color, _shade(points.x, 0.52, 0.36, 0.18), litter)
    return Surface(_blend(color, _shade(points.x, 0.55, 0.42, 0.27), 0.75 * path), tilt=base.tilt)


def dark_forest_floor(points):
    base = forest_floor(points)
    return Surface(base.color * 0.75, tilt=base.tilt)


def snow(points):
    soft, middle, fine = noise.sample(points.x + points.phase, points.z, 11.0, 0, 3)
    sparkle = noise.sample(points.x, points.z, 1.3, noise.FINE, noise.CELLS)[0]
    glint = (sparkle > 0.93) * _fade(points, 0.02) * 0.6
    color = _shade(points.x, 0.90, 0.93, 0.97) * (0.92 + 0.10 * soft + 0.05 * middle)[:, None]
    tilt = noise.slope(points.x + points.phase, points.z, 11.0, noise.SOFT, 0.2)
    return Surface(color, tilt=(-0.55 * tilt[0], -0.55 * tilt[1]), glow=glint[:, None].expand(-1, 3))


def sand(points, low=(0.82, 0.64, 0.38), high=(0.93, 0.79, 0.53), ripple=1.0):
    broad, patches, fine = noise.sample(points.x + points.phase, points.z, 15.0, 0, 3)
    wave = 11.0 * (points.z + 0.25 * points.x) + 6.0 * patches + 3.0 * broad
    seen = _fade(points, 0.28) * ripple
    color = _blend(_shade(points.x, *low), _shade(points.x, *high), broad.clamp(0, 1))
    grain = noise.sample(points.x, points.z, 1.1, noise.FINE, noise.CELLS)[0]
    tilt = noise.slope(points.x + points.phase, points.z, 15.0, noise.SOFT, 0.3)
    return Surface(
        color * (1 + 0.05 * torch.sin(wave) * seen + 0.22 * (grain - 0.5) * _fade(points, 0.015))[:, None],
        tilt=(-0.6 * tilt[0], -0.6 * tilt[1] + 0.16 * torch.cos(wave) * seen),
    )


def water(points, shallow, deep=(0.05, 0.30, 0.50), bright=(0.20, 0.66, 0.70)):
    """Open water; `shallow` (S,) is 1 at the shore and 0 where it is deep."""
    drift = 0.35 * points.seconds
    one = noise.slope(points.x + drift, points.z * 2.2 + 0.5 * drift, 7.0, noise.SOFT, 0.1)
    two = noise.slope(points.x * 1.7 - drift, points.z * 3.1, 5.0, noise.MIDDLE, 0.06)
    seen = _fade(points, 0.7)
    tilt = (0.10 * one[0] + 0.045 * two[0] * seen, 0.16 * one[1] + 0.06 * two[1] * seen)
    color = _blend(_shade(points.x, *deep), _shade(points.x, *bright), shallow)
    crest = (tilt[1] * 1.1).clamp(-0.25, 0.35)
    return Surface(color * (1 + crest)[:, None], tilt=tilt, gloss=0.9, mirror=0.55)


def _shored(points, land, inland, foam=1.0):
    """Land where `inland` (metres from the shore line) is positive, water beyond, wet sand and foam between."""
    lap = 0.10 * torch.sin(1.3 * points.seconds + 0.6 * points.x) + 0.05 * torch.sin(
        2.1 * points.seconds - 1.1 * points.x
    )
    edge = inland + lap
    sea = water(points, torch.exp(0.55 * edge.clamp(max=0)))
    wet = _ramp(edge, 0.55, 0.0)
    land_color = land.color * (1 - 0.42 * wet)[:, None]
    is_sea = _ramp(edge, 0.0, -0.05 - 0.0 * edge)
    froth = noise.sample(points.x * 1.5, points.z * 1.5 + 0.2 * points.seconds, 3.0, noise.MIDDLE, noise.FINE)[0]
    line = foam * torch.exp(-(((edge + 0.05) / 0.085) ** 2)) * (0.5 + 0.8 * froth)
    line = line + foam * 0.55 * _ramp(froth, 0.5, 0.7) * torch.exp(-(((edge + 0.75 - 0.2 * lap) / 0.13) ** 2))
    color = _blend(_blend(land_color, sea.color, is_sea), _shade(points.x, 0.98, 0.99, 1.0), line.clamp(0, 1))
    dull = (1 - line).clamp(0, 1) * is_sea
    tilt = tuple(a + (b - a) * is_sea for a, b in zip(land.tilt, sea.tilt, strict=True))
    return Surface(
        color, tilt=tilt, gloss=0.9 * dull + 0.35 * wet * (1 - is_sea), mirror=0.55 * dull + 0.12 * wet * (1 - is_sea)
    )


def beach(points):
    shore = points.z + 2.5 + 0.35 * torch.sin(0.45 * points.x + points.phase)
    return _shored(points, sand(points, (0.86, 0.72, 0.50), (0.96, 0.87, 0.68), ripple=0.25), shore)


def lake(points):
    shore = points.z + 1.35 + 0.22 * torch.sin(0.6 * points.x + points.phase) + 0.1 * torch.sin(1.7 * points.x)
    land = grass(points)
    pebbles = _ramp(shore, 0.75, 0.15)
    return _shored(
        points,
        Surface(_blend(land.color, _shade(points.x, 0.56, 0.50, 0.40), pebbles), tilt=land.tilt),
        shore,
        foam=0.3,
    )


def pond(points, middle_x, middle_z, radius):
    """Water in a round pond: its surface, and how much of it is water (S,)."""
    dx, dz = points.x - middle_x, points.z - middle_z
    away = (dx * dx + dz * dz).sqrt()
    inside = radius - away + 0.10 * torch.sin(5 * torch.atan2(dz, dx))
    base = water(points, torch.exp(-2.0 * inside.clamp(min=0)), deep=(0.07, 0.36, 0.52))
    rings = torch.sin(9.0 * away - 5.0 * points.seconds) * torch.exp(-0.9 * away) * _fade(points, 0.5)
    tilt = (
        base.tilt[0] + 0.22 * rings * dx / away.clamp(min=0.1),
        base.tilt[1] + 0.22 * rings * dz / away.clamp(min=0.1),
    )
    rim = torch.exp(-(((inside - 0.03) / 0.06) ** 2)) * 0.6
    color = _blend(base.color * (1 + 0.35 * rings)[:, None], _shade(points.x, 0.95, 0.98, 1.0), rim.clamp(0, 1))
    return Surface(color, tilt=tilt, gloss=0.9, mirror=0.5), _ramp(inside, -0.02, 0.04)


def street(points):
    z = points.z
    fine = noise.sample(points.x, z, 2.0, noise.MIDDLE, noise.CELLS)
    broad = noise.sample(points.x + points.phase, z, 9.0, 0, 1)[0]
    grain = (fine[1] - 0.5) * _fade(points, 0.02) * 0.35 + 0.25 * (broad - 0.5)
    slabs = torch.maximum(
        _line(_grid_distance(points.x, 0.9), 0.012, points), _line(_grid_distance(z + 0.2, 0.9), 0.012, points)
    )
    walk = _blend(_shade(points.x, 0.66, 0.64, 0.62), _shade(points.x, 0.45, 0.44, 0.44), slabs)
    dashes = _line(z + 4.3, 0.07, points) * _ramp(torch.sin(2.6 * points.x), -0.15, 0.15)
    road = _blend(_shade(points.x, 0.30, 0.31, 0.34), _shade(points.x, 0.92, 0.88, 0.72), dashes)
    on_road = _ramp(-2.3 - z, -0.03, 0.03) * _ramp(z + 6.3, -0.03, 0.03)
    kerb = torch.maximum(_line(z + 2.22, 0.09, points), _line(z + 6.38, 0.09, points))
    color = _blend(_blend(walk, road, on_road), _shade(points.x, 0.78, 0.77, 0.75), kerb)
    return Surface(color * (1 + grain)[:, None], gloss=0.12)


def floorboards(points):
    board = torch.floor(points.x / 0.34)
    tone = torch.frac(torch.sin(board * 12.9898) * 43758.5).abs()
    end = _line(_grid_distance(points.z + 2.7 * tone, 2.4), 0.008, points)
    seam = torch.maximum(_line(_grid_distance(points.x, 0.34), 0.009, points), end)
    grain = noise.sample(points.x * 6 + 3 * tone, points.z * 0.7, 4.0, noise.SOFT, noise.FINE)
    color = _blend(
        _shade(points.x, 0.66, 0.44, 0.26),
        _shade(points.x, 0.80, 0.58, 0.37),
        (0.65 * tone + 0.5 * grain[1]).clamp(0, 1),
    )
    color = _blend(color, _shade(points.x, 0.36, 0.22, 0.13), 0.8 * seam)
    away = ((points.x / 2.05) ** 2 + ((points.z + 0.1) / 1.35) ** 2).sqrt()
    soft = (points.pixel / 1.3).clamp(min=0.006)
    weave = noise.sample(points.x, points.z, 0.9, noise.FINE, noise.CELLS)[0]
    rug = _blend(
        _shade(points.x, 0.72, 0.24, 0.22),
        _shade(points.x, 0.93, 0.80, 0.60),
        ((0.94 - away) / soft).clamp(0, 1) * ((away - 0.84) / soft).clamp(0, 1),
    )
    rug = _blend(rug, _shade(points.x, 0.80, 0.38, 0.28), ((0.62 - away) / soft).clamp(0, 1))
    rug = _blend(rug, _shade(points.x, 0.93, 0.80, 0.60), ((0.30 - away) / soft).clamp(0, 1))
    on_rug = ((1.0 - away) / soft).clamp(0, 1)
    color = _blend(color, rug * (1 + 0.3 * (weave - 0.5) * _fade(points, 0.02))[:, None], on_rug)
    return Surface(color, gloss=0.30 * (1 - on_rug), mirror=0.05 * (1 - on_rug))


def lava(points):
    x, z = points.x + points.phase, points.z
    warp = noise.sample(x, z, 9.0, noise.SOFT, noise.FINE)
    cracks = noise.sample(x + 0.9 * warp[1], z + 0.9 * warp[0], 13.0, noise.CELLS, noise.CRATERS)[0]
    width = 0.10 + 0.10 * warp[0]
    heat = _ramp(cracks, width + 0.05, width * 0.3) * _ramp(points.x.abs() + 1.3 * points.z.abs(), 0.7, 1.5)
    pulse = 0.8 + 0.2 * torch.sin(1.7 * points.seconds + 6.0 * warp[0])
    fine = noise.sample(x, z, 2.4, noise.MIDDLE, noise.CELLS)
    rock = _shade(x, 0.26, 0.18, 0.17) * (0.75 + 0.5 * fine[0] + 0.35 * (fine[1] - 0.5) * _fade(points, 0.03))[:, None]
    warm = _ramp(cracks, 0.5, 0.05)[:, None] * torch.tensor([0.16, 0.03, 0.006], device=x.device)
    glow = (heat * pulse)[:, None] * torch.tensor([2.6, 0.62, 0.07], device=x.device) + warm * pulse[:, None]
    tilt = noise.slope(x, z, 9.0, noise.MIDDLE, 0.1)
    return Surface(rock * (1 - heat)[:, None], tilt=(-0.25 * tilt[0], -0.25 * tilt[1]), glow=glow)


def alpine(points):
    base = grass(points, (0.36, 0.50, 0.22), (0.58, 0.64, 0.33))
    stones = noise.sample(points.x + 3, points.z, 8.0, noise.SOFT, noise.FINE)
    bare = _ramp(0.6 * stones[0] + 0.4 * stones[1], 0.52, 0.64)
    rock = _shade(points.x, 0.56, 0.54, 0.52) * (0.8 + 0.4 * stones[1])[:, None]
    return Surface(_blend(base.color, rock, 0.85 * bare), tilt=base.tilt)


def flagstones(points):
    row = torch.floor(points.z / 0.75)
    shifted = points.x + 0.55 * torch.remainder(row, 2)
    tone = torch.frac(torch.sin(torch.floor(shifted / 1.1) * 127.1 + row * 311.7) * 43758.5).abs()
    seams = torch.maximum(
        _line(_grid_distance(shifted - 0.55, 1.1), 0.022, points),
        _line(_grid_distance(points.z - 0.375, 0.75), 0.022, points),
    )
    fine = noise.sample(points.x, points.z, 3.0, noise.MIDDLE, noise.CELLS)
    color = (
        _blend(_shade(points.x, 0.52, 0.50, 0.47), _shade(points.x, 0.70, 0.67, 0.61), tone)
        * (0.85 + 0.3 * fine[0])[:, None]
    )
    moss = _blend(_shade(points.x, 0.30, 0.34, 0.20), _shade(points.x, 0.36, 0.33, 0.29), fine[1])
    return Surface(color + (moss - color) * (0.85 * seams)[:, None], gloss=0.10)


def moon(points):
    x, z = points.x + points.phase, points.z
    large = noise.slope(x, z, 16.0, noise.CRATERS, 0.06)
    small = noise.slope(x + 5, z + 3, 5.0, noise.CRATERS, 0.03)
    height = noise.sample(x, z, 16.0, noise.CRATERS, noise.CHANNELS)[0]
    tone = noise.sample(x, z, 6.0, noise.SOFT, noise.CELLS)
    seen = _fade(points, 0.25)
    # Level ground under the feet: craters begin a little away from the middle.
    away = _ramp((points.x**2 + points.z**2).sqrt(), 0.8, 1.7)
    color = (
        _shade(x, 0.62, 0.62, 0.65)
        * (0.75 + 0.3 * tone[0] + 0.18 * (tone[2] - 0.5) * _fade(points, 0.05) + 0.5 * (height - 0.5) * away)[:, None]
    )
    return Surface(color, tilt=tuple(-(1.5 * a + 0.35 * b * seen) * away for a, b in zip(large, small, strict=True)))


def seabed(points):
    base = sand(points, (0.58, 0.62, 0.46), (0.80, 0.80, 0.62), ripple=1.0)
    drift = 0.25 * points.seconds
    one = noise.sample(points.x + drift, points.z + 0.4 * drift, 6.0, noise.CELLS, noise.CRATERS)[0]
    two = noise.sample(points.x * 1.1 - drift + 2, points.z * 1.1 + 1, 6.0, noise.CELLS, noise.CRATERS)[0]
    net = torch.exp(-9.0 * torch.minimum(one, two)) * _fade(points, 0.5)
    return Surface(base.color, tilt=base.tilt, glow=net[:, None] * torch.tensor([0.16, 0.30, 0.28], device=net.device))


def lawn(points):
    base = grass(points, (0.28, 0.58, 0.20), (0.46, 0.74, 0.28), rough=0.7)
    mown = 0.06 * torch.tanh(6 * torch.sin(3.3 * points.x)) * _fade(points, 0.8)
    pebbles = noise.sample(points.x, points.z, 1.6, noise.MIDDLE, noise.CELLS)
    gravel = (
        _shade(points.x, 0.84, 0.76, 0.62)
        * (0.85 + 0.3 * pebbles[0] + 0.4 * (pebbles[1] - 0.5) * _fade(points, 0.02))[:, None]
    )
    edge = (points.z + 1.75 + 0.25 * torch.sin(0.6 * points.x)).abs()
    on_path = ((0.42 - edge) / points.pixel.clamp(min=0.02) * 0.5 + 0.5).clamp(0, 1)
    return Surface(_blend(base.color * (1 + mown)[:, None], gravel, on_path), tilt=base.tilt)


def rooftop(points):
    seams = torch.maximum(
        _line(_grid_distance(points.x, 1.0), 0.018, points), _line(_grid_distance(points.z, 1.0), 0.018, points)
    )
    tile = torch.frac(
        torch.sin(torch.floor(points.x + 0.5) * 12.99 + torch.floor(points.z + 0.5) * 78.23) * 43758.5
    ).abs()
    fine = noise.sample(points.x, points.z, 2.2, noise.MIDDLE, noise.CELLS)
    color = (
        _blend(_shade(points.x, 0.62, 0.42, 0.34), _shade(points.x, 0.74, 0.53, 0.42), tile)
        * (0.88 + 0.24 * fine[0])[:, None]
    )
    return Surface(_blend(color, _shade(points.x, 0.36, 0.27, 0.24), 0.8 * seams), gloss=0.08)


def mixed(one: Surface, other: Surface, share: torch.Tensor) -> Surface:
    """`share` (S,) of the other surface over the first."""

    def between(a, b):
        return a + (b - a) * share

    return Surface(
        _blend(one.color, other.color, share),
        tilt=tuple(between(a, b) for a, b in zip(one.tilt, other.tilt, strict=True)),
        gloss=between(one.gloss, other.gloss),
        mirror=between(one.mirror, other.mirror),
        glow=one.glow * (1 - share)[:, None] if isinstance(one.glow, torch.Tensor) else 0.0,
    )

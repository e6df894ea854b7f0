"""Soft shadows and ambient occlusion from ellipsoids.

On the ground, shadows are a small texture seen from above: how near a sun ray passes an ellipsoid is a quadratic of x
and z, six numbers an ellipsoid. On the parts, the few large parts of the cast are asked one by one.
"""

import torch
from torch.nn.functional import grid_sample

from generation.engine.world.vectors import carried, dot, unit

NEAR_WINDOW = 4.2  # metres each way about the middle: moving shadows, drawn for each view
WIDE_WINDOW = 24.0  # standing ones, drawn once a clip
LARGE = 0.14  # metres: only parts this large shade other parts
AT_ONCE = 24  # parts evaluated together


class Shadows:
    """What takes light away in these views."""

    def __init__(self, stage, clip, part, view, linear, centre):
        self.clip, self.views = clip, len(clip)
        self.single = bool((clip == clip[0]).all())
        sun = unit(stage.light["sun"])
        self.sun = sun
        moving = stage.mover[part] > 0
        casting = stage.casts[part] & (linear.norm(dim=1).amin(1) > 1e-3)
        near = (moving & casting).nonzero()[:, 0]
        self.near = _from_above(
            view[near], self.views, linear[near], centre[near], sun[clip], NEAR_WINDOW, _side(stage)
        )
        self.slot = clip
        self.wide = standing_shadows(stage)
        large = (moving & casting & (linear.norm(dim=1).amin(1) > LARGE)).nonzero()[:, 0]
        self.blockers = _padded(view[large], self.views, large, part[large], linear[large], centre[large])

    def on_ground(self, view, x, z):
        """Sunlight and openness in [0, 1] at ground points (S,)."""
        near = _looked_up(self.near, view, x, z, NEAR_WINDOW)
        slot, row = (self.slot[:1], view * 0) if self.single else (slice(None), self.slot[view])
        wide = _looked_up(self.wide[slot], row, x, z, WIDE_WINDOW)
        return near[0] * wide[0], near[1] * wide[1]

    def on_parts(self, view, owner, instances, point, normal, light):
        """Sunlight and openness in [0, 1] at points (S, 3) on parts."""
        sunlight = torch.ones(len(view), device=point.device)
        openness = 0.55 + 0.45 * ((point[:, 1] + 0.25 * normal[:, 1] + 0.02) / 0.34).clamp(0, 1)
        if self.blockers is None:
            return sunlight, openness
        part, inverse, centre, radius = self.blockers
        sun = unit(light["sun"])
        mine = instances.part[owner]
        # Only points near the cast can be shaded by it.
        near = ((point[:, 0].abs() < 3.5) & (point[:, 2].abs() < 3.5)).nonzero()[:, 0]
        if not len(near):
            return sunlight, openness
        view, mine, point, normal = view[near], mine[near], point[near], normal[near]
        sun = sun[near] if len(sun) > 1 else sun
        lit, open_ = torch.ones(len(near), device=point.device), torch.ones(len(near), device=point.device)
        for index in range(part.shape[1]):
            which = part[:, index][view]
            away = centre[:, index][view] - point
            map_ = inverse[:, index][view]
            origin = -carried(map_, away)
            toward = carried(map_, sun.expand(len(near), 3))
            squared = dot(toward, toward).clamp(min=1e-9)  # 0 where a view has fewer blockers
            along = -dot(origin, toward) / squared
            passing = (dot(origin, origin) - along * along * squared).clamp(min=0).sqrt()
            other = (which >= 0) & (which != mine)
            blocked = ((1.22 - passing) / 0.44).clamp(0, 1) * (along > 0) * other
            lit = lit * (1 - blocked * blocked * (3 - 2 * blocked))
            distance = dot(away, away)
            toward_it = (dot(away, normal) * distance.clamp(min=1e-4).rsqrt()).clamp(min=0)
            reach = radius[:, index][view]
            open_ = open_ * (1 - (0.85 * toward_it * (reach * reach / distance.clamp(min=1e-4)).clamp(max=1)) * other)
        sunlight[near] = lit
        openness[near] = openness[near] * open_
        return sunlight, openness


def standing_shadows(stage):
    """The shadows of what stands still (B, 2, side, side), drawn once and kept with the stage."""
    if "shadows" not in stage.kept:
        parts = torch.arange(len(stage.kind), device=stage.kind.device)
        owner = torch.searchsorted(stage.first, parts, right=True) - 1
        still = ((stage.mover == 0) & stage.casts).nonzero()[:, 0]
        sun = unit(stage.light["sun"])
        stage.kept["shadows"] = _from_above(
            owner[still], len(stage.place), stage.linear[still], stage.centre[still], sun, WIDE_WINDOW, 2 * _side(stage)
        )
    return stage.kept["shadows"]


def _side(stage):
    """Texels across a shadow texture: small pictures need fewer."""
    return 64 if stage.width * stage.height < 60_000 else 128


def _padded(view, views, large, part, linear, centre):
    """Blockers of each view side by side: part (N, K) with -1 for none, inverse, centre and mean radius."""
    if not len(view):
        return None
    counts = torch.bincount(view, minlength=views)
    most = int(counts.max())
    slot = torch.arange(len(view), device=view.device) - (torch.cumsum(counts, 0) - counts)[view]
    parts = torch.full((views, most), -1, dtype=torch.int64, device=view.device)
    parts[view, slot] = part
    inverse = torch.zeros(views, most, 3, 3, device=view.device)
    a, b, c = linear.unbind(2)
    rows = torch.stack([torch.linalg.cross(b, c), torch.linalg.cross(c, a), torch.linalg.cross(a, b)], 1)
    inverse[view, slot] = rows / (a * rows[:, 0]).sum(-1)[:, None, None]
    centres = torch.full((views, most, 3), 1e3, device=view.device)
    centres[view, slot] = centre
    radius = torch.zeros(views, most, device=view.device)
    radius[view, slot] = linear.norm(dim=1).mean(1)
    return parts, inverse, centres, radius


def _from_above(row, rows, linear, centre, sun, window, side):
    """Textures (rows, 2, side, side) of the ground: sunlight and openness under the ellipsoids of each row."""
    device = linear.device
    texture = torch.ones(rows, 2, side * side, device=device)
    if not len(row):
        return texture.reshape(rows, 2, side, side)
    counts = torch.bincount(row, minlength=rows)
    most = int(counts.max())
    slot = torch.arange(len(row), device=device) - (torch.cumsum(counts, 0) - counts)[row]
    gram = linear @ linear.transpose(1, 2)
    light = sun[row]
    # Along the sun's rays the ellipsoid's outline on the ground is an ellipse: project its Gram matrix on y = 0.
    slide = torch.zeros(len(row), 2, 3, device=device)
    slide[:, 0, 0] = slide[:, 1, 2] = 1
    slide[:, 0, 1], slide[:, 1, 1] = -light[:, 0] / light[:, 1], -light[:, 2] / light[:, 1]
    middle = (slide @ centre[:, :, None])[:, :, 0]
    outline = slide @ gram @ slide.transpose(1, 2)
    soft = 0.025 + 0.11 * centre[:, 1].clamp(min=0)
    shade = _ellipse(middle, outline, soft * soft)
    width = outline[:, 0, 0].clamp(min=1e-6).sqrt().minimum(outline[:, 1, 1].clamp(min=1e-6).sqrt())
    strength = (width / soft).clamp(max=1)
    below = gram[:, 0::2, 0::2]
    gap = (centre[:, 1] - gram[:, 1, 1].sqrt()).clamp(min=0)
    girth = below.diagonal(dim1=1, dim2=2).mean(1)
    contact = _ellipse(centre[:, 0::2], below * 1.0, 0.10 * girth + 0.002)
    weight = 0.62 / (1 + gap / (0.35 * girth.sqrt() + 0.03)) * (girth.sqrt() / 0.06).clamp(max=1)
    table = torch.zeros(rows, most, 14, device=device)
    table[row, slot] = torch.cat([shade, strength[:, None], contact, weight[:, None]], 1)
    steps = ((torch.arange(side, device=device) + 0.5) / side * 2 - 1) * window
    z, x = torch.meshgrid(steps, steps, indexing="ij")
    features = torch.stack([x * x, z * z, x * z, x, z, torch.ones_like(x)], -1).reshape(-1, 6)
    for start in range(0, most, AT_ONCE):
        some = table[:, start : start + AT_ONCE]
        passing = features @ some[:, :, :6].transpose(1, 2)  # (rows, texels, parts), 1 on the outline
        dark = _soft_step(passing) * some[:, :, 6][:, None]
        under = torch.exp(-0.9 * (features @ some[:, :, 7:13].transpose(1, 2)).clamp(0, 30)) * some[:, :, 13][:, None]
        texture[:, 0] *= (1 - dark).prod(-1)
        texture[:, 1] *= (1 - 0.8 * under).prod(-1)
    return texture.reshape(rows, 2, side, side).clamp(min=0.0)


def _ellipse(middle, gram, widen):
    """Six coefficients of (x, z) whose value is 1 on the outline, grown by `widen` square metres."""
    a, b, c = gram[:, 0, 0] + widen, gram[:, 0, 1], gram[:, 1, 1] + widen
    determinant = (a * c - b * b).clamp(min=1e-9)
    p, q, r = c / determinant, a / determinant, -b / determinant
    x, z = middle[:, 0], middle[:, 1]
    return torch.stack(
        [p, q, 2 * r, -2 * (p * x + r * z), -2 * (q * z + r * x), p * x * x + q * z * z + 2 * r * x * z], 1
    )


def _soft_step(passing):
    inside = ((1.35 - passing) / 1.0).clamp(0, 1)
    return inside * inside * (3 - 2 * inside)


def _looked_up(texture, row, x, z, window):
    """Both channels at ground points; outside of the window all is light."""
    rows, _, side, _ = texture.shape
    at = torch.stack([x, z], -1) / window
    if rows == 1:
        values = grid_sample(texture, at[None, None], align_corners=False, padding_mode="border")[0, :, 0]
    else:
        # Rows are stacked into one tall texture, each with a margin that keeps them from bleeding into another.
        padded = torch.nn.functional.pad(texture, (0, 0, 1, 1), mode="replicate")
        tall = padded.transpose(0, 1).reshape(1, 2, rows * (side + 2), side)
        v = ((at[:, 1].clamp(-1, 1) * 0.5 + 0.5) * side + 1 + row * (side + 2)) / (rows * (side + 2)) * 2 - 1
        values = grid_sample(
            tall, torch.stack([at[:, 0], v], -1)[None, None], align_corners=False, padding_mode="border"
        )[0, :, 0]
    edge = ((1 - at.abs().amax(-1)) / 0.08).clamp(0, 1)
    values = 1 + (values - 1) * edge
    return values[0], values[1]

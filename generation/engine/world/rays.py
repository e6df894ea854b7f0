"""Which part of the world each ray meets: bounding rectangles on the screen, then exact intersections inside them.

A ray through the pixel (x, y) is `origin + t · direction` with a direction that is linear in x and y and one metre long
along the view axis, so t is depth. In a part's unit space the ray stays linear, which makes the quadratic of a ball a
polynomial in x and y: six numbers a ball instead of a matrix a pixel.
"""

from dataclasses import dataclass

import torch

from generation.engine.world.shapes import BALL, BOX, COLUMN

CLIPPED_BALL = 3
NEAR = 0.05  # metres
FAR_KEY = 0x7F800000 << 32  # infinity, before any part


@dataclass(frozen=True, eq=False)
class Instances:
    """Parts placed in views. I instances; `view` is non-decreasing.

    inverse (I, 3, 3) and centre (I, 3) carry the world into a part's unit space. `rects` int (I, 4): x0, y0, x1, y1
    of its pixels, exclusive at the end. nearest (I,): a depth no point of the part is nearer
    than. size (I, 3): lengths of its half axes. `conic`
    (17, I): centre pixel, direction², direction·origin, discriminant. `affine`
    (19, I): centre pixel, direction (9), origin (3), quadric (A, B, C), low, high.
    """

    part: torch.Tensor
    view: torch.Tensor
    kind: torch.Tensor
    linear: torch.Tensor
    inverse: torch.Tensor
    centre: torch.Tensor
    rects: torch.Tensor
    nearest: torch.Tensor
    size: torch.Tensor
    conic: torch.Tensor
    affine: torch.Tensor


def place_instances(
    part, view, kind, shape, linear, centre, rotation, origin, focal, principal, width, height
) -> Instances:
    """Drop what no view can see and prepare the rest. `linear`, `centre`: in the world; rotation (N, 3, 3) and origin
    (N, 3): camera to world; focal (N,), principal (N, 2) in pixels. Works in float64: discriminants cancel."""
    linear, centre = linear.double(), centre.double()
    rotation, origin, focal, principal = (
        rotation.double()[view],
        origin.double()[view],
        focal.double()[view],
        principal.double()[view],
    )
    to_part = ((centre - origin)[:, None] @ rotation)[:, 0]  # (I, 3) in camera axes
    size = linear.norm(dim=1)  # (I, 3) lengths of the three half axes
    depth = to_part[:, 2].clamp(min=NEAR)
    # Nothing is thinner than about a pixel, or strings and whiskers would flicker.
    linear = linear * (0.55 * (depth / focal)[:, None] / size.clamp(min=1e-9)).clamp(min=1.0)[:, None]
    rects, near = _rectangles(kind, shape, linear, to_part, rotation, focal, principal, width, height)
    seen = (rects[:, 2] > rects[:, 0]) & (rects[:, 3] > rects[:, 1]) & (size.amin(1) > 1e-4)
    keep = seen.nonzero()[:, 0]
    part, view, kind, shape, linear, centre, rects, near = (
        value[keep] for value in (part, view, kind, shape, linear, centre, rects, near)
    )
    rotation, origin, focal, principal, to_part = (
        value[keep] for value in (rotation, origin, focal, principal, to_part)
    )

    inverse = _inverse(linear)
    local_origin = (inverse @ (origin - centre)[:, :, None])[:, :, 0]  # (I, 3)
    in_front = to_part[:, 2] > NEAR
    middle = (
        torch.where(in_front[:, None], to_part[:, :2] / to_part[:, 2:].clamp(min=NEAR) * focal[:, None], 0.0)
        + principal
    )
    slopes = inverse @ rotation  # columns: per unit of u, of v, and ahead
    per_x, per_y = slopes[:, :, 0] / focal[:, None], slopes[:, :, 1] / focal[:, None]
    ahead = slopes[:, :, 2] + ((middle - principal) / focal[:, None])[:, None, :].mul(slopes[:, :, :2]).sum(-1)

    def square(a, b):
        return (a * b).sum(-1)

    crosses = [torch.linalg.cross(local_origin, vector) for vector in (per_x, per_y, ahead)]

    def polynomial(x, y, one):
        return [square(x, x), square(y, y), 2 * square(x, y), 2 * square(x, one), 2 * square(y, one), square(one, one)]

    squared = polynomial(per_x, per_y, ahead)
    crossed = polynomial(*crosses)
    along = [square(local_origin, vector) for vector in (per_x, per_y, ahead)]
    conic = torch.stack(
        [middle[:, 0], middle[:, 1], *squared, *along, *(a - c for a, c in zip(squared, crossed, strict=True))]
    )

    taper, low, high = shape.double().unbind(1)
    column = kind == COLUMN
    narrowing, mean = (1 - taper) / 2, (1 + taper) / 2
    quadric = [
        torch.where(column, -narrowing * narrowing, 1.0),
        torch.where(column, 2 * mean * narrowing, 0.0),
        torch.where(column, -mean * mean, -1.0),
    ]
    affine = torch.stack(
        [
            middle[:, 0],
            middle[:, 1],
            *per_x.unbind(1),
            *per_y.unbind(1),
            *ahead.unbind(1),
            *local_origin.unbind(1),
            *quadric,
            low,
            high,
        ]
    )
    return Instances(
        part,
        view,
        kind,
        linear.float(),
        inverse.float(),
        centre.float(),
        rects,
        near.float(),
        linear.norm(dim=1).float(),
        conic.float(),
        affine.float(),
    )


def _rectangles(kind, shape, linear, at, rotation, focal, principal, width, height):
    """Pixel rectangles (I, 4) that hold each part, one pixel wider on each side; empty when it cannot be seen."""
    axes = rotation.transpose(1, 2) @ linear  # (I, 3, 3) half axes in camera axes
    gram = axes @ axes.transpose(1, 2)
    reach = gram[:, 2, 2].sqrt()
    bounds = []
    for axis in (0, 1):
        # Planes through the camera that touch the ellipsoid (at_x - u at_z)² = n G n, n = (1, -u).
        a = at[:, 2] ** 2 - gram[:, 2, 2]
        b = at[:, axis] * at[:, 2] - gram[:, axis, 2]
        c = at[:, axis] ** 2 - gram[:, axis, axis]
        root = (b * b - a * c).clamp(min=0).sqrt()
        safe = a.clamp(min=1e-9)
        bounds.append(((b - root) / safe, (b + root) / safe))
    corners = torch.tensor(
        [[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=torch.float64, device=at.device
    )
    points = at[:, None] + corners @ axes.transpose(1, 2)  # (I, 8, 3)
    box_near = points[:, :, 2].amin(1) > NEAR
    slopes = points[:, :, :2] / points[:, :, 2:].clamp(min=NEAR)
    round_ = kind == BALL
    near = torch.where(round_, at[:, 2] - reach > NEAR, box_near)
    low_u = torch.where(round_, bounds[0][0], slopes[:, :, 0].amin(1))
    high_u = torch.where(round_, bounds[0][1], slopes[:, :, 0].amax(1))
    low_v = torch.where(round_, bounds[1][0], slopes[:, :, 1].amin(1))
    high_v = torch.where(round_, bounds[1][1], slopes[:, :, 1].amax(1))
    edges = torch.stack([low_u, low_v, high_u, high_v], 1) * focal[:, None] + principal.repeat(1, 2)
    edges = edges.nan_to_num(0.0, 1e6, -1e6).clamp(-1e6, 1e6)
    whole = torch.tensor([0, 0, width, height], device=at.device)
    rects = torch.cat([edges[:, :2].floor() - 1, edges[:, 2:].ceil() + 1], 1).long()
    rects = torch.where(near[:, None], rects, whole)  # around the camera: may be anywhere
    rects = torch.maximum(torch.minimum(rects, whole[2:].repeat(2)), torch.zeros_like(rects))
    furthest = torch.where(round_, at[:, 2] + reach, points[:, :, 2].amax(1))
    rects = torch.where((furthest > NEAR)[:, None], rects, torch.zeros_like(rects))
    # Beside the camera, a part may reach behind it and have no rectangle: ask the four sides of the view instead.
    right, bottom = (width - principal[:, 0]) / focal, (height - principal[:, 1]) / focal
    left, top = principal[:, 0] / focal, principal[:, 1] / focal
    zero = torch.zeros_like(left)
    outside = torch.zeros_like(near)
    room = torch.where(round_, 1.0, 3.0)  # a box lies within the ellipsoid around its corners
    for plane in ((zero + 1, zero, left), (zero - 1, zero, right), (zero, zero + 1, top), (zero, zero - 1, bottom)):
        normal = torch.stack(plane, 1)
        support = (room * ((normal[:, None] @ gram)[:, 0] * normal).sum(-1)).sqrt()
        outside |= (normal * at).sum(-1) + support < 0
    rects = torch.where(outside[:, None], torch.zeros_like(rects), rects)
    return rects, torch.where(round_, at[:, 2] - reach, points[:, :, 2].amin(1))


def _inverse(linear):
    a, b, c = linear.unbind(2)
    rows = torch.stack([torch.linalg.cross(b, c), torch.linalg.cross(c, a), torch.linalg.cross(a, b)], 1)
    return rows / (a * rows[:, 0]).sum(-1)[:, None, None]


def candidate_pairs(instances: Instances, chosen, width, height):
    """Every pixel of every chosen instance's rectangle: (instance, view, x, y) as int64 (M,)."""
    x0, y0, x1, y1 = instances.rects[chosen].unbind(1)
    heights = y1 - y0
    row_of = torch.repeat_interleave(chosen, heights)  # one entry a row of pixels
    starts = torch.cumsum(heights, 0) - heights
    row_y = torch.arange(len(row_of), device=chosen.device) - torch.repeat_interleave(starts - y0, heights)
    widths = torch.repeat_interleave(x1 - x0, heights)
    firsts = torch.repeat_interleave(x0, heights)
    ends = torch.cumsum(widths, 0)
    pixel_base = (instances.view[row_of] * height + row_y) * width
    total = int(ends[-1]) if len(ends) else 0
    shift = torch.repeat_interleave(firsts - (ends - widths), widths, output_size=total)
    x = torch.arange(total, device=chosen.device) + shift
    row = torch.repeat_interleave(torch.arange(len(row_of), device=chosen.device), widths, output_size=total)
    return row_of[row], pixel_base[row] + x, x, row_y[row]


def meet(instances: Instances, kind: int, instance, x, y):
    """Depth at which rays through pixel positions x, y (float, (M,)) enter their instance: (index of hits, t)."""
    if kind == BALL:
        return _meet_balls(instances.conic, instance, x, y)
    rows = instances.affine
    take = lambda index: rows[index].index_select(0, instance)  # noqa: E731
    dx, dy = x - take(0), y - take(1)
    direction = [take(2 + axis) * dx + take(5 + axis) * dy + take(8 + axis) for axis in range(3)]
    origin = [take(11 + axis) for axis in range(3)]
    if kind == BOX:
        enter, leave = None, None
        for o, d in zip(origin, direction, strict=True):
            inverse = 1 / torch.where(d.abs() < 1e-9, 1e-9, d)
            one, two = (-1 - o) * inverse, (1 - o) * inverse
            first, last = torch.minimum(one, two), torch.maximum(one, two)
            enter = first if enter is None else torch.maximum(enter, first)
            leave = last if leave is None else torch.minimum(leave, last)
        hit = ((enter <= leave) & (enter > NEAR)).nonzero()[:, 0]
        return hit, enter[hit]
    A, B, C, low, high = (take(14 + index) for index in range(5))
    (ox, oy, oz), (dx, dy, dz) = origin, direction
    a = dx * dx + dz * dz + A * dy * dy
    b = ox * dx + oz * dz + (A * oy + B / 2) * dy
    c = ox * ox + oz * oz + (A * oy + B) * oy + C
    discriminant = b * b - a * c
    root = discriminant.clamp(min=0).sqrt()
    a = torch.where(a.abs() < 1e-12, 1e-12, a)
    best = torch.full_like(a, torch.inf)
    for t in ((-b - root) / a, (-b + root) / a):
        at = oy + t * dy
        good = (discriminant >= 0) & (t > NEAR) & (at >= low) & (at <= high)
        best = torch.where(good & (t < best), t, best)
    steep = 1 / torch.where(dy.abs() < 1e-9, 1e-9, dy)
    for level in (low, high):
        t = (level - oy) * steep
        px, pz = ox + t * dx, oz + t * dz
        good = (t > NEAR) & (px * px + pz * pz <= -((A * level + B) * level + C))
        best = torch.where(good & (t < best), t, best)
    hit = best.isfinite().nonzero()[:, 0]
    return hit, best[hit]


def _meet_balls(conic, instance, x, y):
    take = lambda index: conic[index].index_select(0, instance)  # noqa: E731
    x, y = x - take(0), y - take(1)
    discriminant = (take(11) * x + take(13) * y + take(14)) * x + (take(12) * y + take(15)) * y + take(16)
    hit = (discriminant > 0).nonzero()[:, 0]
    x, y, root, instance = x[hit], y[hit], discriminant[hit].sqrt(), instance[hit]
    squared = (take_at(conic, 2, instance) * x + take_at(conic, 4, instance) * y + take_at(conic, 5, instance)) * x
    squared = (
        squared + (take_at(conic, 3, instance) * y + take_at(conic, 6, instance)) * y + take_at(conic, 7, instance)
    )
    along = take_at(conic, 8, instance) * x + take_at(conic, 9, instance) * y + take_at(conic, 10, instance)
    t = (-along - root) / squared
    ahead = t > NEAR
    return (hit, t) if bool(ahead.all()) else (hit[ahead], t[ahead])


def take_at(table, row, index):
    return table[row].index_select(0, index)


def nearest(keys, where, t, instance):
    """Lower `keys` (int64) at `where` to the nearest depth and its instance; depth sits above the instance's number."""
    packed = (t.contiguous().view(torch.int32).long() << 32) | instance
    keys.scatter_reduce_(0, where, packed, "amin")


def unpacked(keys):
    """Depth (inf: nothing) and instance (-1: nothing) of packed keys."""
    t = (keys >> 32).int().view(torch.float32)
    return t, torch.where(t.isinf(), -1, keys & 0xFFFFFFFF)

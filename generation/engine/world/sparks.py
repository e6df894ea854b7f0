"""Draws rain, snow, fireflies and stars over a picture: small discs and streaks at their true depth."""

import torch

from generation.engine.world.weather import RING, STREAK

TILE = 64  # pixels: the widest a spark may be on the screen


def draw_over(color, depth, stage, clip, frame):
    """Blend the sparks of these views into linear colours (N, H, W, 3); what is behind something is hidden by it."""
    sparks = stage.sparks
    if not len(sparks.size):
        return color
    views, height, width = depth.shape
    device = depth.device
    view, which = (clip[:, None] == sparks.clip[None]).nonzero(as_tuple=True)
    if not len(view):
        return color
    at = sparks.position[which, frame[view]]
    camera = stage.camera_to_world[clip, frame].float()
    intrinsics = stage.intrinsics[clip, frame].float()
    focal, middle = intrinsics[view, 0, 0], intrinsics[view, :2, 2]

    def seen(points):
        local = ((points - camera[view, :3, 3])[:, None] @ camera[view, :3, :3])[:, 0]
        return local[:, 2], local[:, :2] / local[:, 2:].clamp(min=0.05) * focal[:, None] + middle

    t, centre = seen(at)
    opacity = sparks.opacity[which, frame[view]]
    radius = sparks.size[which] / t.clamp(min=0.05) * focal
    # Smaller than a pixel: keep it a pixel wide and make it fainter instead, so that it does not flicker.
    faint = (radius / 0.75).clamp(max=1)
    radius = radius.clamp(0.75, TILE / 2 - 2)
    tail = seen(at - sparks.streak[which])[1] - centre
    tail = tail * (TILE / 3 / tail.norm(dim=-1, keepdim=True).clamp(min=TILE / 3))
    far = torch.minimum(centre, centre + tail) - radius[:, None] - 1
    near = torch.maximum(centre, centre + tail) + radius[:, None] + 1
    keep = (t > 0.25) & (near > 0).all(-1) & (far[:, 0] < width) & (far[:, 1] < height) & (opacity * faint > 0.004)
    keep = keep.nonzero()[:, 0]
    if not len(keep):
        return color
    limit = torch.tensor([width, height], device=device)
    low = torch.maximum(far[keep].floor().long(), torch.zeros_like(limit))
    high = torch.minimum(near[keep].ceil().long(), limit)
    size = (high - low).clamp(min=0)
    area = size[:, 0] * size[:, 1]
    spark = torch.repeat_interleave(torch.arange(len(keep), device=device), area)
    within = torch.arange(len(spark), device=device) - torch.repeat_interleave(torch.cumsum(area, 0) - area, area)
    x = low[spark, 0] + within % size[spark, 0]
    y = low[spark, 1] + within // size[spark, 0]
    pixel = (view[keep][spark] * height + y) * width + x
    chosen = keep[spark]
    shown = (t[chosen] < depth.reshape(-1)[pixel]).nonzero()[:, 0]
    x, y, pixel, chosen = x[shown], y[shown], pixel[shown], chosen[shown]
    offset = torch.stack([x + 0.5, y + 0.5], -1) - centre[chosen]
    line = tail[chosen]
    share = ((offset * line).sum(-1) / (line * line).sum(-1).clamp(min=1e-3)).clamp(0, 1)
    away = (offset - share[:, None] * line).norm(dim=-1) / radius[chosen]
    style = sparks.style[which[chosen]]
    soft = (1.15 - away * away).clamp(0, 1) ** 2
    rim = torch.exp(-(((away - 0.78) * radius[chosen].clamp(min=3) / 2.2) ** 2)) * 0.6 + 0.10 * (away < 0.8)
    glint = torch.exp(-((offset / radius[chosen][:, None] + 0.35) ** 2).sum(-1) * 22)
    streak = (1.2 - away).clamp(0, 1) * (1 - 0.7 * share)
    alpha = (
        torch.where(style == RING, (rim + glint).clamp(max=1), torch.where(style == STREAK, streak, soft))
        * (opacity * faint)[chosen]
    )
    # The strongest spark of a pixel wins: a maximum does not depend on the order in which sparks are drawn.
    strength = (alpha.clamp(0, 1) * 65535).long()
    winner = torch.zeros(views * height * width, dtype=torch.int64, device=device)
    winner.scatter_reduce_(0, pixel, (strength << 32) | which[chosen], "amax")
    touched = (winner > 0).nonzero()[:, 0]
    alpha = ((winner[touched] >> 32).float() / 65535)[:, None]
    paint = sparks.color[winner[touched] & 0xFFFFFFFF]
    clip_light = stage.light["above"][clip[touched // (height * width)]].mean(-1, keepdim=True)
    # What glows by itself is brighter than 1; the rest takes the light of the day.
    paint = torch.where(paint.amax(-1, keepdim=True) > 1.25, paint, paint * (0.25 + 1.1 * clip_light))
    flat = color.reshape(-1, 3)
    flat[touched] = flat[touched] * (1 - alpha) + paint * alpha
    return flat.reshape(color.shape)

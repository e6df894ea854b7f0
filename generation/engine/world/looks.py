"""From linear light to a finished picture: glow, a filmic curve, and the four looks."""

import torch
from torch.nn.functional import avg_pool2d, grid_sample, interpolate, max_pool2d, pad

from generation.engine.world import noise

EXPOSURE = 1.0


def expose(color):
    """Display values in [0, 1] of linear light: a filmic shoulder (after Hable), then sRGB's curve."""
    color = color.clamp(min=0) * EXPOSURE
    shaped = color * (1 + color * 0.12) / (1 + 0.62 * color)
    return shaped.clamp(0, 1) ** (1 / 2.2)


def expose_inverse(display):
    """Linear light that `expose` shows as `display`."""
    shaped = display.clamp(0, 0.999) ** 2.2
    # shaped (1 + 0.62 c) = c + 0.12 c²: a quadratic in c
    b = 1 - 0.62 * shaped
    return (-b + (b * b + 0.48 * shaped).sqrt()) / 0.24


def finish(color, depth, entity, stage, clip, frame):
    """uint8 (N, H, W, 3) of linear colours (N, H, W, 3)."""
    picture = _graded(expose(_glowing(color.permute(0, 3, 1, 2))))  # (N, 3, H, W)
    night = stage.light["night"][clip]
    looks = [stage.scenes[index].look for index in clip.tolist()]
    for look, paint in PAINTERS.items():
        chosen = [view for view, name in enumerate(looks) if name == look]
        if chosen:
            picture[chosen] = paint(
                picture[chosen], depth[chosen], entity[chosen], stage.start + frame[chosen], night[chosen]
            )
    return (picture.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def cartoon(picture, depth, entity, frame, night):
    """Flat tones in a few steps and ink lines where one thing ends and another begins."""
    grey = _grey(picture)
    picture = grey + (picture - grey) * 1.28
    value = picture.amax(1, keepdim=True).clamp(min=1e-3)
    steps = 5.0
    level = value * steps
    rounded = (level.floor() + _smooth((level - level.floor() - 0.36) / 0.28)) / steps
    picture = picture * (1 + 0.72 * (rounded / value - 1)) * 1.04
    ink = _outline(depth, entity, max(1, round(picture.shape[2] / 230)))
    return picture * (1 - 0.86 * ink) + picture.new_tensor([0.10, 0.06, 0.09])[:, None, None] * 0.86 * ink


def watercolor(picture, depth, entity, frame, night):
    """Pools of pigment on rough paper: patches run together, dry darker at their rims, leave the sheet's edge white."""
    views, _, height, width = picture.shape
    scale = height / 288
    x, y = _screen(picture)
    soft, middle, fine, *_ = _paper(x, y, 560 * scale)
    wobble = torch.stack([(soft - 0.5) * 7 * scale / width, (middle - 0.5) * 5 * scale / height], -1)[None]
    base = torch.stack([(x + 0.5) / width, (y + 0.5) / height], -1)[None] * 2 - 1
    picture = grid_sample(
        picture, (base + 2 * wobble).expand(views, -1, -1, -1), padding_mode="border", align_corners=False
    )
    picture = _pooled(picture, max(2, round(2.2 * scale)))
    grey = _grey(picture)
    across, down = grey.diff(dim=3, append=grey[:, :, :, -1:]), grey.diff(dim=2, append=grey[:, :, -1:])
    rim = avg_pool2d((across.abs() + down.abs()).clamp(max=0.25), 3, 1, 1)
    picture = grey + (picture - grey) * 1.40
    picture = 1 - (1 - picture.clamp(0, 1)) * 0.94
    pigment = 1 - picture.amin(1, keepdim=True)
    grain = 0.62 * (middle - 0.5) + 0.75 * (fine - 0.5)
    bloom = 0.30 * (soft - 0.5)
    picture = picture * (1 - 1.5 * rim) * (1 + (0.30 * grain + bloom) * pigment)
    paper = picture.new_tensor([0.985, 0.97, 0.935])[:, None, None] * (1 + 0.07 * (fine - 0.5))
    edge = torch.minimum(torch.minimum(x, width - 1 - x) / width, torch.minimum(y, height - 1 - y) / height * 0.8)
    torn = _smooth((edge - 0.004 - 0.050 * soft) / 0.034)
    return paper + (picture - paper) * torn * 0.97


def noir(picture, depth, entity, frame, night):
    """Black and white film: hard contrast, grain that lives, and darkness closing in from the corners."""
    grey = (picture * picture.new_tensor([0.42, 0.42, 0.16])[:, None, None]).sum(1, keepdim=True)
    grey = grey * (1 + 0.45 * night)[:, None, None, None]  # film is pushed at night
    grey = (0.5 + (grey - 0.46) * 1.55).clamp(0, 1)
    grey = grey * grey * (3 - 2 * grey) * 0.62 + grey * 0.38
    grey = grey * _vignette(picture, 0.66)
    x, y = _screen(picture)
    grains = [_paper(x + 37.7 * (index % 64), y + 91.3 * (index % 61), 250.0)[2] for index in frame.tolist()]
    grain = torch.stack(grains)[:, None] - 0.5
    grey = grey + 0.13 * grain * (0.35 + 2.2 * grey * (1 - grey))
    return grey * picture.new_tensor([1.0, 0.985, 0.955])[:, None, None]


PAINTERS = {"cartoon": cartoon, "watercolor": watercolor, "noir": noir}


def _outline(depth, entity, thickness):
    """Ink (N, 1, H, W) in [0, 1] along the borders of entities and wherever depth jumps."""
    inverse = 1 / depth[:, None]
    # Only the nearer side of a step is inked, more finely than the cast and less the farther it is.
    step = (inverse - avg_pool2d(inverse, 3, 1, 1, count_include_pad=False)) / inverse
    scenery = (step > 0.03).float() * (9.0 / depth[:, None]).clamp(0.25, 0.75)
    who = entity[:, None].float()
    border = (max_pool2d(who, 3, 1, 1) + max_pool2d(-who, 3, 1, 1) > 0).float()
    for _ in range(thickness - 1):
        border = max_pool2d(border, 3, 1, 1)
    parts = (step > 0.008).float() * (who > 0) * 0.6
    line = torch.maximum(border, torch.maximum(scenery, parts))
    return _smooth(avg_pool2d(line, 3, 1, 1, count_include_pad=False) * 1.15)


def _pooled(picture, radius):
    """Each pixel becomes the mean of the calmest of the four squares beside it (Kuwahara et al. 1976)."""
    size = radius + 1
    padded = pad(picture, (radius, radius, radius, radius), mode="replicate")
    mean = avg_pool2d(padded, size, 1)
    spread = (avg_pool2d(padded * padded, size, 1) - mean * mean).sum(1, keepdim=True)
    height, width = picture.shape[2:]
    best, calm = None, None
    for top in (0, radius):
        for left in (0, radius):
            here = (slice(None), slice(None), slice(top, top + height), slice(left, left + width))
            if best is None:
                best, calm = mean[here], spread[here]
                continue
            better = spread[here] < calm
            best, calm = torch.where(better, mean[here], best), torch.where(better, spread[here], calm)
    return best


def _screen(picture):
    """Pixel coordinates x, y (H, W)."""
    height, width = picture.shape[2:]
    y, x = torch.meshgrid(
        torch.arange(height, device=picture.device, dtype=torch.float32),
        torch.arange(width, device=picture.device, dtype=torch.float32),
        indexing="ij",
    )
    return x, y


def _paper(x, y, pixels):
    """Noise channels over the picture; the pattern repeats every so many pixels."""
    return [channel.reshape(x.shape) for channel in noise.sample(x.flatten(), y.flatten(), pixels, 0, noise.CELLS)]


def _grey(picture):
    return (picture * picture.new_tensor([0.30, 0.55, 0.15])[:, None, None]).sum(1, keepdim=True)


def _smooth(t):
    t = t.clamp(0, 1)
    return t * t * (3 - 2 * t)


def _glowing(picture):
    """Very bright spots bleed a little light around them."""
    height, width = picture.shape[2:]
    bright = avg_pool2d((picture - 1.25).clamp(0, 2.5), 4)
    if float(bright.amax()) < 0.01:
        return picture
    wide = avg_pool2d(bright, 2, ceil_mode=True, count_include_pad=False)
    wide = 0.22 * _blurred(wide, 3) + 0.18 * _blurred(wide, 7)
    halo = 0.30 * _blurred(bright, 3) + interpolate(wide, bright.shape[2:], mode="bilinear", align_corners=False)
    return picture + interpolate(halo, (height, width), mode="bilinear", align_corners=False)


def _blurred(picture, size):
    """Twice a box, which is close to a bell."""
    for _ in range(2):
        picture = avg_pool2d(picture, size, 1, size // 2, count_include_pad=False)
    return picture


def _graded(picture):
    """A little more colour and contrast, and corners a shade darker."""
    grey = _grey(picture)
    picture = grey + (picture - grey) * 1.10
    picture = picture + 0.05 * torch.sin((picture - 0.5) * 3.1416) * (1 - picture).clamp(0, 1)
    return picture * _vignette(picture, 0.20)


def _vignette(picture, amount):
    height, width = picture.shape[2:]
    y = torch.linspace(-1, 1, height, device=picture.device)[:, None]
    x = torch.linspace(-1, 1, width, device=picture.device)[None]
    return 1 - amount * ((x * x + y * y) / 2) ** 1.6

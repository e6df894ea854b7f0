"""From linear light to a finished picture: glow, a filmic curve, and the four looks."""

import torch
from torch.nn.functional import avg_pool2d, interpolate

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


def finish(color, depth, owner, entity, stage, clip, frame):
    """uint8 (N, H, W, 3) of linear colours (N, H, W, 3)."""
    picture = color.permute(0, 3, 1, 2)  # (N, 3, H, W)
    picture = _glowing(picture)
    picture = expose(picture)
    picture = _graded(picture)
    return (picture.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def _glowing(picture):
    """Very bright spots bleed a little light around them."""
    height, width = picture.shape[2:]
    bright = avg_pool2d((picture - 1.25).clamp(0, 2.5), 4)
    if float(bright.amax()) < 0.01:
        return picture
    halo = 0.0
    for size, weight in ((3, 0.30), (7, 0.22), (15, 0.16)):
        halo = halo + weight * avg_pool2d(
            avg_pool2d(bright, size, 1, size // 2, count_include_pad=False), size, 1, size // 2, count_include_pad=False
        )
    return picture + interpolate(halo, (height, width), mode="bilinear", align_corners=False)


def _graded(picture):
    """A little more colour and contrast, and corners a shade darker."""
    grey = (picture * picture.new_tensor([0.30, 0.55, 0.15])[:, None, None]).sum(1, keepdim=True)
    picture = grey + (picture - grey) * 1.10
    picture = picture + 0.05 * torch.sin((picture - 0.5) * 3.1416) * (1 - picture).clamp(0, 1)
    return picture * _vignette(picture, 0.20)


def _vignette(picture, amount):
    height, width = picture.shape[2:]
    y = torch.linspace(-1, 1, height, device=picture.device)[:, None]
    x = torch.linspace(-1, 1, width, device=picture.device)[None]
    return 1 - amount * ((x * x + y * y) / 2) ** 1.6

"""A small picture of what a run is becoming, from its latents alone.

Decoding at every step would cost as much as the run. A latent cell is close to linear in the colour it stands for, so a
model's own autoencoder is shown one patchwork picture when it is first loaded, and a (z + 1) × 3 matrix is fitted to it
by ridge regression and kept beside its weights. For an autoencoder that was never trained (the tiny ones of the tests)
the colours mean little.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor
from torch.nn import functional

PREVIEW_WIDTH = 256  # pixels; the height follows
PATCHWORK_SIDE = 384  # pixels: 2304 cells at 8 pixels a cell, 576 at 16, enough for 48 channels
RIDGE = 1e-3


@torch.inference_mode()
def fit_latent_colors(encoded: Callable[[Tensor], Tensor], device, side: int = PATCHWORK_SIDE) -> Tensor:
    """The matrix that turns normalised latents into RGB in [0, 1]: float32 (z + 1, 3), the last row the bias.

    `encoded` gives latents (1, z, h, w) of one frame (1, 3, 1, H, W) in [-1, 1], as a run of the model would hold them;
    it is called once, with a frame of `side` × `side` pixels.
    """
    patchwork = _patchwork(side).to(device)
    latents = encoded(patchwork).float().cpu()
    cells = latents[0].flatten(1).T.double()  # (h w, z)
    colors = functional.adaptive_avg_pool2d(patchwork[:, :, 0].float().cpu(), latents.shape[-2:])
    colors = (colors[0].flatten(1).T.double() + 1) / 2  # (h w, 3)
    cells = torch.cat([cells, torch.ones(len(cells), 1, dtype=torch.float64)], dim=1)  # (h w, z + 1)
    normal = cells.T @ cells + RIDGE * len(cells) * torch.eye(cells.shape[1], dtype=torch.float64)
    return torch.linalg.solve(normal, cells.T @ colors).float().contiguous()


def kept_latent_colors(file: Path, fitted_to: str) -> Tensor | None:
    """The matrix of `fit_latent_colors` that was kept in a file, None unless it was fitted to just this."""
    try:
        with safe_open(file, "pt") as kept:
            if (kept.metadata() or {}).get("fitted_to") != fitted_to:
                return None
            colors = kept.get_tensor("latent_colors")
    except (OSError, SafetensorError):  # none yet, or damaged
        return None
    return colors if colors.ndim == 2 and colors.shape[1] == 3 and colors.dtype == torch.float32 else None


def keep_latent_colors(colors: Tensor, file: Path, fitted_to: str) -> bool:
    """Keep the matrix in a file, in one move; whether that could be done."""
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(exist_ok=True)
        beside.write_bytes(save({"latent_colors": colors}, metadata={"fitted_to": fitted_to}))
        beside.replace(file)
    except OSError:  # a folder that this process may only read, or a full disk
        return False
    return True


def clean_latents(scheduler, index: int, latents: Tensor, previous: Tensor | None) -> Tensor:
    """What the model takes the finished latents to be after step `index` (from 0), in the shape of `latents`.

    Multistep schedulers keep their last estimate. An Euler step moved along the velocity v = (x' - x) / (σ' - σ), so
    x' - σ' v is where that line ends (Esser et al. 2024, arXiv:2403.03206). After the first step, with nothing to
    compare, it is the noisy latents themselves.
    """
    outputs = getattr(scheduler, "model_outputs", None)
    if outputs and outputs[-1] is not None and scheduler.config.get("predict_x0", False):
        return outputs[-1]
    if previous is None:
        return latents
    sigma, reached = (float(value) for value in scheduler.sigmas[index : index + 2])
    return latents - reached * (latents - previous) / (reached - sigma)


def picture(latents: Tensor, colors: Tensor) -> np.ndarray:
    """The middle frame of latents (1, z, f, h, w) as uint8 (H, W, 3), 256 pixels wide."""
    frame = latents[0, :, latents.shape[2] // 2].float().cpu()  # (z, h, w)
    rgb = torch.einsum("zhw,zc->chw", frame, colors[:-1]) + colors[-1][:, None, None]
    height = max(1, round(PREVIEW_WIDTH * rgb.shape[1] / rgb.shape[2]))
    rgb = functional.interpolate(rgb[None], (height, PREVIEW_WIDTH), mode="bicubic", align_corners=False)[0]
    rgb = rgb.nan_to_num().clamp(0, 1)
    return (rgb * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()


def _patchwork(side):
    """Soft gradients on the left, flat patches on the right: float (1, 3, 1, H, W) in [-1, 1], always the same."""
    dice = torch.Generator("cpu").manual_seed(0)
    half = (side, side // 2)
    soft = functional.interpolate(torch.rand(1, 3, 12, 6, generator=dice), half, mode="bicubic").clamp(0, 1)
    flat = functional.interpolate(torch.rand(1, 3, 12, 6, generator=dice), half, mode="nearest")
    return torch.cat([soft, flat], dim=3)[:, :, None] * 2 - 1

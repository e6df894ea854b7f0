"""What the built-in model is judged by."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Figure:
    """One line of what is asked of the model; a `small_tier` of None is only reported.

    `chance`: what knowing nothing would reach, where it is known before; for others it is measured, as what another
    clip's picture, mask, colour or character would reach, and for actions as what is told by the places alone.
    """

    goal: float | None
    small_tier: float | None
    chance: float | None = None
    at_most: bool = False

    def reached(self, value: float, limit: float) -> bool:
        return value <= limit if self.at_most else value >= limit


FIGURES = {
    "prompts_read": Figure(1.0, 1.0),
    "codec_psnr_whole": Figure(32.0, 28.0),
    "codec_psnr_entity": Figure(26.0, 21.0),
    "species": Figure(0.95, 0.85, 1 / 20),
    "color": Figure(0.97, 0.90, 1 / 13),
    "place": Figure(0.98, 0.95, 1 / 16),
    "binding": Figure(0.95, 0.75, 1 / 169),
    "action": Figure(0.90, 0.75, 1 / 14),
    "camera": Figure(0.95, 0.85, 1 / 15),
    "mask_iou": Figure(0.85, 0.70),
    "picture_psnr": Figure(27.0, 23.0),
    "reference_identity": Figure(0.90, 0.75, 1 / 260),
    "reference_delta_e": Figure(8.0, 12.0, at_most=True),
    "six_shots_agreement": Figure(0.95, 0.85),
    "flicker": Figure(1.3, 2.0, at_most=True),
    "text_only_species": Figure(0.70, None, 1 / 20),
    "text_only_color": Figure(0.80, None, 1 / 13),
    "text_only_place": Figure(0.90, None, 1 / 16),
    "seconds_text": Figure(3.0, 5.0, at_most=True),
    "seconds_two_references": Figure(5.0, 8.0, at_most=True),
    "memory_gb": Figure(1.5, 2.5, at_most=True),
}


def psnr(squared_error: torch.Tensor) -> float:
    """Peak signal-to-noise ratio in dB of squared errors between pictures in [-1, 1]."""
    return float(10 * torch.log10(4 / squared_error.mean().clamp(min=1e-10)))


def iou(one: torch.Tensor, other: torch.Tensor) -> float:
    """Intersection over union of two masks; 1 where both are empty."""
    union = (one | other).sum()
    return float((one & other).sum() / union) if union else 1.0


def main_color(pixels: torch.Tensor) -> torch.Tensor:
    """The middle colour of pixels uint8 (N, 3), sRGB, as CIELAB (3,): the median of each coordinate."""
    return lab(pixels.float() / 255).median(0).values


def lab(srgb: torch.Tensor) -> torch.Tensor:
    """CIELAB (N, 3) under D65 of sRGB values (N, 3) in [0, 1] (IEC 61966-2-1, CIE 15)."""
    linear = torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    to_xyz = srgb.new_tensor([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ to_xyz.T / srgb.new_tensor([0.9505, 1.0, 1.089])
    f = torch.where(xyz > (6 / 29) ** 3, xyz.clamp(min=1e-6) ** (1 / 3), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f.unbind(-1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=-1)


def delta_e(one: torch.Tensor, other: torch.Tensor) -> float:
    """CIE76 difference of two CIELAB colours; stricter with strong colours than CIEDE2000."""
    return float((one - other).norm())

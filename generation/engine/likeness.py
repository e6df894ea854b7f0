"""How much two clips are alike, pixel by pixel."""

import numpy as np

WINDOW = 8  # pixels of a side; SSIM over plain windows side by side
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """The peak signal-to-noise ratio of two clips or pictures, uint8 of one shape, in dB; infinite for equal ones."""
    # In pieces of one frame each: a clip as floats would be four times its size.
    error = sum(float(np.square(a.astype(np.float32) - b).sum()) for a, b in zip(one, other, strict=True)) / one.size
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """The mean structural similarity of two clips, uint8 (F, H, W, 3), by their luma; 1 for equal ones.

    Source: Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity".
    """
    return float(np.mean([_ssim_of_frames(a @ LUMA, b @ LUMA) for a, b in zip(one, other, strict=True)]))


def _ssim_of_frames(a, b):
    a, b = _windows(a), _windows(b)  # (N, WINDOW²)
    mean_a, mean_b = a.mean(1), b.mean(1)
    var_a, var_b = a.var(1), b.var(1)
    both = ((a - mean_a[:, None]) * (b - mean_b[:, None])).mean(1)
    likeness = (2 * mean_a * mean_b + C1) * (2 * both + C2)
    return (likeness / ((mean_a**2 + mean_b**2 + C1) * (var_a + var_b + C2))).mean()


def _windows(luma):
    height, width = (side // WINDOW * WINDOW for side in luma.shape)
    cells = luma[:height, :width].reshape(height // WINDOW, WINDOW, width // WINDOW, WINDOW)
    return cells.transpose(0, 2, 1, 3).reshape(-1, WINDOW * WINDOW)

import numpy as np
import pytest

from generation.engine.likeness import psnr, ssim


def test_how_much_two_clips_are_alike():
    rng = np.random.default_rng(7)
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[None, :, None] * 3, (48, 64, 3))
    clip = np.stack([ramp, ramp[:, ::-1]])
    assert psnr(clip, clip) == float("inf") and ssim(clip, clip) == pytest.approx(1)
    off_by_two = clip + np.uint8(2)
    assert psnr(clip, off_by_two) == pytest.approx(20 * np.log10(255 / 2), abs=0.01)
    assert ssim(clip, off_by_two) > 0.99, "a little brighter is the same to the eye"
    noisy = np.clip(clip + rng.normal(0, 40, clip.shape), 0, 255).astype(np.uint8)
    assert ssim(clip, noisy) < 0.5
    assert ssim(clip, clip[::-1]) < 0.5, "frames in another order are another clip"

"""What was painted over in one frame of a clip, followed through the others by how the pictures move.

From frame to frame, what is marked and what is not are matched each with their own, block by block (the windows of a
match hold only what is of one kind, so edges stay where two things pass each other), and every pixel goes to the kind
that it is most alike. What is newly uncovered belongs to nothing that was marked.
"""

from collections.abc import Callable

import numpy as np
import torch
from PIL import Image, ImageOps
from torch.nn.functional import avg_pool2d, interpolate, max_pool2d, pad

LONGER_SIDE = 192  # pixels: as large as frames are compared
REACH = 8  # of half of those: how far anything moves from one frame to the next
ROOM = 2 * REACH + 8  # pixels around what is marked that are looked at
WINDOW = 5  # pixels: the side of what is compared
WINDOWS = (17, 9, 5)  # the same for how things move
USUAL = 24  # of all movements between two frames: so many are looked at closely
ALIKE = 0.03  # of full brightness: what differs no more than this may be the same
STRANGE = 0.002  # of full brightness: what it costs to move by one pixel otherwise than what is around
SMOOTH = 5  # pixels: the side in which the middle of all movements is taken
NEVER = 9.0  # more than any difference


@torch.inference_mode()
def followed(
    video: np.ndarray, mask: np.ndarray, at: int, on_frame: Callable[[int, int], None] = lambda done, of: None
) -> np.ndarray:
    """Where in each frame of a video is what a mask marks in one of them: uint8 (F, H, W), 255 there.

    video: uint8 (F, H, W, 3). mask: uint8 (h, w), more than half of 255 where something was marked in frame `at`; it
    covers the picture, cropped around its middle where its shape differs. What leaves the picture or is hidden is lost.
    `on_frame(done, of)` counts frames and may raise. Some 0.1 s a frame on one core.
    """
    frames, height, width = video.shape[:3]
    at = min(at, frames - 1)
    marked = np.asarray(ImageOps.fit(Image.fromarray(mask), (width, height), Image.Resampling.BILINEAR)) > 127
    scale = min(1.0, LONGER_SIDE / max(width, height))
    small = max(4, round(height * scale)), max(4, round(width * scale))
    begun = interpolate(torch.from_numpy(marked)[None, None].float(), small, mode="area")
    result = np.zeros((frames, height, width), np.uint8)
    result[at] = marked * np.uint8(255)
    done = 1
    for way in (1, -1):
        before, kept = _picture(video[at], small), begun
        for index in range(at + way, frames if way > 0 else -1, way):
            picture = _picture(video[index], small)
            kept = _kept(before, picture, kept)
            before = picture
            large = interpolate(kept, (height, width), mode="bilinear")[0, 0] > 0.5
            result[index] = large.numpy() * np.uint8(255)
            done += 1
            on_frame(done, frames)
    return result


def _picture(frame, size):
    """A frame uint8 (H, W, 3) at `size` (height, width): float (1, 3, h, w) in [0, 1]."""
    pixels = torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1)[None].float() / 255
    return interpolate(pixels, size, mode="area")


def _kept(before, after, marked):
    """What is marked of a picture, (1, 1, h, w) in [0, 1], in the next one."""
    rows, columns = ((marked[0, 0] > 0.5).any(axis) for axis in (1, 0))
    if not rows.any():
        return torch.zeros_like(marked)
    box = (..., _around(rows), _around(columns))
    result = torch.zeros_like(marked)
    result[box] = _kept_within(before[box], after[box], marked[box])
    return result


def _around(hit):
    """From the first to the last that is hit, and ROOM around."""
    where = torch.nonzero(hit)[:, 0]
    return slice(max(0, int(where[0]) - ROOM), int(where[-1]) + 1 + ROOM)


def _kept_within(before, after, marked):
    movement = _movement(before, after)
    steps = _movements_in(movement)
    strange = STRANGE * (movement - steps.float()[..., None, None]).abs().sum(1)  # (K, h, w)
    difference = (_shifted(before, steps) - after).abs().mean(1)
    which = marked > 0.5
    here = _shifted(which, steps)[:, 0].float()
    costs = {}
    for name, kind in (("marked", here), ("other", 1 - here)):
        share = _mean(kind, WINDOW)
        cost = _mean(difference * kind, WINDOW) / share.clamp(min=1e-3) + strange
        costs[f"{name} nearby"] = torch.where(share > 0.1, cost, NEVER)
        costs[name] = torch.where(kind > 0, costs[f"{name} nearby"], NEVER).amin(0)
    told = (costs["marked"] < costs["other"]) & (costs["marked"] < costs["other nearby"].amin(0) + ALIKE)
    # What nothing that was marked came to is newly uncovered, unless it looks like that and like nothing else.
    sure = (costs["marked"] < ALIKE) & (costs["other"] > 2 * ALIKE)
    told &= _reached(which, _movement(after, before)) | sure
    return _mean(told[None].float(), SMOOTH)[None]


def _reached(which, movement):
    """Where pixels (1, 1, h, w) come to by their movement, what lies between them, and a pixel around: bool (h, w)."""
    height, width = which.shape[-2:]
    y, x = torch.nonzero(which[0, 0], as_tuple=True)
    across, down = movement[0, :, y, x].long()
    x, y = x + across, y + down
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    reached = torch.zeros_like(which, dtype=torch.float32)
    reached[0, 0, y[inside], x[inside]] = 1
    wide = max_pool2d(reached, WINDOW, stride=1, padding=WINDOW // 2)
    return -max_pool2d(-wide, 3, stride=1, padding=1)[0, 0] > 0


def _movement(before, after):
    """By how many pixels each of `after` was elsewhere in `before`, to the nearest two: (1, 2, h, w), x and y.

    Large windows first: what has no pattern of its own moves along with what is around it."""
    height, width = after.shape[-2:]
    half_before, half_after = (avg_pool2d(picture, 2, ceil_mode=True) for picture in (before, after))
    steps = _square(REACH)
    difference = (_shifted(half_before, steps) - half_after).abs().mean(1)  # (K, h, w)
    movement = torch.zeros(1, 2, *half_after.shape[-2:])
    for window in WINDOWS:
        strange = 2 * STRANGE * (movement - steps.float()[..., None, None]).abs().sum(1)
        best = (_mean(difference, window) + strange).argmin(0)
        movement = _middle(steps[best].float().permute(2, 0, 1)[None])
    return 2 * interpolate(movement, (height, width), mode="nearest")


def _movements_in(movement):
    """The usual ones of a field of movements, and a pixel around each: (K, 2)."""
    found, times = movement[0].flatten(1).unique(dim=1, return_counts=True)
    usual = found[:, times.argsort(descending=True)[:USUAL]].T.long()
    return (usual[:, None] + _square(1)).flatten(0, 1).unique(dim=0)


def _square(reach):
    """All steps (K, 2), x and y, of at most so many pixels either way."""
    across = torch.arange(-reach, reach + 1)
    return torch.cartesian_prod(across, across)


def _mean(pictures, window):
    """The mean of each window of pictures (K, h, w): along each side by itself, which is less to add up."""
    for sides in ((1, window), (window, 1)):
        padding = [side // 2 for side in sides]
        pictures = avg_pool2d(pictures, sides, stride=1, padding=padding, count_include_pad=False)
    return pictures


def _shifted(picture, steps):
    """A picture (1, C, h, w) seen so many pixels to the right and below: (K, C, h, w), its edges repeated."""
    height, width = picture.shape[-2:]
    across = (torch.arange(width) + steps[:, :1]).clamp(0, width - 1)  # (K, w)
    down = (torch.arange(height) + steps[:, 1:]).clamp(0, height - 1)
    return picture[0][:, down[:, :, None], across[:, None]].transpose(0, 1)


def _middle(movement):
    """The median of movements around each pixel, x and y by themselves."""
    padded = pad(movement, [SMOOTH // 2] * 4, mode="replicate")
    return padded.unfold(2, SMOOTH, 1).unfold(3, SMOOTH, 1).flatten(-2).median(-1).values

"""Frames that are given: where a clip begins or ends, and what of a video stays as it is."""

from dataclasses import replace

import numpy as np
import torch
from torch.nn.functional import interpolate, max_pool2d

from generation.engine.painter.codec import CELL, in_groups
from generation.engine.painter.network import KNOWN, LAST_FRAME_KNOWN, UNKNOWN, Conditions
from generation.engine.painter.pictures import framed
from generation.engine.painter.pipeline import PainterPipeline

PAINTED = 127  # of 255: what a mask marks more than this is painted anew


def beginning_with(given: Conditions, frames: torch.Tensor, pipeline: PainterPipeline) -> Conditions:
    """A batch of one that begins with frames uint8 (4k + 1, 3, H, W)."""
    groups = _latents(frames, pipeline)
    known, knowledge = given.known.clone(), given.knowledge.clone()
    known[:, : len(groups)], knowledge[:, : len(groups)] = groups, KNOWN
    return replace(given, known=known, knowledge=knowledge)


def ending_with(given: Conditions, frames: torch.Tensor, pipeline: PainterPipeline) -> Conditions:
    """A batch of one that ends with frames uint8 (4k + 1, 3, H, W)."""
    groups = _latents(frames, pipeline)
    known, knowledge = given.known.clone(), given.knowledge.clone()
    known[:, -len(groups) :], knowledge[:, -len(groups) :] = groups, KNOWN
    knowledge[:, -len(groups)] = LAST_FRAME_KNOWN  # of the four in that group the first of `frames` is the last
    return replace(given, known=known, knowledge=knowledge)


def outside_of(given: Conditions, mask: torch.Tensor, video: torch.Tensor, pipeline: PainterPipeline) -> Conditions:
    """A batch of one in which a video, uint8 (4k + 1, 3, H, W), stays but where `mask`, bool (4k + 1, H, W), is set.

    Cells are painted whole: what lies in them outside of the mask has to be put back afterwards.
    """
    groups = _latents(video, pipeline)[None]
    painted = max_pool2d(in_groups(mask[None].float())[0], CELL).amax(1) > 0
    knowledge = torch.where(painted, UNKNOWN, KNOWN)[None]
    return replace(given, known=torch.where(painted[None, :, None], 0.0, groups), knowledge=knowledge)


def frame_of(picture: np.ndarray, height: int, width: int) -> torch.Tensor:
    """A picture uint8 (H, W, 3) as one frame uint8 (1, 3, height, width): its middle in that shape."""
    return framed(picture, height, width).permute(2, 0, 1)[None]


def video_of(video: np.ndarray, frames: int, height: int, width: int) -> torch.Tensor:
    """A video uint8 (F, H, W, 3) as `frames` frames uint8 (frames, 3, height, width); its last one is repeated."""
    chosen = np.minimum(np.arange(frames), len(video) - 1)
    each = {int(index): framed(video[index], height, width).permute(2, 0, 1) for index in np.unique(chosen)}
    return torch.stack([each[int(index)] for index in chosen])


def mask_of(mask: np.ndarray, frames: int, height: int, width: int) -> torch.Tensor:
    """A mask uint8 (H, W) or (F, H, W) as bool (frames, height, width)."""
    stack = torch.from_numpy(np.ascontiguousarray(mask if mask.ndim == 3 else mask[None]))
    stack = stack[torch.arange(frames).clamp(max=len(stack) - 1)]
    return interpolate(stack[:, None].float(), (height, width), mode="area")[:, 0] > PAINTED


def _latents(frames, pipeline):
    """Normalized latents (k + 1, C, h, w) of frames uint8 (4k + 1, 3, H, W)."""
    return pipeline.latents_of(in_groups(frames[None].float() / 127.5 - 1)[0]).cpu()

"""The animatic of a shot as the control video of a model that takes one: it paints over what is drawn here."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from generation.engine.recast import KeptShot, guide_of_blocking, kept_shot
from generation.engine.request import VideoRequest
from generation.engine.subject import refuse_nobody, theirs
from generation.engine.world.reading import read

PAINTED = 127  # of 255: what a mask marks more than this is painted anew


def shot_kept_by(request: VideoRequest) -> KeptShot | None:
    """The shot that a request keeps to, with its words and its camera; None where it brings no blocking.

    Raises EngineError for a scene of another world, a move of a camera at rest, and a subject that nobody is.
    """
    if request.blocking is None:
        return None
    if request.subject is not None:
        refuse_nobody(guide_of_blocking(request.blocking), request.subject)
    return kept_shot(request, read(request.prompt, seed=request.seed))


def guided(
    request: VideoRequest,
    shot: KeptShot,
    *,
    size: tuple[int, int],
    num_frames: int,
    device: str,
    on_frame: Callable[[int, int], None],
) -> VideoRequest:
    """A request whose video is the animatic of its shot, wherever the model may paint: everywhere, or what a mask or a
    subject marks of the video that was given.

    `size`: width and height that are drawn. `on_frame(done, of)` counts the frames of the animatic; it may raise.
    """
    width, height = size
    picture: dict[str, Any] = {"width": width, "height": height, "num_frames": num_frames, "fps": request.fps}
    rendering = shot.drawn(**picture, device=device, on_frame=on_frame)
    drawn = rendering.rgb[0].cpu().numpy()
    if request.video is None:
        return replace(request, video=drawn)
    video = np.stack([np.asarray(fitted(frame, size)) for frame in request.video[:num_frames]])
    mask = np.full(drawn.shape[:3], 255, np.uint8)  # a video that ends earlier is gone on with
    if request.subject is not None:
        assert request.blocking is not None
        earlier = replace(shot, guide=guide_of_blocking(request.blocking)).drawn(**picture, device=device, shaded=False)
        mask[: len(video)] = theirs(request.subject, earlier, rendering).numpy()[: len(video)] * 255
    elif request.mask is not None:
        for index in range(len(video)):
            mask[index] = fitted(mask_of(request.mask, index), size, Image.Resampling.NEAREST)
    drawn[: len(video)] = np.where(mask[: len(video), ..., None] > PAINTED, drawn[: len(video)], video)
    return replace(request, video=drawn, mask=mask, subject=None)


def mask_of(mask: np.ndarray, index: int) -> np.ndarray:
    """The mask of one frame, (H, W); one mask serves all frames, and the last one the frames after it."""
    return mask if mask.ndim == 2 else mask[min(index, len(mask) - 1)]


def fitted(
    pixels: np.ndarray, size: tuple[int, int], resampling: Image.Resampling = Image.Resampling.LANCZOS
) -> Image.Image:
    """A picture that fills `size` (width, height), cropped around its middle where its shape differs."""
    return ImageOps.fit(Image.fromarray(pixels), size, resampling)

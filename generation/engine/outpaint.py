"""A clip in a frame that it does not fill, and what is around it painted anew."""

from dataclasses import replace

import numpy as np

from generation.engine.clip import Clip, EngineError
from generation.engine.encode import scale_frames, with_given_pixels
from generation.engine.request import VideoRequest, gettext_noop

GREY = 128  # where nothing is given, as models that take a video and a mask learned it


def in_the_middle(size: tuple[int, int], frame: tuple[int, int]) -> tuple[int, int, int, int]:
    """Where a picture of `size` lies in a frame, both (width, height): x, y, width, height in pixels.

    In its middle, as large as it is, or as large as fits.
    """
    scale = min(1.0, *(room / side for room, side in zip(frame, size, strict=True)))
    width, height = (round(side * scale) for side in size)
    return (frame[0] - width) // 2, (frame[1] - height) // 2, width, height


def laid_out(request: VideoRequest) -> VideoRequest:
    """The request with its video at the frame's size, grey around it, and the mask of what is painted anew, (H, W).

    The same request where its video fills the frame. Raises EngineError where there is no video to lay anywhere.
    """
    if request.placed is None:
        return request
    if request.video is None:
        raise EngineError(
            gettext_noop("Where a video lies was said, but none was given. Give the video too."), "INPUT.UNSUPPORTED"
        )
    x, y, width, height = request.placed
    inside = slice(y, y + height), slice(x, x + width)
    video = np.full((request.num_frames, request.height, request.width, 3), GREY, np.uint8)
    mask = np.full((request.height, request.width), 255, np.uint8)
    given = scale_frames(request.video[: request.num_frames], width, height)
    video[: len(given), *inside] = given
    video[len(given) :, *inside] = given[-1]
    mask[inside] = 0
    return replace(request, video=video, mask=mask, placed=None)


def with_the_clip_itself(clip: Clip, request: VideoRequest) -> Clip:
    """A clip of the request's size with the pixels of the request's video where that was placed."""
    given = laid_out(request)
    assert given.video is not None and given.mask is not None
    painted = np.broadcast_to(given.mask > 0, clip.frames.shape[:3])
    return replace(clip, frames=with_given_pixels(clip.frames, painted, given.video), painted=painted)

"""A larger clip: AnimeSR draws each frame four times as large, with what it drew before in mind.

Source: Wu et al. 2022, arXiv:2206.07038. It learned from animated films: lines become clean, and noise is taken for
noise. By itself it makes pictures lighter, by about 4 of 255; back-projection takes that out (Irani and Peleg 1991).
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from generation.engine.cards.offline import ENLARGED_PIXELS
from generation.engine.clip import EngineError
from generation.engine.offline import packaged
from generation.engine.offline.frame_by_frame import FrameByFrame, padded
from generation.engine.request import VideoRequest, gettext_noop

TIMES = 4  # as large on each side
MULTIPLE = 4  # pixels: its coarsest look at a frame
PASSES = 2  # of back-projection
STATE = 64  # channels that it hands on from frame to frame


class AnimeSR(FrameByFrame):
    """The video's frames at the request's size, drawn four times as large and scaled from there; as many as were asked
    for, or as there are."""

    package = packaged.ANIMESR
    # Their own interpolation is torch's, said again for TensorRT, which it would import.
    instead = {"interpolate": {"interpolate": functional.interpolate}}

    def _network(self, module, weights):
        with torch.device("meta"):  # the random numbers it would begin with are not drawn
            network = module.MSRSWVSR()
        network.load_state_dict(weights, assign=True)
        return network

    def _check(self, request):
        super()._check(request)
        _, height, width, _ = request.video.shape
        if height * width > ENLARGED_PIXELS:
            raise EngineError(
                gettext_noop(
                    "%(model)s enlarges clips of at most %(most)s pixels a frame; %(width)s × %(height)s is more."
                ),
                "INPUT.SIZE",
                model=self.card.name,
                most=f"{ENLARGED_PIXELS:,}",
                width=width,
                height=height,
            )

    def _num_frames(self, request: VideoRequest) -> int:
        return min(request.num_frames, len(request.video)) if request.video is not None else 0

    def _pictures(self, video: np.ndarray, frames: int) -> Iterator[np.ndarray]:
        height, width = video.shape[1:3]
        # What it sees around a frame; before the first and after the last there is nothing but themselves.
        before = now = self._frame(video[0])
        drawn = now.new_zeros(1, 3, TIMES * now.shape[-2], TIMES * now.shape[-1])
        state = now.new_zeros(1, STATE, *now.shape[-2:])
        for index in range(frames):
            after = self._frame(video[index + 1]) if index + 1 < len(video) else now
            drawn, state = self.network(torch.cat([before, now, after], dim=1), drawn, state)
            yield self._picture(faithful(drawn, now)[..., : TIMES * height, : TIMES * width])
            before, now = now, after

    def _frame(self, picture: np.ndarray) -> Tensor:
        return padded(self._tensor(picture), MULTIPLE)


def faithful(drawn: Tensor, given: Tensor) -> Tensor:
    """An enlarged frame (1, 3, 4H, 4W) with the colours of the one it was made from (1, 3, H, W): what it differs by
    when it is made small again is added."""
    drawn = drawn.clamp(0, 1)
    for _ in range(PASSES):
        lost = given - functional.avg_pool2d(drawn, TIMES)
        drawn = (drawn + functional.interpolate(lost, scale_factor=TIMES, mode="bilinear")).clamp(0, 1)
    return drawn

"""A smoother clip: RIFE finds how everything moves from one frame to the next and draws what was in between.

Source: Huang et al. 2022, arXiv:2011.06294. This version is told the moment between the two frames that is wanted.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d

from generation.engine.clip import EngineError
from generation.engine.offline import packaged
from generation.engine.offline.frame_by_frame import FrameByFrame, padded
from generation.engine.request import VideoRequest, gettext_noop

SCALES = (8, 4, 2, 1)  # of the motion that is looked for: the widest first
MULTIPLE = 128  # pixels: at the doubled scales that fast motion makes it take
# Two frames of one shot look alike when they are small, those of two shots do not: structural similarity (Wang et al.
# 2004) of 32 × 32 pixels below this is a cut, as RIFE's authors have it.
SMALL, WINDOW = 32, 8
CUT = 0.2


class Rife(FrameByFrame):
    """As many frames as were asked for, at least the video's own, spread evenly over the time it takes.

    k (F - 1) + 1 frames of F: k - 1 new ones between every two, the first and the last as they are. Any other number:
    each at its moment of the clip, which goes on for as long as before, and past the last frame that one again; so
    k F keeps every frame. What falls on a given frame is that frame byte for byte, unless the size changes; where the
    shot changes nothing is drawn in between.
    """

    package = packaged.RIFE

    def _network(self, module, weights):
        with torch.device("meta"):  # the random numbers it would begin with are not drawn
            network = module.IFNet(self.device)
        # What refines the picture is skipped by this version, and its teacher was for training.
        del network.contextnet, network.unet
        blocks = {name.removeprefix("module."): value for name, value in weights.items()}
        wanted = network.state_dict().keys()
        network.load_state_dict({name: value for name, value in blocks.items() if name in wanted}, assign=True)
        self._grids = module.warp.__globals__["backwarp_tenGrid"]
        return network

    def _check(self, request):
        super()._check(request)
        given = len(request.video)
        if request.num_frames < given:
            raise EngineError(
                gettext_noop("%(model)s adds frames: a clip of %(given)s cannot become one of %(frames)s."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
                given=given,
                frames=request.num_frames,
            )
        _, height, width, _ = request.video.shape
        if height * width > self.card.max_pixels:
            raise EngineError(
                gettext_noop(
                    "%(model)s takes clips of at most %(most)s pixels a frame; %(width)s × %(height)s is more."
                ),
                "INPUT.SIZE",
                model=self.card.name,
                most=f"{self.card.max_pixels:,}",
                width=width,
                height=height,
            )

    def _num_frames(self, request: VideoRequest) -> int:
        return request.num_frames

    def _pictures(self, video: np.ndarray, frames: int) -> Iterator[np.ndarray]:
        looked_at, cut = -1, False
        for index, moment in moments(len(video), frames):
            before = video[index]
            if not moment:
                yield before
                continue
            after = video[index + 1]
            first, second = self._tensor(before), self._tensor(after)
            if index != looked_at:
                looked_at, cut = index, alike(first, second) < CUT
            if cut:
                yield before if moment < 0.5 else after
            else:
                yield self._picture(self._between(first, second, moment))

    def _between(self, before: Tensor, after: Tensor, moment: float) -> Tensor:
        """What is seen at a moment in (0, 1) between two frames, float (1, 3, H, W)."""
        height, width = before.shape[-2:]
        pair = torch.cat([padded(before, MULTIPLE), padded(after, MULTIPLE)], dim=1)  # (1, 6, H', W')
        # The network doubles the list it is given where motion is fast.
        _, _, merged = self.network(pair, moment, list(SCALES))
        return merged[-1][..., :height, :width]

    def _leave_nothing_behind(self) -> None:
        # One grid a size would stay for as long as the process.
        self._grids.clear()


def moments(given: int, wanted: int) -> Iterator[tuple[int, float]]:
    """For each of `wanted` frames the given one before it, and how far it is on the way to the next, in [0, 1)."""
    ends = given > 1 and (wanted - 1) % (given - 1) == 0
    steps, of = (given - 1, wanted - 1) if ends else (given, wanted)
    for frame in range(wanted):
        index, rest = divmod(frame * steps, of) if of else (0, 0)
        yield (index, rest / of) if rest and index < given - 1 else (min(index, given - 1), 0.0)


def alike(one: Tensor, other: Tensor) -> float:
    """Structural similarity of two frames (1, 3, H, W) that were made small: 1 when they are equal."""

    def means(values):
        return avg_pool2d(values, WINDOW, stride=1)

    a, b = (adaptive_avg_pool2d(frame, SMALL) for frame in (one, other))
    mean_a, mean_b = means(a), means(b)
    spread = means(a * a) - mean_a**2 + means(b * b) - mean_b**2
    together = means(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + 1e-4) / (mean_a**2 + mean_b**2 + 1e-4)
    return float((light * (2 * together + 9e-4) / (spread + 9e-4)).mean())

"""What the small networks share: a clip goes in, another comes out, one frame after the other."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generation.engine.card import ModelCard
from generation.engine.clip import Clip, EngineError, OnStep
from generation.engine.encode import scale_frames
from generation.engine.hardware import memory_told
from generation.engine.offline.packaged import Package, opened
from generation.engine.pipelines.driver import INPUT_NAMES, refuse_lost
from generation.engine.preview import PREVIEW_WIDTH
from generation.engine.request import VideoRequest, gettext_noop


class FrameByFrame(ABC):
    """A network, warm, that works on the request's `video`. Raises ModelRefused where its package is not installed.

    `device`: "cpu", "cuda" or None for the best there is.
    """

    package: Package
    instead: dict[str, dict[str, Any]] = {}  # see `packaged.opened`

    def __init__(self, card: ModelCard, device: str | None = None):
        self.card = card
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        packaged = opened(self.package, card.name, **self.instead)
        with memory_told():
            network = self._network(packaged.module, packaged.weights)
            # Channels last: as convolutions like it.
            self.network = network.eval().to(self.device, memory_format=torch.channels_last)

    @torch.inference_mode()
    def generate(self, request: VideoRequest, on_step: OnStep) -> Clip:
        """The clip made of the request's video, at the request's size and fps. Equal requests give equal bytes.

        The prompt and the seed change nothing. `on_step(frame, frames, preview)` runs after every frame; where it
        raises Cancelled, the run stops. Beside the result, memory holds a few frames. Raises EngineError:
        INPUT.MISSING, INPUT.UNSUPPORTED, INPUT.SIZE, INPUT.LENGTH, INTERNAL.OUT_OF_MEMORY, INTERNAL.BAD_OUTPUT.
        """
        self._check(request)
        assert request.video is not None
        frames = self._num_frames(request)
        preview = PREVIEW_WIDTH, max(1, round(PREVIEW_WIDTH * request.height / request.width))
        try:
            with memory_told():
                drawn = np.empty((frames, request.height, request.width, 3), np.uint8)
                for index, picture in enumerate(self._pictures(request.video, frames)):
                    drawn[index] = scale_frames(picture[None], request.width, request.height)[0]
                    on_step(index + 1, frames, scale_frames(drawn[index : index + 1], *preview)[0])
        finally:
            self._leave_nothing_behind()
        return Clip(frames=drawn, fps=request.fps, recipe=self._recipe(request))

    @abstractmethod
    def _network(self, module: Any, weights: dict[str, Tensor]) -> torch.nn.Module:
        """The network with its weights, out of a package's module."""

    @abstractmethod
    def _num_frames(self, request: VideoRequest) -> int:
        """How many frames the result has."""

    @abstractmethod
    def _pictures(self, video: np.ndarray, frames: int) -> Iterator[np.ndarray]:
        """The frames of the result in order, each uint8 (H, W, 3) of any size."""

    def _check(self, request: VideoRequest) -> None:
        """Raise EngineError for what it cannot be given."""
        for name, described in INPUT_NAMES.items():
            if name in request.given - self.card.inputs:
                raise EngineError(
                    gettext_noop("%(model)s works with a video alone; it cannot use %(described)s."),
                    "INPUT.UNSUPPORTED",
                    model=self.card.name,
                    described=described,
                )
        if request.video is None or not request.video.size:
            raise EngineError(gettext_noop("%(model)s needs a video."), "INPUT.MISSING", model=self.card.name)
        self.card.refuse_beyond_limits(request)

    def _leave_nothing_behind(self) -> None:  # noqa: B027 (most have nothing to free)
        """Free what a run leaves."""

    def _tensor(self, picture: np.ndarray) -> Tensor:
        """A frame, uint8 (H, W, 3), as float (1, 3, H, W) in [0, 1]."""
        return torch.from_numpy(np.ascontiguousarray(picture)).to(self.device).permute(2, 0, 1)[None].float() / 255

    def _picture(self, tensor: Tensor) -> np.ndarray:
        """A frame, float (1, 3, H, W), as uint8 (H, W, 3). Raises EngineError for one that holds not-a-number."""
        refuse_lost(
            tensor,
            gettext_noop("%(model)s lost the picture (it computed not-a-number). Try a part of the clip."),
            model=self.card.name,
        )
        return (tensor[0].clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy()

    def _recipe(self, request: VideoRequest) -> dict[str, Any]:
        return {
            "engine": self.card.id,
            "model": self.card.name,
            "weights_sha256": self.package.sha256,
            "request": request.as_recipe(),
            "torch": torch.__version__,
        }


def padded(tensor: Tensor, multiple: int) -> Tensor:
    """A frame (1, C, H, W) whose sides are multiples of `multiple`: its last row and column go on."""
    height, width = tensor.shape[-2:]
    return torch.nn.functional.pad(tensor, (0, -width % multiple, 0, -height % multiple), mode="replicate")

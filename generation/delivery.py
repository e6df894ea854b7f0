"""What is handed over of a run: frames of exactly the size that was asked for, and a master for editing programs."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from generation.engine.encode import PRORES, scale_frames
from generation.engine.request import SIDE_MULTIPLE, SIDE_PIXELS, InvalidRequest, check_integer, gettext_noop

FORMATS = ("mp4", "prores", "png_sequence")
DEFAULT_PROFILE = "4444"


@dataclass(frozen=True)
class Delivery:
    """Sides in pixels, any, where a request has multiples of 16: of 1080 rows 1088 are drawn and 1080 handed over.

    `format`: one of FORMATS; of all but "mp4" there is a master beside the clip. `prores_profile`: of `encode.PRORES`,
    for "prores" alone, "" for the usual one. `whole`: all that was drawn is scaled to these sides, as a clip is that is
    made larger or smoother; otherwise what is too much is cropped. Raises InvalidRequest.
    """

    width: int
    height: int
    format: str = "mp4"
    prores_profile: str = ""
    whole: bool = False

    def __post_init__(self):
        for side in ("width", "height"):
            check_integer(side, getattr(self, side), SIDE_PIXELS)
        if self.format not in FORMATS:
            raise InvalidRequest(
                "format",
                gettext_noop("A clip is handed over as one of: %(formats)s."),
                limit=FORMATS,
                formats=", ".join(FORMATS),
            )
        if self.prores_profile and (self.format != "prores" or self.prores_profile not in PRORES):
            raise InvalidRequest(
                "prores_profile",
                gettext_noop("A profile is for prores, and one of: %(profiles)s."),
                limit=tuple(PRORES),
                profiles=", ".join(PRORES),
            )

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Delivery | None":
        """What a row keeps; None of an empty one. Raises InvalidRequest."""
        return cls(**told) if told else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def sides(self) -> dict[str, int]:
        """The sides that a request has for it: the next multiples of 16, so that nothing is scaled twice."""
        return {name: -(-getattr(self, name) // SIDE_MULTIPLE) * SIDE_MULTIPLE for name in ("width", "height")}

    @property
    def profile(self) -> str:
        return self.prores_profile or DEFAULT_PROFILE

    def fitted(self, frames: np.ndarray) -> np.ndarray:
        """Frames, uint8 (F, H, W, 3), at its size: all of them where they are wanted `whole`, else their middle, scaled
        where they are not the size of `sides`."""
        if self.whole:
            return scale_frames(frames, self.width, self.height)
        height, width = frames.shape[1:3]
        if {"width": width, "height": height} != self.sides:
            scale = max(self.width / width, self.height / height)
            width = max(self.width, math.ceil(round(width * scale, 3)))
            height = max(self.height, math.ceil(round(height * scale, 3)))
            frames = scale_frames(frames, width, height)
        top, left = (height - self.height) // 2, (width - self.width) // 2
        return frames[:, top : top + self.height, left : left + self.width]


def delivery_of(width: int, height: int, **told: Any) -> tuple[dict[str, int], Delivery | None]:
    """The sides of a request for width × height pixels, and its Delivery; None where it says nothing more than they.

    Raises InvalidRequest.
    """
    delivery = Delivery(width, height, **told)
    as_asked = delivery.sides == {"width": width, "height": height} and delivery.format == "mp4"
    return delivery.sides, None if as_asked else delivery

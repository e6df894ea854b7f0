"""What an engine gives back, and how it is told to stop."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

# on_step(step, steps, preview): step counts from 1; preview is uint8 (H, W, 3) or None. It may raise Cancelled.
OnStep = Callable[[int, int, np.ndarray | None], None]


class Cancelled(Exception):
    """Raised by `on_step` to stop a run; engines let it pass through, so a run stops within one step."""


class EngineError(Exception):
    """The engine could not draw this. The message is a sentence a creator can act on; `code` is for machines.

    `values` fill the gaps of the message, as in an InvalidRequest: so its sentence can be marked for translation.
    """

    def __init__(self, message: str, code: str = "INTERNAL.ENGINE", **values: Any):
        super().__init__(message % values if values else message)
        self.code = code


@dataclass(frozen=True, eq=False)
class Audio:
    """Sound, of a clip or by itself: samples float32 (N, channels) in [-1, 1]."""

    samples: np.ndarray
    sample_rate: int


@dataclass(frozen=True, eq=False)
class Sound:
    """A finished sound or piece of music. recipe, understood: as a clip's."""

    audio: Audio
    recipe: dict[str, Any] = field(default_factory=dict)
    understood: dict[str, Any] = field(default_factory=dict)

    @property
    def duration_seconds(self) -> float:
        return len(self.audio.samples) / self.audio.sample_rate


@dataclass(frozen=True, eq=False)
class CastPicture:
    """Somebody or something of a clip, to be used as a reference.

    name: in plain words, "red fox". role: "character" or "object", as a request's `reference_roles` say it. picture:
    uint8 (S, S, 3), RGB, cut out onto a plain light background, S at most 256. tag: what the prompt calls them as
    “@tag”, in small letters; empty for who is called by no name.
    """

    name: str
    role: str
    picture: np.ndarray
    tag: str = ""


@dataclass(frozen=True, eq=False)
class Clip:
    """A finished run.

    frames: uint8 (F, H, W, 3), RGB. understood: what the engine read in the prompt, for the creator to see
    (empty when the engine does not take the prompt apart). recipe: everything needed to make it again, JSON-able.
    cast: who can be seen, characters first (empty when the engine does not know where they are). painted: bool
    (F, H, W), where a given video was painted over; elsewhere the frames are that video's (None: no video was given).
    """

    frames: np.ndarray
    fps: int
    audio: Audio | None = None
    understood: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    cast: tuple[CastPicture, ...] = ()
    painted: np.ndarray | None = None

    @property
    def duration_seconds(self) -> float:
        return len(self.frames) / self.fps

    def with_frames(self, frames: np.ndarray) -> "Clip":
        """The same clip with other pixels, for example scaled ones."""
        return replace(self, frames=frames)

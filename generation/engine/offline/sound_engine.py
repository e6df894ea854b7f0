"""What the small sound engines share: how one is found and opened, what it can be given, how sounds are resampled.

They run on the processor wherever they are, and none of them imports torch.
"""

import hashlib
import importlib.metadata
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import numpy as np

from generation.engine.card import ModelCard
from generation.engine.cards.offline_sound import missing
from generation.engine.clip import Audio, EngineError
from generation.engine.offline.packaged import INSTALL
from generation.engine.request import gettext_noop
from generation.engine.weights import ModelRefused

SAMPLE_RATES = (4000, 384_000)
PIECE_SECONDS = 10  # of a sound that is resampled


class SoundEngine(ABC):
    """A network that came with its package, warm. Raises ModelRefused where that is not installed or not the known one.

    `device` is taken as other engines take it and changes nothing.
    """

    distributions: tuple[str, ...] = ()  # as pip calls what a recipe names with its version
    weights_sha256 = ""

    def __init__(self, card: ModelCard, device: str | None = None):
        self.card = card
        if missing(card):
            raise ModelRefused(
                gettext_noop("%(model)s is not installed. To install it: %(command)s"), model=card.name, command=INSTALL
            )
        with memory_told():
            try:
                self._load()
            except (ImportError, OSError) as error:  # a package without the part for this kind of machine
                raise ModelRefused(
                    gettext_noop("%(model)s cannot be loaded: its package does not run here."), model=card.name
                ) from error

    @abstractmethod
    def _load(self) -> None:
        """Open the weights."""

    def _content(self, package: str, file: str, sha256: str) -> bytes:
        """A file of a package. Raises ModelRefused unless it is the one that is known here."""
        content = file_of(package, file).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ModelRefused(
                gettext_noop("%(model)s cannot be loaded: its weights are not those that are known here."),
                model=self.card.name,
            )
        return content

    def _given(self, audio: Audio) -> np.ndarray:
        """A sound's samples, float32 (N, channels). Raises EngineError for what cannot be worked on."""
        samples = np.asarray(audio.samples, np.float32)
        low, high = SAMPLE_RATES
        if samples.ndim != 2 or not samples.size:
            raise EngineError(gettext_noop("%(model)s needs a sound."), "INPUT.MISSING", model=self.card.name)
        if not low <= audio.sample_rate <= high:
            raise EngineError(
                gettext_noop("%(model)s takes sounds of %(low)s to %(high)s samples a second, not %(rate)s."),
                "INPUT.UNSUPPORTED",
                model=self.card.name,
                low=f"{low:,}",
                high=f"{high:,}",
                rate=f"{audio.sample_rate:,}",
            )
        if len(samples) > self.card.max_seconds * audio.sample_rate:
            seconds = len(samples) / audio.sample_rate
            raise EngineError(
                gettext_noop("%(model)s takes up to %(most)g seconds, not %(seconds).1f."),
                "INPUT.LENGTH",
                model=self.card.name,
                most=self.card.max_seconds,
                seconds=seconds,
            )
        if not np.isfinite(samples).all():
            raise EngineError(gettext_noop("The sound holds samples that are not a number."), "INPUT.UNSUPPORTED")
        return samples

    def _finished(self, samples: np.ndarray) -> np.ndarray:
        """What was computed, within [-1, 1]. Raises EngineError where it holds not-a-number."""
        if not np.isfinite(samples).all():
            raise EngineError(
                gettext_noop("%(model)s lost the sound (it computed not-a-number)."),
                "INTERNAL.BAD_OUTPUT",
                model=self.card.name,
            )
        return np.clip(samples, -1, 1).astype(np.float32, copy=False)

    def _recipe(self, **more: Any) -> dict[str, Any]:
        """Everything that is needed to make it again, JSON-able."""
        return {
            "engine": self.card.id,
            "model": self.card.name,
            "weights_sha256": self.weights_sha256,
            "versions": {name: importlib.metadata.version(name) for name in self.distributions},
            **more,
        }


def file_of(package: str, file: str) -> Path:
    """Where a file of an installed package lies; the package is not imported. Raises OSError."""
    spec = find_spec(package)
    places = [Path(place) / file for place in (spec and spec.submodule_search_locations) or ()]
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise FileNotFoundError(f"{package} does not hold {file}.")
    return found


def resampled(samples: np.ndarray, rate: int, to: int) -> np.ndarray:
    """Samples, float32 (N,), at another rate, aligned in time; within a sample of N × to / rate.

    By FFmpeg's windowed sinc: there and back again the error is 90 dB below the sound.
    """
    if rate == to:
        return samples
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=to)
    frames = []
    for start in range(0, len(samples), PIECE_SECONDS * rate):
        piece = np.ascontiguousarray(samples[None, start : start + PIECE_SECONDS * rate])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
        frame.sample_rate = rate
        frames += resampler.resample(frame)
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames] or [np.zeros(0, np.float32)])


def fitted(samples: np.ndarray, length: int) -> np.ndarray:
    """Samples (N,), cut or padded with silence to `length`."""
    return np.pad(samples[:length], (0, max(0, length - len(samples))))


@contextmanager
def memory_told() -> Iterator[None]:
    """An allocation that fails within becomes an EngineError that says so. As the drivers' own, without torch."""
    try:
        yield
    except Exception as error:  # onnxruntime's errors share no base with the others
        if isinstance(error, MemoryError) or "allocate" in str(error):
            raise EngineError(
                gettext_noop("There was not enough memory for this sound. Make it shorter."), "INTERNAL.OUT_OF_MEMORY"
            ) from error
        raise

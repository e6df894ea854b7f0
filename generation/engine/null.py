"""An engine that draws nothing: flat pictures after a wait, for stories about load and faults. Never offered: see
`catalogue.NULL`.

What it does is asked for by the words of the prompt: `null 0.2 s` waits so long over its steps, `null 1 s fails with
out of memory` ends like that at its middle. The environment names a journal, in which each step is written as a line of
JSON, so that a story can tell which process worked on what, and when.
"""

import ctypes
import json
import os
import re
import signal
import time
from pathlib import Path

import numpy as np

from generation.engine import catalogue
from generation.engine.clip import Clip, OnStep
from generation.engine.request import VideoRequest

SECONDS = re.compile(r"null (\d+(?:\.\d+)?) s")
STEPS = 5
TOO_MUCH_BYTES = 1024**3


class Null:
    """`device` is what other engines take."""

    def __init__(self, card: catalogue.ModelCard, device: str | None = None):
        self.card = card

    def generate(self, request: VideoRequest, on_step: OnStep) -> Clip:
        """Wait in STEPS steps; frames are of one colour, by the seed. Raises what a prompt asks for."""
        told = SECONDS.match(request.prompt)
        seconds = float(told[1]) if told else 0.0
        for step in range(1, STEPS + 1):
            time.sleep(seconds / STEPS)
            if step == STEPS // 2 + 1:
                _go_wrong(request.prompt)
            _note(request, step)
            on_step(step, STEPS, None)
        shape = (request.num_frames, request.height, request.width, 3)
        frames = np.full(shape, request.seed % 256, np.uint8)
        return Clip(frames=frames, fps=request.fps, recipe={"engine": self.card.id, "request": request.as_recipe()})


def _go_wrong(prompt: str) -> None:
    if "fails with" not in prompt and "then" not in prompt:
        return
    from generation.engine.hardware import memory_told

    with memory_told():
        if "fails with out of memory" in prompt:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB.")
        if "fails with an illegal address" in prompt:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        if "then takes too much memory" in prompt:
            np.ones(TOO_MUCH_BYTES, np.uint8)
        if "then dies" in prompt:
            os.kill(os.getpid(), signal.SIGKILL)
        if "then hangs" in prompt:
            ctypes.PyDLL(None).sleep(3600)  # in C, without letting go of Python: no signal handler runs


def _note(request: VideoRequest, step: int) -> None:
    line = {"seed": request.seed, "pid": os.getpid(), "step": step, "at": time.monotonic()}
    path = Path(os.environ[catalogue.NULL_JOURNAL])
    with open(path, "a") as journal:  # one small write: lines of several processes do not mix
        journal.write(json.dumps(line) + "\n")

"""One of several processes that draw together, for test_parallel.py: `python -m … FOLDER`, as torchrun starts it.

The leader prints what happened as JSON.
"""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from generation import engines
from generation.engine import catalogue, parallel
from generation.engine.clip import Cancelled, EngineError
from generation.engine.request import VideoRequest

torch.accelerator.device_count = lambda: 1  # diffusers asks before it shares anything; without a GPU there are none
FOX = VideoRequest("a red fox walks", width=64, height=64, num_frames=5, seed=7, num_inference_steps=3)
LATE = 1000  # a seed at which the second process fails in its second step


def nothing(step, steps, preview):
    """An `on_step` for whoever does not look."""


def fail_in_the_second_step(engine):
    """Let an engine run out of memory where the request says so."""
    run = engine._run

    def failing(request, on_step):
        def before(*_):
            if request.seed == LATE and done:
                torch.empty(2**50)

        done = []
        hook = engine.pipeline.transformer.blocks[1].register_forward_pre_hook(before)
        try:
            return run(request, lambda *call: (done.append(1), on_step(*call)))
        finally:
            hook.remove()

    engine._run = failing


def refused(call):
    try:
        call()
    except EngineError as error:
        return [error.code, str(error)]


def lead(folder):
    """Draw alone, together, halfway, again; then with a model that cannot be shared; then until somebody fails."""
    wan, vace = (catalogue.card_for(str(folder / name)) for name in ("wan", "vace"))
    alone = catalogue.load_engine(wan).generate(FOX, nothing)
    engine = engines.warm(wan)
    steps, tokens = [], set()
    feed_forward = engine._engine.pipeline.transformer.blocks[1].ffn
    feed_forward.register_forward_pre_hook(lambda _, given: tokens.add(given[0].shape[1]))
    clip = engine.generate(FOX, lambda *call: steps.append(call))
    told = {
        "tokens": list(tokens),
        "alone": alone.recipe["context_parallel"],
        "together": clip.recipe["context_parallel"],
        "apart": int(np.abs(clip.frames.astype(int) - alone.frames).max()),
        "steps": [step for step, _, preview in steps if preview is not None],
    }

    def stop(step, steps, preview):
        heard.append(step)
        if step == 2:
            raise Cancelled

    heard = []
    try:
        engine.generate(replace(FOX, num_inference_steps=9), stop)
    except Cancelled:
        told["stopped"] = heard
    told["again"] = bool(np.array_equal(engine.generate(FOX, nothing).frames, clip.frames))
    told["refused"] = refused(
        lambda: engine.generate(replace(FOX, first_frame=np.zeros((64, 64, 3), np.uint8)), nothing)
    )
    told["larger"] = list(engine.generate(replace(FOX, width=96), nothing).frames.shape)
    told["by itself"] = engines.warm(vace).generate(FOX, nothing).recipe["context_parallel"]
    told["damaged"] = refused(lambda: engines.warm(catalogue.card_for(str(folder / "half"))))
    engines._drop(wan.id, 0)
    told["loaded anew"] = bool(np.array_equal(engines.warm(wan).generate(FOX, nothing).frames, clip.frames))
    told["failed"] = refused(lambda: engines.warm(wan).generate(replace(FOX, seed=LATE), nothing))
    print(json.dumps(told))


def main(folder):
    group = parallel.Group()
    if group.number:
        load = catalogue.load_engine

        def load_to_fail(card, smaller):
            if card.id == "half":
                raise EngineError("Its disk is damaged.", "INTERNAL.MODEL_REFUSED")
            engine = load(card, smaller=smaller)
            fail_in_the_second_step(engine)
            return engine

        catalogue.load_engine = load_to_fail
        group.follow()
        return
    engines.lead(group)
    try:
        lead(folder)
    finally:
        group.end()
    sys.stdout.flush()
    os._exit(3 if group.broken else 0)  # what is left of the group is not waited for


if __name__ == "__main__":
    main(Path(sys.argv[1]))

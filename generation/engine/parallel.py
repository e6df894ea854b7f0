"""One run over the GPUs of a host: a process for each, of which one leads and the others follow.

`torchrun --nproc-per-node 8 manage.py gpuworker` starts them. The leader is the worker; it tells the others which
model to load and what to draw. All draw the same clip, each holding a part of it in the denoiser, and where that
attends, a part of its heads (DeepSpeed-Ulysses, Jacobs et al. 2023, arXiv:2309.14509). After every step the leader
says whether they go on, so that all stop within one. The others' clips are dropped before they are decoded.

Who fails alone leaves the others waiting in the middle of a step, which nothing can call off: then every process ends.
What is said goes through pickle, between processes of one user on one machine.
"""

import os
import signal
import sys
import threading
import time
import traceback
from datetime import timedelta
from typing import Any

import torch
from torch import distributed

from generation.engine import catalogue
from generation.engine.card import ModelCard
from generation.engine.clip import Cancelled, Clip, EngineError, OnStep

# The pipelines whose denoisers can be shared. This version of diffusers has a plan for LTX-2.5 too, and breaks at it.
SHARED = frozenset(
    {"WanPipeline", "WanDMDPipeline", "WanImageToVideoPipeline", "QwenImageEditPlusPipeline", "Flux2KleinPipeline"}
)
FAILED = "One of the GPUs that draw together failed. Try again."
FAILED_ALONE = ("INTERNAL.OUT_OF_MEMORY", "INTERNAL.GPU")  # what may happen to one process and not to the others
PATIENCE = timedelta(days=365)  # that the next order is waited for
WATCH_SECONDS = 1.0
TOLD_SECONDS = 3.0  # after a failure, until it is known whose it was

Key = tuple[str, int]  # model id and how many memory plans below the usual one


def is_started() -> bool:
    """Whether this process was started as one of several that draw together."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


class Group:
    """The processes that draw together, as one of them sees it. `number`: its own, 0 for the leader."""

    def __init__(self):
        self.broken = False
        self._engines: dict[Key, Any] = {}
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        kind = "cuda" if torch.cuda.is_available() else "cpu"
        distributed.init_process_group("cpu:gloo,cuda:nccl" if kind == "cuda" else "gloo")
        self.number, self.size = distributed.get_rank(), distributed.get_world_size()
        # Orders go their own way: a worker may wait for days.
        self._orders = distributed.new_group(backend="gloo", timeout=PATIENCE)
        self._mesh = distributed.init_device_mesh(kind, (1, self.size), mesh_dim_names=("ring", "ulysses"))
        store = distributed.distributed_c10d._get_default_store()
        self._news = distributed.PrefixStore("runwayweb", store)

    # What the leader does.

    def can_share(self, card: ModelCard) -> bool:
        """Whether a model's denoiser can be shared among the devices of this machine."""
        return card.pipeline_class in SHARED and torch.accelerator.device_count() > 0

    def load(self, card: ModelCard, smaller: int = 0):
        """The engine of `card`, loaded by everybody. Where it cannot be shared (a smaller memory plan, steps that are
        not exact, compiled blocks), the leader's own. Raises EngineError where one process cannot load it."""
        self._say(("load", card, smaller))
        engine = self._loaded(card, smaller)
        return Shared(engine, self, (card.id, smaller)) if (card.id, smaller) in self._engines else engine

    def drop(self, model_id: str, smaller: int) -> None:
        """Let everybody forget an engine, if they share it."""
        if self._engines.pop((model_id, smaller), None) and not self.broken:
            self._say(("drop", (model_id, smaller)))

    def end(self) -> None:
        """Send the others home."""
        if not self.broken:
            self._say(("end",))
            distributed.destroy_process_group()

    # What the others do.

    def follow(self) -> None:
        """Do what the leader says until it ends; a process that fails alone ends there and then, with status 1."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the leader hands its run back first, and then says so
        threading.Thread(target=self._end_with_the_others, name="watch", daemon=True).start()
        try:
            while (order := self._heard())[0] != "end":
                self._obey(*order)
        except BaseException as error:
            traceback.print_exc()
            self._break(error)
            self._leave()
        distributed.destroy_process_group()

    def _obey(self, verb, *what):
        if verb == "load":
            try:
                self._loaded(*what)
            except EngineError:
                pass  # the leader tells it
        elif verb == "drop":
            del self._engines[what[0]]
        else:
            self._draw_along(*what)

    def _draw_along(self, key, request):
        def on_step(step, steps, preview):
            if preview is None:  # it is being decoded
                raise Cancelled
            if not self._heard():
                raise Cancelled

        try:
            self._engines[key].generate(request, on_step)
        except Cancelled:
            pass
        except EngineError as error:
            if error.code in FAILED_ALONE:
                raise
            # What is wrong with the request or the picture is wrong for everybody, at the same place.

    def _end_with_the_others(self):
        while not self._is_broken():
            time.sleep(WATCH_SECONDS)
        self._leave()

    def _leave(self):
        sys.stderr.flush()
        os._exit(1)  # whatever the main thread waits for will not come

    # What all of them do.

    def _loaded(self, card, smaller):
        """The engine of `card`, kept among those that are shared if everybody's can be."""
        engine, failure = None, None
        try:
            engine = catalogue.load_engine(card, smaller=smaller)
        except EngineError as error:
            failure = error
        told = (str(failure), failure.code) if failure else engine.can_be_shared
        heard: list[Any] = [None] * self.size
        distributed.all_gather_object(heard, told, group=self._orders)
        refused = next((outcome for outcome in heard if isinstance(outcome, tuple)), None)
        if refused:
            raise failure or EngineError(*refused)
        if all(heard):
            engine.share(self._mesh)
            self._engines[card.id, smaller] = engine
        return engine

    def _say(self, what):
        distributed.broadcast_object_list([what], src=0, group=self._orders)

    def _heard(self):
        heard = [None]
        distributed.broadcast_object_list(heard, src=0, group=self._orders)
        return heard[0]

    def _break(self, error):
        """Let everybody know that one of them failed alone."""
        self.broken = True
        code = error.code if isinstance(error, EngineError) else "INTERNAL.GPU"
        sentence = str(error) if isinstance(error, EngineError) else FAILED
        try:
            if not self._news.check(["broken"]):
                self._news.set("broken", f"{code} {sentence}")
        except RuntimeError:
            pass  # nobody is left

    def _is_broken(self):
        try:
            return self._news.check(["broken"])
        except RuntimeError:
            return True  # the leader's machine room is gone

    def broken_by(self, error: Exception) -> EngineError:
        """What the leader tells of a failure within a step: its own, or that of whoever failed first."""
        if not isinstance(error, EngineError):
            # A connection that was closed, maybe: whoever closed it says why.
            end = time.monotonic() + TOLD_SECONDS
            while not self._is_broken() and time.monotonic() < end:
                time.sleep(0.1)
        self._break(error)
        code, _, sentence = self._news.get("broken").decode().partition(" ")
        return EngineError(sentence, code)


class Shared:
    """An engine of which everybody in a group holds one, as the leader drives it."""

    def __init__(self, engine, group: Group, key: Key):
        self._engine, self._group, self._key = engine, group, key

    def generate(self, request, on_step: OnStep) -> Clip:
        """As the engine itself, on all devices. Raises EngineError too where another process failed; then all end."""
        together = True

        def told(step, steps, preview):
            nonlocal together
            if preview is None:  # the others are done: it is being decoded
                together = False
                return on_step(step, steps, None)
            try:
                on_step(step, steps, preview)
            except BaseException:
                self._group._say(False)
                together = False
                raise
            self._group._say(True)

        self._group._say(("draw", self._key, request))
        try:
            return self._engine.generate(request, told)
        except Exception as error:
            alone = not isinstance(error, EngineError) or error.code in FAILED_ALONE
            if together and alone:
                raise self._group.broken_by(error) from error
            raise

"""One process a core: drawing is many small operations, and threads would wait for each other between them."""

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace

import torch

from generation.engine.training.memory import keep_freed_memory
from generation.engine.training.run import Run


def on_every_core(run: Run, work: Callable[[Run, int, int], None]) -> None:
    """Call `work(run, index, of)` in a process for every core and wait for all; on a GPU, once and here.

    `work` is a module's function: the processes import it by its name.
    """
    cores = sorted(os.sched_getaffinity(0)) if run.device == "cpu" else []
    if len(cores) < 2:
        work(run, 0, 1)
        return
    processes = multiprocessing.get_context("spawn")
    others = [
        processes.Process(target=_alone, args=(work, replace(run, stage=f"{run.stage}-{index}"), index, cores))
        for index in range(1, len(cores))
    ]
    for process in others:
        process.start()
    _alone(work, run, 0, cores)
    for process in others:
        process.join()
    os.sched_setaffinity(0, cores)


def _alone(work, run, index, cores):
    os.sched_setaffinity(0, {cores[index]})
    torch.set_num_threads(1)
    keep_freed_memory()
    work(run, index, len(cores))

"""`manage.py gpuworker`: runs generations, one at a time, on one GPU or on the CPU.

`torchrun --nproc-per-node N manage.py gpuworker`: on N GPUs together; the first process is the worker.
"""

import logging

from django.core.management.base import BaseCommand, CommandError

from generation import engines, worker
from generation.attempt import sweep_working_folders
from generation.engine import catalogue, memory
from generation.engine.clip import EngineError

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Run generations until SIGTERM. One process for each GPU; models stay loaded between runs."

    def add_arguments(self, parser):
        parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")

    def handle(self, *, burst, **options):
        from generation.engine import parallel

        if not parallel.is_started():
            self._work(burst)
            return
        group = parallel.Group()
        if group.number:
            group.follow()
            return
        engines.lead(group)
        try:
            self._work(burst, group.size)
        finally:
            group.end()
        if group.broken:
            raise CommandError("One of the processes that draw together failed. Start all of them again.")

    def _work(self, burst, gpus=1):
        import torch

        device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
        sweep_working_folders()
        try:
            engines.warm(catalogue.cards()[0])
        except EngineError as error:  # the others may do; whoever asks for this one is told the same
            logger.warning("The default model cannot be loaded: %s", error)
        named = f"{gpus} × {device}" if gpus > 1 else device
        worker.work("gpu", device=named, room=memory.whole(), tells=engines.told, burst=burst)

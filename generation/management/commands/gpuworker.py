"""`manage.py gpuworker`: runs generations, one at a time, on one GPU or on the CPU."""

from django.core.management.base import BaseCommand

from generation import engines, worker
from generation.attempt import sweep_working_folders
from generation.engine import catalogue


class Command(BaseCommand):
    help = "Run generations until SIGTERM. One process for each GPU; the model stays loaded between runs."

    def add_arguments(self, parser):
        parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")

    def handle(self, *, burst, **options):
        import torch

        device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
        sweep_working_folders()
        engines.warm(catalogue.cards()[0])
        worker.work("gpu", device=device, burst=burst)

"""`manage.py mediaworker`: posters, sprites and later exports. Never imports torch."""

from django.core.management.base import BaseCommand

from generation import worker


class Command(BaseCommand):
    help = "Do media work until SIGTERM."

    def add_arguments(self, parser):
        parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")

    def handle(self, *, burst, **options):
        worker.work("media", burst=burst)

"""`manage.py dispatcher`: brings back work whose wake-up or worker was lost. Never imports torch."""

import signal

from django.core.management.base import BaseCommand

from generation.dispatcher import Dispatcher


class Command(BaseCommand):
    help = "Look after queued and running generations until SIGTERM."

    def handle(self, **options):
        dispatcher = Dispatcher()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: dispatcher.stopping.set())
        dispatcher.run()

"""`manage.py webhooks`: tells addresses elsewhere what happened here. Never imports torch."""

import signal

from django.core.management.base import BaseCommand

from runwayweb.api.webhooks.deliverer import Deliverer


class Command(BaseCommand):
    help = "Send messages to the webhooks of all workspaces until SIGTERM."

    def handle(self, **options):
        deliverer = Deliverer()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: deliverer.stopping.set())
        deliverer.run()

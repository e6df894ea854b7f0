"""`manage.py alive`: whether what runs on this machine or in this container works, for health checks of containers."""

import os
import sys

from django.core.management.base import BaseCommand

from generation.models import Worker
from runwayweb.supervisor import readiness


class Command(BaseCommand):
    help = "Exit 0 where the web server of this machine answers, or its worker of a kind beats; 1 where it does not."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("kind", nargs="?", default="web", choices=["web", *Worker.Kind.values])

    def handle(self, *, kind, **options):
        if why := self.web() if kind == "web" else self.worker(kind):
            self.stderr.write(why)
            sys.exit(1)

    def web(self):
        """Any answer will do: what others lack is no reason to start this one anew."""
        return "" if readiness.answers() else "The web server does not answer."

    def worker(self, kind):
        host = os.uname().nodename
        here = Worker.objects.living().filter(kind=kind, host=host)
        return "" if here.exists() else f"No {kind} worker of {host} gave a sign of life lately."

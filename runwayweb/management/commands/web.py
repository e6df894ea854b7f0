"""`manage.py web`: a web server alone, for a machine or a container that runs nothing else."""

import os

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from runwayweb.metrics import kept
from runwayweb.supervisor.commands import web_command, web_environment


class Command(BaseCommand):
    help = "Serve the site at BIND and PORT until SIGTERM. The database is brought up to date by manage.py migrate."
    requires_system_checks = []

    def handle(self, **options):
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        kept.begin_anew()
        command = web_command("--host", settings.BIND, "--port", str(settings.PORT))
        # The same process: signals reach the server itself.
        os.execve(command[0], command, os.environ | web_environment())  # nosec B606  # the command line of the supervisor

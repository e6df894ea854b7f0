"""`manage.py web`: a web server alone, for a machine or a container that runs nothing else."""

import os

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from runwayweb.metrics import kept
from runwayweb.supervisor import roster
from runwayweb.supervisor.commands import web_command, web_environment
from runwayweb.supervisor.door import DoorClosed, open_door
from runwayweb.supervisor.supervisor import Supervisor


class Command(BaseCommand):
    help = "Serve the site at BIND and PORT until SIGTERM. The database is brought up to date by manage.py upgrade."
    requires_system_checks = []

    def handle(self, **options):
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        kept.begin_anew()
        if settings.WEB_WORKERS > 1:
            self.serve_together()
            return
        command = web_command("--host", settings.BIND, "--port", str(settings.PORT))
        # The same process: signals reach the server itself.
        os.execve(command[0], command, os.environ | web_environment())  # nosec B606  # the command line of the supervisor

    def serve_together(self):
        """Several share the port, and one that dies is started again, as under `manage.py up`."""
        connection.close()  # they open their own
        try:
            with open_door(settings.BIND, settings.PORT) as door:
                Supervisor(roster.web_servers(door.fileno()), None).run()
        except DoorClosed as reason:
            raise CommandError(str(reason)) from None

"""`manage.py up`: the whole studio on this machine, under one supervisor, until Ctrl-C."""

import sys
import tempfile

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from runwayweb.metrics import kept
from runwayweb.supervisor import roster
from runwayweb.supervisor.door import DoorClosed, open_door
from runwayweb.supervisor.lock import AlreadyRunning, lock_folder
from runwayweb.supervisor.supervisor import Supervisor
from runwayweb.upgrading import TooNew, upgrade
from runwayweb.valkey import ValkeyMissing


class Command(BaseCommand):
    help = "Start everything: Valkey, the web server, the workers and the dispatcher. Ctrl-C stops all of it."
    requires_system_checks = []  # `manage.py doctor` and `make lint` check; a start should be quick

    def handle(self, **options):
        try:
            with self.take_folder(), open_door(settings.BIND, settings.PORT) as door:
                valkey = roster.valkey()
                self.prepare()
                Supervisor(roster.children(door.fileno()), valkey).run()
        except (AlreadyRunning, DoorClosed, ValkeyMissing) as reason:
            self.refuse(str(reason))

    def take_folder(self):
        """Make sure that the data folder can be written, and keep other supervisors out of it."""
        try:
            with tempfile.TemporaryFile(dir=settings.DATA_DIR):
                return lock_folder(settings.DATA_DIR)
        except OSError as error:
            self.refuse(
                f"The data folder {settings.DATA_DIR} cannot be written ({error.strerror}). "
                "Set RUNWAYWEB_DATA to a folder that can."
            )

    def prepare(self):
        """Bring the database, and in production the static files, up to this version."""
        try:
            upgrade()
        except TooNew as newer:
            self.refuse(str(newer))
        except DatabaseError as error:
            reason = str(error).strip().partition("\n")[0]
            self.refuse(f"The database cannot be used ({reason}). Check DATABASE_URL.")
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        kept.begin_anew()
        connection.close()  # the processes open their own

    def refuse(self, sentence):
        """End with one sentence that says what is wrong and what to do."""
        self.stderr.write(sentence)
        sys.exit(1)

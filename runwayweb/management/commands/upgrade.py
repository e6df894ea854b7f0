"""`manage.py upgrade`: the database of this installation as this version needs it."""

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from runwayweb.upgrading import TooNew, upgrade


class Command(BaseCommand):
    help = "Bring the database up to this version: once, before its processes start. `manage.py up` does it by itself."
    requires_system_checks = []

    def handle(self, **options):
        try:
            ran = upgrade()
        except TooNew as newer:
            raise CommandError(str(newer)) from None
        except DatabaseError as error:
            reason = str(error).strip().partition("\n")[0]
            raise CommandError(f"The database cannot be used ({reason}). Check DATABASE_URL.") from error
        self.stdout.write("\n".join([*ran, f"{len(ran)} migrations have run."]))

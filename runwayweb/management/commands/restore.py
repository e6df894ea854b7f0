"""`manage.py restore FOLDER`: this installation, which must be empty, out of a backup."""

from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from runwayweb.backups import checking
from runwayweb.backups.folder import BackupRefused
from runwayweb.backups.restoring import restore
from runwayweb.subscriptions.billing import is_on

SHOWN = 20  # missing files that are named


class Command(BaseCommand):
    help = "Put a backup into this installation, whose database must be empty. Nothing of it may run. docs/backups.md"

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--check", action="store_true", help="change nothing here: try it in a place of its own")
        parser.add_argument("--database-only", action="store_true", help="without files and keys")

    def handle(self, *, folder, check, database_only, **options):
        try:
            if check:
                self.stdout.write(checking.check(folder))
                return
            missing = restore(folder, files=not database_only, say=self.stdout.write)
        except (BackupRefused, OSError, DatabaseError) as reason:
            raise CommandError(str(reason)) from reason
        call_command("audit_ledger", stdout=self.stdout)
        if is_on() and not database_only:
            self._ask_stripe()
        if missing and not database_only:
            for name in missing[:SHOWN]:
                self.stdout.write(f"missing: {name}")
            raise CommandError(
                f"{len(missing)} files are not in the storage. Everything else is in place: bring them from where the "
                "storage is kept, or live without them."
            )

    def _ask_stripe(self):
        """What was paid and cancelled since the backup."""
        try:
            call_command("stripe_sync", stdout=self.stdout)
        except CommandError as error:
            self.stdout.write(f"{error} Run `manage.py stripe_sync` once it answers.")

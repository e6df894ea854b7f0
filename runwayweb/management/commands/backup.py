"""`manage.py backup FOLDER`: the whole installation, while it runs."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from runwayweb.backups import checking, writing
from runwayweb.backups.folder import BackupRefused


class Command(BaseCommand):
    help = (
        "Keep the database, the list of files and the keys in a new folder below FOLDER, with --media the files too. "
        "Whoever has it has everything: keep it as you keep passwords. docs/backups.md"
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--media", action="store_true", help="the files as well, where no other backup holds them")
        parser.add_argument("--no-keys", action="store_true", help="without the keys, which are kept elsewhere")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="afterwards remove all backups there but the newest N"
        )
        parser.add_argument(
            "--check", action="store_true", help="afterwards restore it into a place of its own and audit it"
        )

    def handle(self, *, folder, media, no_keys, keep, check, **options):
        if keep is not None and keep < 1:
            raise CommandError("--keep needs a number from 1.")
        try:
            made, damaged = writing.write(folder, media=media, keys=not no_keys, say=self.stdout.write)
            self.stdout.write(f"{made}")
            if check:
                self.stdout.write(checking.check(made))
        except (BackupRefused, OSError, DatabaseError) as reason:
            raise CommandError(str(reason)) from reason
        for old in writing.keep_only(keep, folder) if keep else ():
            self.stdout.write(f"Removed {old.name}")
        if damaged:
            names = ", ".join(damaged)
            raise CommandError(f"{made.name} is there, but for {len(damaged)} files damaged in the storage: {names}")

"""A backup that was never restored is a hope: here it is, into a place of its own that is gone afterwards."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg.sql import SQL, Identifier

from runwayweb.backups.folder import BackupRefused, listed_files, read

PATIENCE_SECONDS = 3600


def check(folder: Path) -> str:
    """Restore the backup beside, bring it up to this version, audit every credit; a sentence. Raises BackupRefused."""
    about = read(folder)
    with _place_of_its_own(about.vendor) as environment:
        done = subprocess.run(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", "--database-only", str(folder.resolve())],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise BackupRefused(f"{folder} cannot be restored: {said[-1] if said else 'it said nothing'}")
    lost = [
        one["name"]
        for one in listed_files(folder)
        if about.has_media and not (folder / "media" / one["name"]).is_file()
    ]
    files = f", {len(lost)} of its files were thrown away while it was made" if lost else ""
    return f"{folder.name} can be restored: {sum(about.rows.values())} rows, every credit accounted for{files}."


@contextmanager
def _place_of_its_own(vendor: str) -> Iterator[dict[str, str]]:
    """The environment of an empty installation."""
    with tempfile.TemporaryDirectory(prefix="runwayweb-check-") as data:
        if vendor == "sqlite":
            yield {"RUNWAYWEB_DATA": data, "DATABASE_URL": f"sqlite:///{data}/runwayweb.sqlite3"}
            return
        if connection.vendor != vendor:
            raise BackupRefused(f"The backup is of {vendor}: name a server of that kind in DATABASE_URL to check it.")
        name = f"runwayweb_check_{secrets.token_hex(4)}"
        with connection.cursor() as cursor:
            cursor.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            server, _, _ = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")
            _, mark, options = os.environ["DATABASE_URL"].partition("?")
            yield {"RUNWAYWEB_DATA": data, "DATABASE_URL": f"{server}/{name}{mark}{options}"}
        finally:
            with connection.cursor() as cursor:
                cursor.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))

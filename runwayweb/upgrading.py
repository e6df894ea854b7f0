"""From one version's database to the next one's: what waits, what is newer than this code, what is kept before."""

import os
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

import runwayweb

KEPT = 3  # copies of SQLite databases from before an upgrade
LOCK = 0x52756E57  # of PostgreSQL's advisory locks, ours for upgrades


class TooNew(RuntimeError):
    """The database was brought up by a newer version than this one. The message says what to do."""


def upgrade() -> list[str]:
    """Bring the database up to this version; the migrations that ran. Two hosts that begin at once take turns.

    Every migration is one transaction: killed at any moment, the next call goes on where the last one was. An SQLite
    database is copied first, into the data folder's `before-upgrades`. Raises TooNew.
    """
    with _alone():
        refuse_newer()
        waiting = waiting_migrations()
        if waiting and connection.vendor == "sqlite" and connection.introspection.table_names():
            _keep_copy()
        if waiting:
            call_command("migrate", interactive=False, verbosity=0)
    return waiting


def waiting_migrations() -> list[str]:
    """ "app.name" of what this version wrote and the database has not run, in alphabetical order."""
    loader = MigrationLoader(connection)
    return sorted(f"{app}.{name}" for app, name in set(loader.disk_migrations) - set(loader.applied_migrations))


def written_migrations() -> set[str]:
    """ "app.name" of every migration that this version knows."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def refuse_newer() -> None:
    """Raise TooNew where a migration has run that this version does not know: its code would write what is not so."""
    loader = MigrationLoader(connection)
    ours = {app for app, _ in loader.disk_migrations}
    unknown = sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in ours and (app, name) not in loader.disk_migrations
    )
    if unknown:
        raise TooNew(
            f"The database was brought up by a newer version of Runwayweb than this one, {runwayweb.__version__}: "
            f"{unknown[-1]} has run. Start that version again, or restore a backup from before (docs/backups.md)."
        )


@contextmanager
def _alone():
    if connection.vendor != "postgresql":  # one machine, and a supervisor that holds the folder
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _keep_copy() -> Path:
    folder = Path(settings.DATA_DIR) / "before-upgrades"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S-%fZ}-to-{runwayweb.__version__}.sqlite3"
    draft = path.with_suffix(".unfinished")
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as source, closing(sqlite3.connect(draft)) as copy:
        source.backup(copy)
    os.chmod(draft, 0o600)
    draft.rename(path)
    for stale in (*folder.glob("*.unfinished"), *sorted(folder.glob("*.sqlite3"))[:-KEPT]):
        stale.unlink()
    return path

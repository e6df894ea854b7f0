"""The whole database as one file, taken while others write, and a database made of such a file.

SQLite by `VACUUM INTO`, one read transaction (sqlite.org/lang_vacuum.html); PostgreSQL by its own pg_dump on a snapshot
that was exported (postgresql.org/docs/current/app-pgdump.html), so that file names read here are of the same moment.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection

from runwayweb.assets.named import named
from runwayweb.backups.folder import BackupRefused

Ask = Callable[[str], list[tuple]]  # an SQL query → its rows
NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


@contextmanager
def dumped(folder: Path) -> Iterator[tuple[str, Ask]]:
    """Write the database into `folder`; gives the file's name and whom to ask about that same moment."""
    name = NAMES[connection.vendor]
    path = folder / name
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])
        os.chmod(path, 0o600)
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            _refuse_damage(copy)
            yield name, lambda sql: copy.execute(sql).fetchall()
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            _run(
                "pg_dump",
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                f"--snapshot={snapshot}",
                f"--file={path}",
            )
            os.chmod(path, 0o600)

            def ask(sql: str) -> list[tuple]:
                cursor.execute(sql)
                return cursor.fetchall()

            yield name, ask
        finally:
            cursor.execute("ROLLBACK")


def load(path: Path) -> None:
    """Make this installation's database, which must be empty, of the file at `path`."""
    if connection.vendor == "sqlite":
        target = Path(connection.settings_dict["NAME"])
        connection.close()
        arriving = target.with_name(f"{target.name}.arriving")
        shutil.copyfile(path, arriving)
        os.chmod(arriving, 0o600)
        with closing(sqlite3.connect(arriving)) as copy:
            _refuse_damage(copy)
        for beside in ("-wal", "-shm"):
            target.with_name(target.name + beside).unlink(missing_ok=True)
        os.replace(arriving, target)
    else:
        connection.close()
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        _run("pg_restore", *options, "--dbname", str(connection.settings_dict["NAME"]), str(path))


def is_empty() -> bool:
    """Whether a backup may be put here: there are no tables; of SQLite, whose file is replaced, no accounts will do."""
    tables = connection.introspection.table_names()
    accounts = get_user_model()._meta.db_table
    if not tables or connection.vendor != "sqlite" or accounts not in tables:
        return not tables
    return not get_user_model().objects.exists()


def counted(ask: Ask) -> dict[str, int]:
    """How many rows each table of ours has."""
    quoted = connection.ops.quote_name
    tables = sorted({model._meta.db_table for model in apps.get_models() if model._meta.managed})
    return {table: ask(f"SELECT COUNT(*) FROM {quoted(table)}")[0][0] for table in tables}  # nosec B608  # names of our own tables


def migrations_run(ask: Ask) -> tuple[str, ...]:
    """ "app.name" of every migration that has run."""
    return tuple(sorted(f"{app}.{name}" for app, name in ask("SELECT app, name FROM django_migrations")))


def stored_files(ask: Ask) -> Iterator[tuple[str, str | None]]:
    """(name, SHA-256 or None) of every file in the storage that some row names and that has to be there, each once, in
    order of names."""
    found: dict[str, str | None] = {}
    for row, file in named(lambda model: _rows(ask, model)):
        if row.has_its_files:
            found[file.name] = file.sha256 or found.get(file.name)
    yield from sorted(found.items())


def _rows(ask: Ask, model: Any) -> Iterator[Any]:
    """The rows of a model at that moment, with the columns that name files."""
    quoted, meta = connection.ops.quote_name, model._meta
    fields = [field for field in meta.concrete_fields if field.primary_key or field.name in model.NAMED_IN]
    columns = ", ".join(quoted(field.column) for field in fields)
    chosen = f"SELECT {columns} FROM {quoted(meta.db_table)}"  # nosec B608  # our own tables and columns
    for values in ask(chosen):
        told = [_as_python(field, value) for field, value in zip(fields, values, strict=True)]
        yield model.from_db(connection.alias, [field.attname for field in fields], told)


def _as_python(field: Any, value: Any) -> Any:
    """A value as a database has it, for the column of a row: JSON is text in both, an id may be."""
    if hasattr(field, "from_db_value"):
        return field.from_db_value(value, None, connection)
    return field.to_python(value)


def _refuse_damage(database: sqlite3.Connection) -> None:
    (answer,) = database.execute("PRAGMA integrity_check").fetchone()
    if answer != "ok":
        raise BackupRefused(f"The database is damaged: {answer}")


def _run(program: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs, on this installation's database."""
    found = shutil.which(program, path=os.environ.get("PG_BIN") or None)
    if found is None:
        raise BackupRefused(
            f"{program} is missing: install PostgreSQL's client programs (Debian: postgresql-client), of the server's "
            "version or a newer one, or say in PG_BIN which folder has them."
        )
    told: dict[str, Any] = connection.settings_dict
    # By the environment, not by arguments: those stand in the list of processes for everybody to read.
    environment = os.environ | {
        name: str(value)
        for name, value in {
            "PGHOST": told["HOST"], "PGPORT": told["PORT"], "PGUSER": told["USER"],
            "PGPASSWORD": told["PASSWORD"], "PGDATABASE": told["NAME"],
            "PGSSLMODE": told["OPTIONS"].get("sslmode"), "PGSSLROOTCERT": told["OPTIONS"].get("sslrootcert"),
        }.items()
        if value
    }  # fmt: skip
    done = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BackupRefused(f"{program} failed: {said[-1] if said else f'it ended with {done.returncode}'}")

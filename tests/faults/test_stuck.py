"""A worker stuck inside one call: missed by the supervisor, killed, replaced; the run goes on elsewhere."""

import os
import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings

from tests.faults.lanes import report, times
from tests.faults.null_studio import NullStudio
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


@pytest.mark.slow
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


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_that_hangs_in_c_every_time_is_given_back_and_the_next_one_made(tmp_path):
    """It keeps Python's lock, so that nothing in its process can notice: only the supervisor does."""
    studio = NullStudio(tmp_path, STALL_SECONDS="2").start()
    try:
        studio.ready(300)
        for number in range(times(1, 5)):
            hangs, goes = studio.ask(f"ada{number}", "null 0.2 s then hangs", "null 0.2 s")
            studio.wait_for(hangs, "failed")
            studio.wait_for(goes, "succeeded")
            assert studio.told(hangs) == ("failed", 3, "INTERNAL.WORKER_LOST")
        kills = sum("has been silent for too long" in line for line in studio.lines)
        found = studio.findings()
    finally:
        studio.stop()
    report("hangs in C", runs=times(1, 5), kills=kills, findings=found)
    assert kills >= 3 * times(1, 5)
    assert found == []

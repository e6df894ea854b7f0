"""A worker stuck inside one call: missed by the supervisor, killed, replaced; the run goes on elsewhere."""

import os
import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings

from tests.faults.lanes import report, spread, times
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


HANGS_AFTER = 2  # steps, of which each is written down
STALL_SECONDS = 2  # what one call may take
DEAD_SECONDS = 6  # after that, at most: a tenth of a minute, as the times of a Studio are those of production
NEXT_SECONDS = 15  # from then until another run has begun


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_run_that_hangs_in_c_every_time_is_given_back_and_the_next_one_made(tmp_path):
    """It keeps Python's lock, so that nothing in its process can notice: only the supervisor does.

    Each time in a studio of its own. Where processes last for less than a minute, as they do here, the supervisor waits
    longer each time before it starts another; those whose calls may take minutes last longer.
    """
    dead, next_begun, found = [], [], []
    for number in range(times(1, 5)):
        studio = NullStudio(tmp_path / f"{number}", STALL_SECONDS=str(STALL_SECONDS)).start()
        try:
            studio.ready(300)
            hangs, goes = studio.ask("ada", "null 0.2 s then hangs", "null 0.2 s")
            studio.wait_for(hangs, "failed")
            studio.wait_for(goes, "succeeded")
            assert studio.told(hangs) == ("failed", 3, "INTERNAL.WORKER_LOST")
            found += studio.findings()
        finally:
            studio.stop()
        kills, lines = studio.said_at("gpu has been silent for too long"), studio.journal.lines()
        last = {line["pid"]: line for line in lines}
        for hung in [line for line in last.values() if line["step"] == HANGS_AFTER]:
            killed_at = min(at for at in kills if at > hung["at"])
            dead.append(killed_at - hung["at"])
            next_begun += [line["at"] - killed_at for line in lines if line["at"] > killed_at][:1]
    report(
        "hangs in C",
        runs=times(1, 5),
        kills=len(dead),
        a_call_may_take_seconds=STALL_SECONDS,
        seconds_until_it_is_dead=spread(dead),
        seconds_until_another_begins=spread(next_begun),
        findings=found,
    )
    assert len(dead) == 3 * times(1, 5) and next_begun
    assert max(dead) <= STALL_SECONDS + DEAD_SECONDS
    assert max(next_begun) <= NEXT_SECONDS
    assert found == []

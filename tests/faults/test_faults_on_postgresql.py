"""The faults that a database has a part in, once more on a real PostgreSQL."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.faults.lanes import FULL
from tests.faults.test_postgresql import OURS
from tests.servers.postgresql import postgresql

WORKERS = "tests/faults/test_workers_killed.py::"
OPTIONS = ("-q", "-p", "no:cacheprovider", "-n", "0", "--timeout", "1700", "--tb", "short", "--show-capture", "no")
STORIES = [
    pytest.param([f"{WORKERS}test_workers_killed_at_any_moment_lose_nothing"], id="killed", marks=pytest.mark.part(6)),
    pytest.param(
        [f"{WORKERS}test_a_worker_killed_where_it_hurts_costs_nothing_but_time"],
        id="killed_where_it_hurts",
        marks=pytest.mark.part(7),
    ),
    pytest.param(
        [f"{WORKERS}test_a_process_killed_while_it_takes_requests_leaves_whole_ones"],
        id="killed_while_it_takes_requests",
        marks=pytest.mark.part(7),
    ),
    pytest.param(
        ["tests/faults/test_fencing.py::test_a_worker_that_comes_back_changes_nothing"],
        id="frozen",
        marks=pytest.mark.part(8),
    ),
    pytest.param(
        ["tests/faults/test_database_trouble.py::test_a_server_in_trouble", "tests/faults/test_clocks.py"],
        id="server",
        marks=pytest.mark.part(8),
    ),
    pytest.param(
        ["tests/faults/test_database_lost.py::test_two_that_wait_for_each_other_are_parted_and_nothing_is_half_done"],
        id="deadlock",
        marks=pytest.mark.part(8),
    ),
]


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="these tests run on the database that DATABASE_URL names")
@pytest.mark.parametrize("stories", STORIES)
def test_faults_on_postgresql(stories):
    with postgresql() as url:
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        environment |= {"DATABASE_URL": url, "PART": "", "FAULTS": "full" if FULL else ""}
        tests = subprocess.run(
            [sys.executable, "-m", "pytest", *OPTIONS, *stories],
            env=environment,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=1750,
        )
    assert tests.returncode == 0, tests.stdout[-3000:]

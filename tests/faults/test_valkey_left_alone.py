"""A Valkey that is away is left alone: no process tries for it more than once a second, whoever asks it for what."""

import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest

import tests.servers.calls
from tests.factories import make_generation
from tests.faults.auditor import findings
from tests.faults.lanes import report, times
from tests.faults.test_lines_cut import Page
from tests.faults.visitor import Visitor
from tests.servers.hanging_up import hanging_up

NOTES = Path(tests.servers.calls.__path__[0])  # a package without a file of its own
TRIES_A_SECOND = 1  # of one process, at most


@pytest.mark.part(4)
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("how", ["refused", "hung up on"])
def test_nobody_tries_for_a_valkey_that_is_away_more_than_once_a_second(cluster, project, valkey, how):
    """Pages listen, programs ask and are counted, runs are wanted, drawn and told of, all the while."""
    calls, seconds = cluster.folder / "calls", times(20, 60)
    cluster.start("web", "gpu", "gpu", "media", "dispatcher", PYTHONPATH=str(NOTES), CALLS=str(calls))
    page = Page(project, cluster.url, cluster.port)
    try:
        with Visitor(cluster) as visitor:
            cluster.wait(lambda: visitor.statuses[200] > 1, seconds=300)
            while len(cluster.working()) < 2:
                cluster.finish(cluster.ask(4))
            make_generation(project).cancel()
            cluster.wait(lambda: page.last, seconds=60)
            visitor.statuses.clear()  # of a server that was still starting
            ended_before = len(cluster.endings)
            valkey.kill()
            with hanging_up(valkey.socket) if how == "hung up on" else nullcontext():
                began = time.monotonic()
                while time.monotonic() < began + seconds:
                    cluster.ask(1)
                    time.sleep(1)
            valkey.start()
    finally:
        page.stop()
    cluster.finish()
    cluster.wait(lambda: findings(hashes=False) == [], seconds=20)
    tries = tries_of(cluster, calls, str(valkey.socket), began, began + seconds)
    a_second = {name: round(len(at) / seconds, 2) for name, at in tries.items()}
    report(
        f"Valkey away, {how}",
        seconds=seconds,
        seed=cluster.seed,
        tries_a_second=a_second,
        most_in_a_second={name: max(Counter(map(int, at)).values()) for name, at in tries.items()},
        site=visitor.told,
    )
    assert len(cluster.endings) == ended_before, "the same processes all the while"
    assert all(at for at in tries.values()), "each looks for it"
    assert max(a_second.values()) <= TRIES_A_SECOND, tries
    assert set(visitor.statuses) == {200}


def tries_of(cluster, calls, where, begin, end):
    """{process: when it tried}, in seconds since `begin`."""
    order = [child for kind in ("web", "gpu", "media", "dispatcher") for child in cluster.of(kind)]
    names = {child.pid: f"{child.name} {cluster.of(child.name).index(child) + 1}" for child in order}
    tries = {name: [] for name in names.values()}
    for line in calls.read_text().splitlines():
        pid, at, called = line.split(" ", 2)
        if called == where and begin <= float(at) < end and int(pid) in names:
            tries[names[int(pid)]].append(float(at) - begin)
    return tries

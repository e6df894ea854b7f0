"""A worker that froze and comes back is told that its run is somebody else's; and without that, it would be seen."""

import signal
import time

import pytest

from generation.models import Generation
from generation.models.status import Status
from tests.faults.auditor import findings
from tests.faults.lanes import report, spread, times
from tests.faults.test_workers_killed import outcomes


def freeze_until_another_ended_it(cluster, run, more=2):
    """Freeze the worker that draws `run` until another made it; then ask for `more`, and let it go on. The run as it is
    then, and for how many seconds it was frozen."""
    row = Generation.objects.filter(pk=run.pk)
    cluster.wait(lambda: row.filter(step__gt=0, status=Status.RUNNING).exists(), seconds=60, every=0.02)
    pid = row.get().worker.pid
    sleeper = next(child for child in cluster.of("gpu") if child.pid == pid)
    cluster.kill(sleeper, signal.SIGSTOP)
    frozen_at = time.monotonic()
    cluster.wait(lambda: row.get().status == Status.SUCCEEDED, seconds=60)
    assert row.get().attempt > 1
    cluster.ask(more, seconds=(0.5, 1.0))
    cluster.kill(sleeper, signal.SIGCONT)
    return row.get(), time.monotonic() - frozen_at


@pytest.mark.part(3)
@pytest.mark.timeout(1200)
def test_a_worker_that_comes_back_changes_nothing(cluster, project):
    cluster.start("gpu", "gpu", "dispatcher")
    freezes, late, frozen = times(1, 20), 0, []
    for _ in range(freezes):
        [run] = cluster.ask(1, seconds=(1.5, 1.5))
        before, seconds = freeze_until_another_ended_it(cluster, run)
        frozen.append(seconds)
        cluster.finish()
        after = Generation.objects.get(pk=run.pk)
        late += (after.attempt, after.asset_id, after.finished_at) != (
            before.attempt,
            before.asset_id,
            before.finished_at,
        )
    cluster.wait(lambda: findings() == [], seconds=20)
    report(
        "frozen, then awake again",
        freezes=freezes,
        seconds_frozen=spread(frozen),
        late_writes=late,
        seed=cluster.seed,
        ended=outcomes(),
        findings=[],
    )
    assert late == 0


@pytest.mark.slow
@pytest.mark.part(3)
@pytest.mark.timeout(300)
def test_without_fencing_these_stories_would_fail(cluster, project):
    """Whoever comes back writes all the same: a harness that does not see that proves nothing."""
    cluster.env["FAULT_FENCING"] = "off"
    cluster.start("gpu", "gpu", "dispatcher")
    cluster._projects = [project]  # one wallet, in which there is always something set aside
    [run] = cluster.ask(1, seconds=(1.5, 1.5))
    freeze_until_another_ended_it(cluster, run, more=8)
    seen = []
    deadline = time.monotonic() + 20
    while not seen and time.monotonic() < deadline:
        time.sleep(0.5)
        seen = [finding for finding in findings() if str(run.pk) in finding]  # others are on their way
    report("fencing switched off", findings=len(seen), examples=seen[:3], seed=cluster.seed)
    assert seen, "a late write nobody notices"

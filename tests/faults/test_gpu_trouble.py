"""A GPU, or the machine's memory, that fails a run: the process is replaced, and those after it succeed."""

from pathlib import Path

import pytest

from generation.models import Generation
from generation.models.status import Status
from runwayweb.subscriptions.models import Wallet
from tests.faults.auditor import findings
from tests.faults.lanes import report, times
from tests.faults.null_studio import NullStudio
from tests.faults.test_workers_killed import outcomes

FAILURES = {"out of memory": "INTERNAL.OUT_OF_MEMORY", "an illegal address": "INTERNAL.GPU"}
CGROUP = Path("/sys/fs/cgroup/memory/runwayweb-faults")
LIMIT_BYTES = 400 * 1024**2  # beside what a studio takes that draws nothing


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("failure", FAILURES)
def test_after_a_gpu_failed_a_run_those_behind_it_succeed(cluster, project, failure):
    cluster.start("gpu", "dispatcher")
    [broken] = cluster.ask(1, then=f" fails with {failure}")
    behind = cluster.ask(times(3, 20))
    cluster.finish()
    broken.refresh_from_db()
    found = findings()
    report(
        f"GPU fails with {failure}",
        behind=len(behind),
        replaced=len(cluster.endings),
        seed=cluster.seed,
        ended=outcomes(),
        findings=found,
    )
    assert (broken.status, broken.failure_code, broken.attempt) == (Status.FAILED, FAILURES[failure], 2)
    assert Wallet.objects.of(broken.workspace).held == 0
    assert Generation.objects.filter(status=Status.SUCCEEDED).count() == len(behind)
    assert len(cluster.endings) == 2 and all("exit code 0" in line for line in cluster.endings), "replaced each time"
    assert found == []


class Confined(NullStudio):
    """All its processes in a cgroup of their own, as in a container."""

    def manage(self, *arguments):
        return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(CGROUP / "cgroup.procs"), *super().manage(*arguments)]

    def limit(self):
        """From now on it may take so much beside what it takes."""
        now = int((CGROUP / "memory.usage_in_bytes").read_text())
        (CGROUP / "memory.limit_in_bytes").write_text(str(now + LIMIT_BYTES))


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_that_takes_more_memory_than_there_is_is_tried_twice(tmp_path):
    """The kernel ends the worker; its supervisor tells that from a kill, and the run is given back after the second."""
    try:
        CGROUP.mkdir(exist_ok=True)
    except OSError:
        pytest.skip("Only root may limit memory, and only with cgroups of the first version")
    studio = Confined(tmp_path, HEARTBEAT_TIMEOUT_SECONDS="60").start()  # nobody else kills a worker
    try:
        studio.ready(300)
        studio.limit()
        for number in range(times(1, 3)):
            broken, *behind = studio.ask(
                f"ada{number}", "null 1 s then takes too much memory", "null 0.2 s", "null 0 s"
            )
            studio.wait_for(broken, "failed")
            for row in behind:
                studio.wait_for(row, "succeeded")
            assert studio.told(broken) == ("failed", 2, "INTERNAL.OUT_OF_MEMORY")
        kills = sum("took more memory than there is" in line for line in studio.lines)
        found = studio.findings()
    finally:
        studio.stop()
        CGROUP.rmdir()
    report("machine out of memory", runs=times(1, 3), attempts=2, kills=kills, findings=found)
    assert kills == 2 * times(1, 3)
    assert found == []

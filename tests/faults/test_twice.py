"""Everything that should run once runs twice: each effect happens once all the same."""

import time
from collections import Counter

import pytest

from generation.models import Generation
from tests.faults.auditor import findings
from tests.faults.lanes import report, times
from tests.faults.test_workers_killed import outcomes


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_dispatchers_do_what_one_does(cluster, project):
    cluster.start("gpu", "gpu", "media", "dispatcher", "dispatcher", "webhooks", "webhooks")
    began = time.monotonic()
    for _ in range(times(1, 10)):
        cluster.ask(times(20, 100), seconds=(0.05, 0.1))
        cluster.wait(cluster.working, seconds=60)
        cluster.kill(cluster.random.choice(cluster.working()))  # both see its lease end
        cluster.finish()
    seconds = time.monotonic() - began
    found = findings()
    attempts = Counter(Generation.objects.values_list("attempt", flat=True))
    report(
        "two of each that should be one",
        kills=len(cluster.deaths),
        seed=cluster.seed,
        seconds=round(seconds),
        attempts=dict(attempts),
        ended=outcomes(),
        findings=found,
    )
    assert found == []
    assert set(outcomes()) == {"succeeded"}
    # Each death costs one run one attempt, however many looked.
    assert sum((attempt - 1) * count for attempt, count in attempts.items()) <= len(cluster.deaths)
    assert cluster.journal.overlaps() == []

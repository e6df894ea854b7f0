"""Workers killed at any moment while people ask for clips and change their minds: nothing lost, nothing paid twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.conf import settings

from generation.faults import NAMES
from generation.models import Event, Generation
from generation.models.status import Status
from runwayweb.api.models import Cursor, Delivery, Endpoint
from runwayweb.subscriptions.models import Wallet
from tests.api.receiver import URL, hour_strikes
from tests.faults.auditor import ended, findings
from tests.faults.lanes import report, spread, times
from tests.faults.sender import command_of
from tests.faults.visitor import Visitor

OF_A_WORKER = [name for name in NAMES[NAMES.index("after_claim") :] if name != "after_webhook_sent"]
OVERLAP_SECONDS = 5  # of two processes at one run, at most
TAKEN_UP_SECONDS = 60  # until another goes on, at most


def kill_some(cluster, kills, tree):
    """Kill workers that draw, at moments nobody chose, so often."""
    while len(cluster.deaths) < kills:
        if ended():
            cluster.ask(10)
        cluster.wait(cluster.working, seconds=120, every=0.05)
        time.sleep(cluster.random.uniform(0.02, 0.6))
        if working := cluster.working():
            cluster.kill(cluster.random.choice(working), tree=tree)


@pytest.mark.part(1)
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("tree", [False, pytest.param(True, marks=[pytest.mark.full])], ids=["alone", "with_its_tree"])
def test_workers_killed_at_any_moment_lose_nothing(cluster, tree, project):
    runs = cluster.ask(times(12, 300 if tree else 500))
    cancelling = cluster.cancel_some(runs)
    cluster.start("gpu", "gpu", "dispatcher")
    kill_some(cluster, times(2, 100 if tree else 200), tree)
    tail = cluster.finish()
    cancelling.join()
    found = findings()
    overlaps, taken_up = cluster.journal.overlaps(), cluster.journal.taken_up(cluster.deaths)
    report(
        f"killed {'with their tree' if tree else 'alone'}",
        runs=Generation.objects.count(),
        kills=len(cluster.deaths),
        seed=cluster.seed,
        seconds_until_another_draws_it=spread(taken_up),
        overlaps=len(overlaps),
        longest_overlap_seconds=round(max(overlaps, default=0), 2),
        seconds_to_the_end_after_the_last=round(tail, 1),
        ended=outcomes(),
        findings=found,
    )
    assert found == []
    assert max(overlaps, default=0) <= OVERLAP_SECONDS
    assert max(taken_up, default=0) <= TAKEN_UP_SECONDS
    assert set(outcomes()) <= {"succeeded", "cancelled", "failed"}
    # Three attempts may be killed one after the other; that is then said, and costs nothing.
    for run in Generation.objects.filter(status=Status.FAILED):
        assert (run.failure_code, run.attempts_spent) == ("INTERNAL.WORKER_LOST", 3)


def outcomes():
    statuses = list(Generation.objects.values_list("status", flat=True))
    return {status: statuses.count(status) for status in sorted(set(statuses))}


@pytest.mark.full
@pytest.mark.part(1)
@pytest.mark.timeout(1800)
def test_a_whole_studio_whose_processes_are_killed(cluster, project, receiver):
    """Everybody dies now and then: the site, workers, the dispatcher, who sends messages. A program asks on and on, and
    is told of each of its runs, under one id."""
    cluster.start("web", "gpu", "gpu", "media", "dispatcher")
    cluster.start("webhooks", command=command_of(receiver), WEBHOOK_SECONDS="0.1")
    visitor = Visitor(cluster, pause=0.2)
    Endpoint.objects.add(visitor.workspace, by=visitor.workspace.owner, url=URL)
    with visitor:
        cluster.wait(lambda: visitor.statuses[200] > 1, seconds=300)
        killed = Counter()
        for _ in range(60):
            runs = cluster.ask(5)
            cancelling = cluster.cancel_some(runs)
            time.sleep(cluster.random.uniform(1.0, 4.0))
            child = cluster.random.choice(cluster.children)
            cluster.kill(child)
            killed[child.name] += 1
            cancelling.join()
        cluster.wait(lambda: cluster.of("web")[0].pid, seconds=20)
    tail = cluster.finish()
    told = Endpoint.objects.get().deliveries
    cluster.wait(lambda: all_told(told), seconds=120, every=2)
    found = findings()
    ids = Counter(post.headers["webhook-id"] for post in receiver.posted)
    report(
        "a whole studio",
        kills=dict(killed),
        seed=cluster.seed,
        site=visitor.told,
        messages=told.count(),
        messages_sent_again=sum(ids.values()) - len(ids),
        seconds_to_the_end_after_the_last=round(tail, 1),
        ended=outcomes(),
        findings=found,
    )
    assert found == [] and visitor.wrong == []
    assert set(ids) == {delivery.message_id for delivery in told.all()}


def all_told(told):
    """Whether all that happened was written and brought. What a dead sender had is nobody's for a minute; here its time
    comes at once."""
    hour_strikes()
    return not Cursor.objects.behind() and told.exists() and not told.exclude(status=Delivery.Status.SUCCEEDED).exists()


@pytest.mark.full
@pytest.mark.part(2)
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("point", OF_A_WORKER)
def test_a_worker_killed_where_it_hurts_costs_nothing_but_time(cluster, project, point):
    """Two workers die at the same place of every run they take; another that does not ends what they leave."""
    deaths = 20
    runs = cluster.ask(deaths + 10, seconds=(0.05, 0.2))
    for _worker in range(2):
        cluster.start("gpu", FAULT_AT=f"{point}:{cluster.random.randint(1, 3) if point == 'mid_render' else 1}")
    cluster.start("dispatcher")
    cluster.wait(lambda: sum("SIGKILL" in line for line in cluster.endings) >= deaths or ended(), seconds=900)
    killed = sum("SIGKILL" in line for line in cluster.endings)
    cluster.start("gpu")
    tail = cluster.finish()
    found = findings()
    spent = sum(Wallet.objects.of(project.workspace).spent for project in cluster.users())
    succeeded = Generation.objects.filter(status=Status.SUCCEEDED).count()
    report(
        f"killed at {point}",
        runs=len(runs),
        kills=killed,
        seed=cluster.seed,
        ended=outcomes(),
        seconds_to_the_end_after_the_last=round(tail, 1),
        findings=found,
    )
    assert found == []
    assert spent == succeeded, "each costs one credit, once"


ASKING = """
import sys, django
django.setup()
from projects.models import Project
from tests.factories import make_generation
project = Project.objects.get(pk=sys.argv[1])
print("ready", flush=True)
while True:
    make_generation(project, model="null", prompt="null 0 s")
"""


@pytest.mark.full
@pytest.mark.part(2)
@pytest.mark.timeout(900)
def test_a_run_that_kills_its_worker_each_time_holds_nobody_else_up(cluster, project):
    """It is given up after three; meanwhile the other worker goes on, and those behind it wait little longer.

    Leases are longer here than a worker needs to start, as those of an installation are: else it would meet the other
    worker before the first is back.
    """
    cluster.start("gpu", "gpu", "dispatcher", LEASE_SECONDS="12", LEASE_RENEWAL_SECONDS="4")
    cluster.finish(cluster.ask(6))

    def waited():
        """How long each took, from when it was asked for, of one a second."""
        runs = []
        for _run in range(times(10, 40)):
            runs += cluster.ask(1, seconds=(0.5, 0.5))
            time.sleep(1)
        cluster.finish(runs)
        ended_at = Generation.objects.filter(pk__in=[run.pk for run in runs], status=Status.SUCCEEDED)
        return [(one.finished_at - one.created_at).total_seconds() for one in ended_at]

    before = waited()
    [killer] = cluster.ask(1, then=" then dies")
    beside = waited()
    cluster.finish([killer])
    killer.refresh_from_db()
    found = findings()
    told = {"before": spread(before), "beside_it": spread(beside)}
    report(
        "kills its worker each time", attempts=killer.attempt, seed=cluster.seed, seconds_of_others=told, findings=found
    )
    assert (killer.status, killer.failure_code, killer.attempt) == (Status.FAILED, "INTERNAL.WORKER_LOST", 3)
    assert len(before) == len(beside) == times(10, 40)
    assert told["beside_it"]["p95"] <= 2 * told["before"]["p95"] and found == []


@pytest.mark.full
@pytest.mark.part(2)
@pytest.mark.timeout(1800)
def test_a_process_killed_while_it_takes_requests_leaves_whole_ones(cluster, project):
    """Sixty times between its writes, forty at any moment: whatever is there is there whole, and is made."""
    Wallet.objects.of(project.workspace).grant(10_000, reference="for the story")
    places = [name for name in NAMES[:3] for _ in range(20)] + [""] * 40
    for place in places:
        environment = (
            os.environ | cluster.env | ({"FAULT_AT": f"{place}:{cluster.random.randint(1, 5)}"} if place else {})
        )
        asking = subprocess.Popen(
            [sys.executable, "-c", ASKING, str(project.pk)],
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert asking.stdout.readline() == "ready\n"
        if not place:
            time.sleep(cluster.random.uniform(0.0, 0.3))
            asking.kill()
        assert asking.wait(60) == -signal.SIGKILL
    kept = Generation.objects.count()
    assert Wallet.objects.of(project.workspace).held == kept
    assert Event.objects.filter(kind="generation.queued").count() == kept
    cluster.start("gpu", "gpu", "dispatcher")
    tail = cluster.finish()
    found = findings()
    report("killed while it takes requests", kills=len(places), kept=kept, seed=cluster.seed,
           seconds_until_all_were_made=round(tail, 1), ended=outcomes(), findings=found)  # fmt: skip
    assert found == []
    assert outcomes() == {"succeeded": kept}

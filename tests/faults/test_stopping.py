"""Workers told to stop while they draw, as a new version does: what they had is handed back and costs no attempt."""

import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter

import pytest
from django.db.models import F

from generation.models import Generation
from generation.models.status import Status
from tests.faults.auditor import ended, findings
from tests.faults.lanes import report, spread, times
from tests.faults.test_workers_killed import outcomes
from tests.faults.visitor import Visitor

STOP_SECONDS = 15
NOTHING_NEW_SECONDS = 1
# How a service manager may do it: the process alone, all that it started too, twice at once, twice with a pause.
WAYS = {"alone": (False, None), "with_its_tree": (True, None), "twice_at_once": (True, 0.5), "twice": (False, 3.0)}


@pytest.mark.part(3)
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "way", ["alone", "twice", *(pytest.param(way, marks=pytest.mark.full) for way in [*WAYS][1:3])]
)
def test_workers_are_replaced_one_after_the_other(cluster, project, way):
    tree, again_after = WAYS[way]
    cluster.start("web", "gpu", "gpu", "dispatcher")
    took, told, restarts = [], [], times(2, 20)
    with Visitor(cluster) as visitor:
        cluster.wait(lambda: visitor.statuses[200] > 1, seconds=300)
        visitor.statuses.clear()  # of a server that was still starting
        cluster.ask(times(10, 60), seconds=(0.3, 1.0))
        for _ in range(restarts):
            cluster.wait(lambda: cluster.working() or ended(), seconds=60)
            if ended():
                cluster.ask(10, seconds=(0.3, 1.0))
                cluster.wait(cluster.working, seconds=60)
            child = cluster.random.choice(cluster.working())
            pid, told_at = child.pid, time.monotonic()
            told.append((pid, told_at))
            cluster.kill(child, signal.SIGTERM, tree=tree)
            if again_after:
                time.sleep(again_after)
                if child.pid == pid:
                    cluster.kill(child, signal.SIGTERM, tree=tree)
            cluster.wait(lambda child=child, pid=pid: child.pid != pid, seconds=STOP_SECONDS, every=0.02)
            took.append(time.monotonic() - told_at)
    cluster.finish()
    cluster.wait(lambda: findings(hashes=False) == [], seconds=20)
    found = findings()
    spent = Generation.objects.annotate(spent=F("attempt") - F("handed_back")).filter(spent__gt=1)
    report(
        f"told to stop, {way.replace('_', ' ')}",
        restarts=restarts,
        seed=cluster.seed,
        seconds_to_stop=spread(took),
        begun_after_it=begun_after(cluster.journal, told),
        handed_back=sum(Generation.objects.values_list("handed_back", flat=True)),
        attempts_spent_by_it=spent.count(),
        site=visitor.told,
        ended=outcomes(),
        findings=found,
    )
    assert found == []
    assert not Generation.objects.filter(status=Status.FAILED).exists()
    assert visitor.wrong == [] and not any(status >= 500 for status in visitor.statuses)
    assert not spent.exists()
    assert begun_after(cluster.journal, told) == 0


def begun_after(journal, told):
    """How many runs were begun by processes later than a second after they were told to stop: (pid, when)."""
    stops = dict(told)
    begun = [line for line in journal.lines() if line["step"] == 1 and line["pid"] in stops]
    return sum(line["at"] > stops[line["pid"]] + NOTHING_NEW_SECONDS for line in begun)


class Crowd:
    """Six who ask as fast as they are answered, each time anew. `answers`: how often each was; what went wrong where
    none came."""

    def __init__(self, url):
        self.url, self.answers, self._ended = f"{url}/accounts/login/", Counter(), threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(6)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join(60)

    def _ask(self):
        while not self._ended.is_set():
            try:
                with urllib.request.urlopen(self.url, timeout=60) as answer:
                    told = answer.status
                    answer.read()
            except urllib.error.HTTPError as answer:
                told = answer.code
            except OSError as error:
                told = type(error).__name__
            self.answers[told] += 1


@pytest.mark.full
@pytest.mark.part(3)
@pytest.mark.timeout(900)
def test_a_site_that_is_started_again_answers_everybody(cluster, project):
    """Its socket stays open meanwhile, as the supervisor keeps it: who comes then waits there, who had come is answered
    first, and what was taken is kept."""
    cluster.hold_door()
    cluster.start("web", "gpu", "dispatcher")
    restarts, took = times(2, 20), []
    with Visitor(cluster, pause=0.05) as visitor, Crowd(cluster.url) as crowd:
        cluster.wait(lambda: visitor.statuses[200] > 1, seconds=300)
        [web] = cluster.of("web")
        for _ in range(restarts):
            pid, before, told_at = web.pid, visitor.statuses[200], time.monotonic()
            cluster.kill(web, signal.SIGTERM)
            cluster.wait(lambda pid=pid: web.pid not in (pid, None), seconds=STOP_SECONDS, every=0.02)
            cluster.wait(lambda before=before: visitor.statuses[200] > before + 5, seconds=60)
            took.append(time.monotonic() - told_at)
            time.sleep(cluster.random.uniform(0.0, 1.0))
    cluster.finish()
    found = findings()
    report(
        "site told to stop",
        restarts=restarts,
        seed=cluster.seed,
        seconds_until_six_more_were_answered=spread(took),
        site=visitor.told,
        answers_to_a_crowd=dict(crowd.answers),
        findings=found,
    )
    assert found == [] and visitor.wrong == []
    assert set(visitor.statuses) == set(crowd.answers) == {200}, "nobody was sent away, or heard nothing"
    assert visitor.workspace.generations.count() >= visitor.statuses[200] / 2

"""Many programs that send the same request at once, as those do whose answer was lost: each key makes one."""

import json
import threading
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from generation.models import Generation
from runwayweb.api.models import Key, Task
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_user
from tests.faults.auditor import findings
from tests.faults.lanes import report, times

AT_ONCE = 50


def post(url, key, plain, start):
    """The status, and what was made."""
    body = {"model": "null", "promptText": f"null 0 s {key}", "ratio": "64:64", "duration": 0.25, "seed": 7}
    told = {"Authorization": f"Bearer {plain}", "X-Runway-Version": "2024-11-06", "Content-Type": "application/json"}
    asking = urllib.request.Request(
        f"{url}/v1/text_to_video", data=json.dumps(body).encode(), headers=told | {"Idempotency-Key": key}
    )
    start.wait()
    try:
        with urllib.request.urlopen(asking, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read()


@pytest.mark.full
@pytest.mark.part(3)
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_fifty_at_once_under_each_of_two_hundred_keys(cluster, project):
    ada = make_user("grace")
    workspace = ada.open_workspace()
    _key, plain = Key.objects.issue(workspace, by=ada, name="Keys")
    Wallet.objects.of(workspace).grant(1000, reference="for the story")
    cluster.start("web")
    cluster.wait(lambda: answers(cluster.url), seconds=300)
    keys, statuses = [f"key {number}" for number in range(times(3, 200))], Counter()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for key in keys:
            start = threading.Barrier(AT_ONCE)
            told = list(threads.map(lambda _: post(cluster.url, key, plain, start), range(AT_ONCE)))  # noqa: B023
            statuses.update(status for status, _answer in told)
            assert len({answer for status, answer in told if status == 200}) == 1, key
    made = Generation.objects.filter(workspace=workspace).count()
    holds = Wallet.objects.of(workspace).entries.filter(kind="hold").count()
    assert (Task.objects.count(), made, holds) == (len(keys),) * 3
    cluster.start("gpu", "dispatcher")
    cluster.finish()
    found = findings()
    report("one key, many at once", keys=len(keys), at_once=AT_ONCE, answers=dict(statuses), made=made, findings=found)
    assert found == []
    assert Wallet.objects.of(workspace).spent == len(keys)
    connections.close_all()


@pytest.mark.part(3)
@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("place", ["after_hold", "after_commit", "after_dispatch"])
def test_a_call_whose_process_was_killed_makes_one_when_it_is_sent_again(cluster, project, place):
    """A program that heard nothing sends the same again, under the same key."""
    grace = make_user("grace")
    workspace = grace.open_workspace()
    _key, plain = Key.objects.issue(workspace, by=grace, name="Keys")
    died = cluster.folder / "died"
    died.touch()
    cluster.start("web", FAULT_AT=place, FAULT_ONCE=str(died))
    [web] = cluster.of("web")
    keys, at_once = [f"key {number}" for number in range(times(1, 20))], threading.Barrier(1)
    for key in keys:
        cluster.wait(lambda: answers(cluster.url), seconds=300)
        pid = web.pid
        died.unlink()
        with pytest.raises(OSError):
            raise AssertionError(f"{key} was answered: {post(cluster.url, key, plain, at_once)}")
        cluster.wait(lambda pid=pid: web.pid not in (pid, None) and answers(cluster.url), seconds=300)
        first, second = (post(cluster.url, key, plain, at_once) for _time in range(2))
        assert first[0] == 200 and first == second, key
    made = Generation.objects.filter(workspace=workspace).count()
    holds = Wallet.objects.of(workspace).entries.filter(kind="hold").count()
    cluster.start("gpu", "dispatcher")
    cluster.finish()
    found = findings()
    report(f"one key, killed {place}", kills=len(keys), made=made, holds=holds, findings=found)
    assert (Task.objects.count(), made, holds) == (len(keys),) * 3
    assert found == [] and Wallet.objects.of(workspace).spent == len(keys)
    connections.close_all()


def answers(url):
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False

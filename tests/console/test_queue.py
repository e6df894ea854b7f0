"""What waits, why, and how an operator lets something go first."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from generation import backlog
from generation.models import Generation, Turn, Worker
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation, make_project, make_user
from tests.generation.shift import queue_up

STATUS = Generation.Status


@pytest.fixture
def worker(db):
    return Worker.objects.create(kind="gpu", slot="gpu", name="gpu here", host="here", pid=7)


def seen(console, **asked):
    return console.get(reverse("console:queue"), asked).content.decode()


def test_it_tells_how_much_waits_of_what_and_whose_and_why(console, ada, worker):
    project = make_project(ada)
    first, second = make_generation(project), make_generation(project)
    unknown = make_generation(make_project(make_user("grace")))
    Generation.objects.filter(pk=unknown.pk).update(model="long-gone")
    page = seen(console)
    assert "1 of yours" in page and "1 worker begins what waits." in page
    assert escape(backlog.obstacle("long-gone")) in page
    assert str(second.pk)[:8] in page and str(unknown.pk)[:8] in page
    page = seen(console, workspace=str(project.workspace_id))
    assert str(first.pk)[:8] in page and str(unknown.pk)[:8] not in page
    assert str(unknown.pk)[:8] in seen(console, model="long-gone")


def test_what_is_put_first_begins_before_all_others(console, told, ada, worker):
    crowd, late = make_project(make_user("grace")), make_project(ada)
    queue_up(crowd, 5)
    queue_up(late, 3)
    last = Generation.objects.filter(project=late).order_by("queued_at").last()
    assert console.post(reverse("console:queue-move", args=[last.pk]), {"where": "first"}).status_code == 302
    assert Generation.objects.claim_next(worker) == last
    assert told() == [("run_moved", str(last.pk)[:8], {"where": "first"})]
    # And afterwards turns go on as they did: no workspace is passed over twice.
    owners = [Generation.objects.claim_next(worker).project_id for _ in range(4)]
    assert crowd.pk in owners[:2]


def test_what_is_put_last_lets_its_own_workspace_go_before(console, ada, worker):
    project = make_project(ada)
    first, *_others = queue_up(project, 3)
    console.post(reverse("console:queue-move", args=[first.pk]), {"where": "last"})
    begun = [Generation.objects.claim_next(worker).pk for _ in range(3)]
    assert begun[-1] == first.pk


def test_what_runs_cannot_be_moved(console, told, ada, worker):
    run = make_generation(make_project(ada))
    Generation.objects.claim_next(worker)
    console.post(reverse("console:queue-move", args=[run.pk]), {"where": "first"})
    assert told() == []
    assert console.post(reverse("console:queue-move", args=[run.pk]), {"where": "nowhere"}).status_code == 400
    assert Turn.objects.put_last(run) is False


def test_cancelling_gives_the_credits_back_and_the_workspace_is_told_by_whom(console, ada, olga):
    run = make_generation(make_project(ada))
    console.post(reverse("console:generation-cancellation", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == STATUS.CANCELLED
    assert Wallet.objects.of(run.workspace).held == 0
    entry = run.workspace.audit_entries.get(action="operator.run_cancelled")
    assert (entry.by, entry.about) == (olga, str(run.pk)[:8])

"""How many runs of a workspace may be in work at once: what is beyond that waits for a place, with its credits held."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from generation.dispatcher import Dispatcher
from generation.models import Event, Generation, Turn
from generation.models.status import Status
from projects.models import Project
from runwayweb.subscriptions.models import Subscription, Wallet
from tests.factories import make_generation, make_plan, make_project, make_user

from .shift import Shift, queue_up

pytestmark = pytest.mark.django_db(transaction=True)
IN_WORK = (Status.QUEUED, Status.RUNNING)


@pytest.fixture
def film():
    """Of ada, who may have two in work."""
    project = make_project(make_user("ada"))
    put_on(project, 2)
    Wallet.objects.of(project.workspace)
    return project


def put_on(project, concurrency):
    Subscription.objects.assign(project.workspace, make_plan(f"runs-{concurrency}", concurrency=concurrency))


def statuses(project):
    return list(project.generations.order_by("queued_at").values_list("status", flat=True))


def events(run):
    return list(Event.objects.filter(generation_id=run.pk).order_by("sequence").values_list("kind", flat=True))


def test_what_is_beyond_the_plan_is_accepted_and_waits_for_a_place(film):
    runs = [make_generation(film) for _ in range(4)]
    assert statuses(film) == [Status.QUEUED] * 2 + [Status.THROTTLED] * 2
    assert Wallet.objects.of(film.workspace).held == 4 * runs[0].cost
    assert [events(run) for run in runs[1:3]] == [["generation.queued"], ["generation.throttled"]]


@pytest.mark.parametrize("end", ["fail", "cancel a running one", "cancel a queued one"])
def test_the_oldest_gets_the_place_that_becomes_free(film, pulse, end):
    runs = [make_generation(film) for _ in range(4)]
    if end == "cancel a queued one":
        assert runs[1].cancel()
    else:
        running = Generation.objects.claim_next(pulse.worker)
        assert running.cancel() if end == "cancel a running one" else running.fail(1, code="X", message="It broke.")
    for run in runs:
        run.refresh_from_db()
    assert [run.status for run in runs[2:]] == [Status.QUEUED, Status.THROTTLED]
    assert events(runs[2]) == ["generation.throttled", "generation.queued"]


def test_one_that_waits_for_a_place_is_cancelled_like_any_other(film):
    for _ in range(2):
        make_generation(film)
    run = make_generation(film)
    held = Wallet.objects.of(film.workspace).held
    assert run.cancel() and not run.cancel()
    assert Wallet.objects.of(film.workspace).held == held - run.cost
    Turn.objects.look_after()
    run.refresh_from_db()
    assert (run.status, events(run)) == (Status.CANCELLED, ["generation.throttled", "generation.cancelled"])
    assert statuses(film) == [Status.QUEUED, Status.QUEUED, Status.CANCELLED]


def test_a_film_that_is_deleted_waits_for_nothing(film):
    for _ in range(4):
        make_generation(film)
    assert Project.objects.get(pk=film.pk).delete_softly()
    assert set(statuses(film)) == {Status.CANCELLED}
    assert Wallet.objects.of(film.workspace).held == 0


def test_a_larger_plan_gives_places_and_a_smaller_one_takes_those_that_wait(film, pulse):
    for _ in range(6):
        make_generation(film)
    Generation.objects.claim_next(pulse.worker)
    put_on(film, 4)
    Dispatcher().look()
    assert statuses(film) == [Status.RUNNING] + [Status.QUEUED] * 3 + [Status.THROTTLED] * 2
    put_on(film, 1)
    Dispatcher().look()
    assert statuses(film) == [Status.RUNNING] + [Status.THROTTLED] * 5
    Subscription.objects.filter(workspace=film.workspace).delete()  # the house has no limit
    Dispatcher().look()
    assert statuses(film) == [Status.RUNNING] + [Status.QUEUED] * 5


def test_weight_and_priority_of_another_plan_count_from_the_next_look(film):
    make_generation(film)
    plan = make_plan("other", weight=7, priority=3)
    Subscription.objects.assign(film.workspace, plan)
    Dispatcher().look()
    turn = Turn.objects.get(workspace=film.workspace)
    assert (turn.weight, turn.priority) == (7, 3)


def test_without_a_plan_for_everybody_the_dispatcher_goes_on(film, settings, caplog):
    for _ in range(3):
        make_generation(film)
    Subscription.objects.all().delete()
    settings.DEFAULT_PLAN = "gone"
    Dispatcher().look()
    assert "No place in the queue can be given" in caplog.text
    assert statuses(film) == [Status.QUEUED] * 2 + [Status.THROTTLED]


@pytest.mark.parametrize("mended_by", ["dispatcher", "next request"])
def test_a_promotion_that_was_lost_is_made_up_for(film, mended_by):
    """As where a process is killed between the end of a run and the next one's place."""
    runs = [make_generation(film) for _ in range(4)]
    Generation.objects.filter(pk__in=[runs[0].pk, runs[1].pk]).update(status=Status.CANCELLED)
    if mended_by == "dispatcher":
        Dispatcher().look()
        assert statuses(film)[2:] == [Status.QUEUED] * 2
    else:
        make_generation(film)
        assert statuses(film)[2:] == [Status.QUEUED] * 2 + [Status.THROTTLED], "it stands behind those that waited"


def test_a_run_that_goes_back_into_the_line_keeps_its_place(film, pulse):
    for _ in range(4):
        make_generation(film)
    running = Generation.objects.claim_next(pulse.worker)
    running.requeue(1)
    Turn.objects.look_after()
    assert statuses(film) == [Status.QUEUED] * 2 + [Status.THROTTLED] * 2


def test_no_shift_ever_has_more_in_work_than_the_plan_allows(film, pulse):
    queue_up(film, 30)
    shift = Shift(pulse.worker, machines=8)

    def watch():
        assert film.generations.filter(status=Status.RUNNING).count() <= 2

    assert len(shift.work(watch=watch)) == 30
    shift.finish()
    assert set(statuses(film)) == {Status.FAILED}


def at_once(*acts):
    """What each act returns, all begun at the same moment, each in a thread of its own."""
    start = Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(60) for future in [pool.submit(run, act) for act in acts]]


def test_requests_at_once_take_no_place_too_many(film):
    at_once(*[lambda: [make_generation(film) for _ in range(4)]] * 8)
    assert film.generations.filter(status=Status.QUEUED).count() == 2
    assert film.generations.filter(status=Status.THROTTLED).count() == 30


def test_claims_ends_cancels_and_requests_at_once_never_exceed_the_plan(film, pulse):
    other = make_project(make_user("grace"))
    put_on(other, 3)
    queue_up(film, 20)
    queue_up(other, 20)
    seen = []

    def in_work(project):
        return project.generations.filter(status__in=IN_WORK).count()

    def serve():
        while run := Generation.objects.claim_next(pulse.worker):
            seen.append((in_work(film), in_work(other)))
            run.fail(1, code="STORY", message="It ended.")

    def cancel():
        for run in film.generations.order_by("-queued_at")[:5]:
            run.cancel()

    at_once(serve, serve, serve, serve, cancel, lambda: [make_generation(film) for _ in range(5)])
    Dispatcher().look()
    serve()
    assert max(mine for mine, _ in seen) <= 2 and max(others for _, others in seen) <= 3
    assert not Generation.objects.in_progress().exists()
    assert Wallet.objects.of(film.workspace).held == 0
    begun = Event.objects.filter(kind="generation.running").values_list("generation_id", flat=True)
    assert len(begun) == len(set(begun)), "nothing was claimed twice"

"""Who is served when, between workspaces that want the same machines: rows, claims and a clock of the story's own."""

from collections import Counter

import pytest

from generation import engines
from generation.attempt import Attempt
from generation.models import Generation, Turn
from generation.models.status import Status
from runwayweb.subscriptions.limits import LimitReached
from runwayweb.subscriptions.models import Subscription, Wallet
from tests.factories import make_generation, make_plan, make_project, make_user

from .shift import LENGTH, Shift, queue_up

pytestmark = pytest.mark.django_db(transaction=True)


def film(name, plan="house", **columns):
    """A project of somebody on that plan."""
    project = make_project(make_user(name))
    Subscription.objects.assign(project.workspace, make_plan(plan, **columns))
    return project


def shares(begun):
    """How many runs of each workspace began."""
    return Counter(one.run.workspace_id for one in begun)


@pytest.mark.slow
@pytest.mark.parametrize("machines", [1, 3])
@pytest.mark.parametrize(("plan_of_many", "plan_of_one"), [("house", "house"), ("pro", "free"), ("free", "pro")])
def test_one_run_waits_two_lengths_at_most_behind_5000(pulse, machines, plan_of_many, plan_of_one):
    many, one = film("ada", plan_of_many), film("grace", plan_of_one)
    queue_up(many, 5000)
    shift = Shift(pulse.worker, machines)
    shift.work(20)
    for _ in range(6):  # each asked for when the one before it had ended
        asked_at, asked = shift.now, make_generation(one)
        (*passed, begun) = shift.work(until=lambda one, asked=asked: one.run.pk == asked.pk)
        assert begun.at - asked_at <= 2 * LENGTH
        assert len(passed) <= machines
        shift.work(until=lambda one, at=begun.at: one.at >= at + LENGTH)


@pytest.mark.slow
@pytest.mark.parametrize("machines", [1, 3])
def test_shares_follow_the_weights(pulse, machines):
    weights = {"ada": 1, "grace": 2, "mallory": 4}
    films = {name: film(name, f"weight-{weight}", weight=weight) for name, weight in weights.items()}
    for project in films.values():
        queue_up(project, 300)
    begun = shares(Shift(pulse.worker, machines).work(210))
    for name, project in films.items():
        assert begun[project.workspace_id] == pytest.approx(210 * weights[name] / 7, rel=0.1)


@pytest.mark.slow
def test_shares_follow_the_weights_where_plans_limit_what_runs_at_once(pulse):
    """Those that wait for a place keep their turns."""
    free, pro = film("ada", "free"), film("grace", "pro")
    queue_up(free, 100)
    queue_up(pro, 200)
    begun = shares(Shift(pulse.worker).work(150))
    assert begun[free.workspace_id] == pytest.approx(30, rel=0.1)


def test_two_with_as_much_to_do_take_turns(pulse):
    films = [film("ada"), film("grace")]
    for project in films:
        queue_up(project, 10)
    served = [one.run.workspace_id for one in Shift(pulse.worker).work(10)]
    assert all(first != second for first, second in zip(served, served[1:], strict=False))


def test_of_those_due_at_once_the_higher_priority_goes_first_and_passes_once(pulse):
    low, high = film("ada", "low", priority=0), film("grace", "high", priority=5)
    queue_up(low, 3)
    queue_up(high, 3)
    served = [one.run.workspace_id for one in Shift(pulse.worker).work(4)]
    assert served == [high.workspace_id, low.workspace_id] * 2


def test_a_workspace_that_comes_late_is_owed_nothing_for_the_time_it_was_away(pulse):
    ada, grace = film("ada"), film("grace")
    queue_up(ada, 60)
    shift = Shift(pulse.worker)
    shift.work(30)
    queue_up(grace, 30)
    assert shares(shift.work(20)) == {ada.workspace_id: 10, grace.workspace_id: 10}


def test_what_a_stopping_worker_hands_back_is_next_again(pulse):
    ada, grace = film("ada"), film("grace")
    queue_up(ada, 5)
    queue_up(grace, 5)
    first = Generation.objects.claim_next(pulse.worker)
    assert first.requeue(1, counted=False)
    again = Generation.objects.claim_next(pulse.worker)
    assert (again.pk, again.attempt) == (first.pk, 2)
    assert Generation.objects.claim_next(pulse.worker).workspace_id != first.workspace_id


def test_a_loaded_model_goes_first_where_that_passes_over_nobody(pulse):
    ada, grace = film("ada"), film("grace")
    cold, warm = queue_up(ada, 3, model="cold"), queue_up(ada, 3, model="warm")
    others = queue_up(grace, 3, model="cold")
    take = Generation.objects.claim_next
    assert take(pulse.worker, {"warm"}) == warm[0], "among ada's own, who is due first"
    assert take(pulse.worker, {"warm"}) == others[0], "it is grace's turn, whatever is loaded"
    assert take(pulse.worker, {"warm"}) == warm[1]
    assert take(pulse.worker) == others[1]
    assert take(pulse.worker) == cold[0], "who loads nothing in particular takes the oldest"


def test_among_workspaces_due_at_once_the_one_of_the_loaded_model_goes_first(pulse):
    queue_up(film("ada"), 1, model="cold")
    (warm,) = queue_up(film("grace"), 1, model="warm")
    assert Generation.objects.claim_next(pulse.worker, {"warm"}) == warm


def test_a_loaded_model_passes_over_an_older_run_of_another_four_times_at_most(pulse, monkeypatch):
    """Real attempts: the first one loads the animatic, the model of the older run is not installed."""
    monkeypatch.setattr(engines, "_warm", {})
    ada = film("ada")
    make_generation(ada)
    Attempt.run_next(pulse)
    queue_up(ada, 1, model="gone")
    for _ in range(6):
        make_generation(ada)
    taken = [Attempt.run_next(pulse).generation.model for _ in range(7)]
    assert taken == ["animatic"] * 4 + ["gone"] + ["animatic"] * 2


def test_a_row_that_stands_in_no_line_is_put_into_it(pulse):
    """As after an update from before there were turns."""
    (run,) = queue_up(film("ada"), 1)
    Turn.objects.all().delete()
    assert Generation.objects.claim_next(pulse.worker) is None
    Turn.objects.look_after()
    assert Generation.objects.claim_next(pulse.worker) == run


# The slow lane


def test_the_slow_lane_costs_nothing_and_is_only_on_plans_that_have_it(pulse):
    ada = film("ada", "unlimited")
    run = make_generation(ada, slow_lane=True)
    wallet = Wallet.objects.of(ada.workspace)
    assert (run.cost, run.slow_lane, wallet.held) == (0, True, 0)
    with pytest.raises(LimitReached, match="The plan Pro has no slow lane. Unlimited lifts that limit."):
        make_generation(film("grace", "pro"), slow_lane=True)
    assert Generation.objects.count() == 1


def test_the_slow_lane_yields_to_all_that_is_paid_for_and_takes_none_of_its_places(pulse):
    ada, grace = film("ada", "unlimited", concurrency=1), film("grace", "free")
    slow = [make_generation(ada, slow_lane=True) for _ in range(3)]
    assert [run.status for run in slow] == [Status.QUEUED, Status.THROTTLED, Status.THROTTLED]
    paid = [make_generation(ada), make_generation(grace), make_generation(ada)]
    assert [run.status for run in paid] == [Status.QUEUED, Status.QUEUED, Status.THROTTLED]
    served = [one.run.pk for one in Shift(pulse.worker).work(6)]
    assert set(served[:3]) == {run.pk for run in paid}
    assert served[3:] == [run.pk for run in slow], "then it is served, in its order"


def test_the_slow_lane_is_fair_within_itself(pulse):
    many, one = film("ada", "unlimited"), film("grace", "unlimited")
    queue_up(many, 50, slow_lane=True)
    shift = Shift(pulse.worker)
    shift.work(5)
    asked = make_generation(one, slow_lane=True)
    assert asked.pk in [begun.run.pk for begun in shift.work(2)]

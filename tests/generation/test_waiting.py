"""What a card says of why its run waits and when it starts, and what that goes by: the runs that were made here."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation import history, pricing
from generation.engine import catalogue
from generation.history import Span, span_of
from generation.models import Generation, Worker
from generation.models.status import Status
from generation.waiting import Line
from runwayweb.subscriptions.models import Subscription, Wallet
from tests.factories import finish_generation, make_generation, make_plan, make_project, make_request, make_user

from .shift import Shift, queue_up

pytestmark = pytest.mark.django_db(transaction=True)


def film(name, plan="house", **columns):
    project = make_project(make_user(name))
    Subscription.objects.assign(project.workspace, make_plan(plan, **columns))
    return project


def made_in(project, seconds, **request):
    """A run that was made here in so many seconds."""
    run = make_generation(project, **request)
    finish_generation(run)
    ended = timezone.now()
    Generation.objects.filter(pk=run.pk).update(started_at=ended - timedelta(seconds=seconds), finished_at=ended)
    return run


def began_just_now(run):
    """However long this story takes to be told."""
    Generation.objects.filter(pk=run.pk).update(started_at=timezone.now() + timedelta(minutes=1))


def wait_of(run):
    run.refresh_from_db()
    return Line().wait_of(run)


def test_what_stands_before_it_is_counted_apart(project, pulse):
    mine = [make_generation(project) for _ in range(3)]
    theirs = [make_generation(make_project(make_user(name))) for name in ("grace", "mallory")]
    waits = [wait_of(run) for run in mine]
    assert [(wait.yours, wait.others) for wait in waits] == [(0, 0), (1, 2), (2, 2)]
    assert [(wait_of(run).yours, wait_of(run).others) for run in theirs] == [(0, 1), (0, 2)]
    assert waits[0].words.startswith("Waiting: you are next") and "1 of yours, 2 of others" in waits[1].words
    running = Generation.objects.claim_next(pulse.worker)
    assert Line().wait_of(running) is None


def test_the_order_that_is_told_is_the_order_that_comes(pulse):
    """Of three workspaces of other weights and priorities, whoever is told so many before it has so many before it."""
    for number, (name, weight) in enumerate({"ada": 1, "grace": 2, "mallory": 4}.items()):
        queue_up(film(name, f"plan-{name}", weight=weight, priority=number % 2), 6 + 2 * number)
    shift = Shift(pulse.worker)
    shift.work(3)
    line, waiting = Line(), Generation.objects.filter(status=Status.QUEUED)
    told = {run.pk: line.wait_of(run).ahead for run in waiting}
    came = {begun.run.pk: number for number, begun in enumerate(shift.work())}
    assert told == came


def test_one_that_waits_for_a_place_says_how_many_there_are(pulse):
    ada = film("ada", "two", concurrency=2)
    made_in(ada, 40)
    for _ in range(2):
        make_generation(ada)
        began_just_now(Generation.objects.claim_next(pulse.worker))
    for _ in range(3):
        Worker.objects.create(kind=Worker.Kind.GPU, name="idle", host="here", pid=1)
    run = make_generation(ada)
    assert run.status == Status.THROTTLED
    wait = wait_of(run)
    assert (wait.places, wait.ahead) == (2, 0)
    assert wait.words == "Your plan runs 2 at once · starts in about 40 s", "though two machines have nothing to do"


def test_the_slow_lane_waits_for_all_that_is_paid_for(project):
    ada = film("ann", "unlimited")
    slow = make_generation(ada, slow_lane=True)
    make_generation(ada)
    queue_up(project, 30)
    wait = wait_of(slow)
    assert (wait.yours, wait.others) == (1, 30)
    assert wait.words.startswith("Slow lane, behind all paid work: 1 of yours, 30 of others")


def test_a_model_that_is_not_loaded_says_how_long_that_takes(project, pulse):
    loaded = made_in(project, 30, num_frames=24)
    Generation.objects.filter(pk=loaded.pk).update(load_seconds=40)
    run = make_generation(project)
    assert "model swap 40 s" in wait_of(run).words
    assert wait_of(run).starts_in.usual == 40
    Generation.objects.claim_next(pulse.worker)  # now it is what the worker has loaded
    assert wait_of(make_generation(project)).swap_seconds == 0


def test_when_it_starts_goes_by_how_long_such_runs_took_here(project, pulse):
    for seconds in (20, 20, 20, 20, 60):
        made_in(project, seconds)
    running = make_generation(project)
    Generation.objects.claim_next(pulse.worker)
    Generation.objects.filter(pk=running.pk).update(started_at=timezone.now() - timedelta(seconds=10), step=1, steps=2)
    runs = [make_generation(project) for _ in range(3)]
    starts = [wait_of(run).starts_in for run in runs]
    assert [span.usual for span in starts] == pytest.approx([10, 30, 50], abs=5)
    assert all(span.most > span.usual for span in starts)
    Worker.objects.create(kind=Worker.Kind.GPU, name="another", host="here", pid=1)
    assert wait_of(runs[2]).starts_in.usual == pytest.approx(20, abs=5), (
        "with two machines: the idle one takes the first, 10 s, …"
    )


def test_an_estimate_goes_by_runs_of_the_same_size_where_there_are_enough(project):
    card = catalogue.card("animatic")
    small, large = make_request(num_frames=24), make_request(width=640, height=640, num_frames=24)
    assert history.expected(card, small).usual == pytest.approx(64 * 64 * 24 / 1e6 * card.seconds_per_megapixel), (
        "before there is any history"
    )
    for seconds in (9, 10, 11, 10, 30):
        made_in(project, seconds, num_frames=24)
    assert history.expected(card, small) == Span(10, pytest.approx(22.4))
    assert history.expected(card, large) == Span(
        pytest.approx(10 + 9.73 * card.seconds_per_megapixel, 0.01), pytest.approx(1000)
    ), "a hundred times as large: perhaps as long by its pixels, perhaps any takes ten seconds"
    for _ in range(5):
        made_in(project, 50, width=640, height=640, num_frames=24)
    assert history.expected(card, large) == Span(pytest.approx(50), pytest.approx(50))
    assert history.expected(card, small).usual == pytest.approx(10)


def test_a_span_says_both_where_they_are_far_apart():
    told = {
        Span(0.4, 0.5): "about a second",
        Span(12, 14): "about 12 s",
        Span(40, 130): "40 s to 2 min",
        Span(120, 250): "2 to 4 min",
        Span(130, 150): "about 2 min",
        Span(7800, 8000): "about 2 h 10 min",
    }
    assert {span: span.words for span in told} == told
    assert span_of([4.0]) == Span(4.0, 4.0)
    assert Span(10, 13) + Span(10, 14) == Span(20, 25)


def test_a_quote_says_what_is_before_it_and_when_it_is_there(project, pulse):
    made_in(project, 30)
    make_generation(project)
    began_just_now(Generation.objects.claim_next(pulse.worker))
    make_generation(project)
    make_generation(make_project(make_user("grace")))
    card = catalogue.card("animatic")
    quote = pricing.quote([make_request()], card, Wallet.objects.of(project.workspace))
    assert quote.wait.reasons == "1 of yours, 1 of others"
    assert quote.takes.usual == pytest.approx(30)
    assert round(quote.ready_in.usual) == 120


def test_whatever_waits_the_same_few_questions_are_asked(project, pulse, django_assert_max_num_queries):
    queue_up(project, 300)
    queue_up(film("grace"), 300)
    runs = list(project.generations.order_by("queued_at")[:24])
    with django_assert_max_num_queries(12 + len(runs)):
        line = Line()
        assert all(line.wait_of(run) for run in runs)


def test_how_long_runs_took_is_read_now_and_then(monkeypatch, django_assert_num_queries):
    """A page asks for it of several models, each time of fifty rows."""
    monkeypatch.setattr(history, "KEPT_SECONDS", 60.0)
    monkeypatch.setattr(history, "_read", {})
    made_in(film("ada"), 8)
    with django_assert_num_queries(1):
        assert (
            history.usual_run("animatic") == history.usual_run("animatic") == Span(pytest.approx(8), pytest.approx(8))
        )

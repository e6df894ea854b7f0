"""Machines with different models: each takes what it has, what is loaded somewhere goes there, and what nobody has is
said before it is asked for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation import machines, pricing
from generation.attempt import Attempt
from generation.dispatcher import Dispatcher
from generation.engine import catalogue
from generation.engine.catalogue import WEIGHTS
from generation.engine.memory import Room
from generation.models import Generation, Worker
from generation.models.status import Status
from generation.pulse import Pulse
from generation.waiting import Line
from runwayweb.subscriptions.models import Subscription, Wallet
from tests.factories import finish_generation, make_generation, make_plan, make_request

A, B = "painter-a", "painter-b"
FOLDERS = {name: f"{name}={WEIGHTS / 'built-in'}" for name in (A, B)}
SMALL = {"width": 128, "height": 64, "num_frames": 4}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def both(monkeypatch):
    """Both models are offered here."""
    monkeypatch.setenv("RUNWAYWEB_MODELS", ",".join(FOLDERS.values()))


def machine(*models, warm=(), **told):
    """A GPU worker on a machine with these models."""
    return Pulse("gpu", tells=lambda: {"installed": list(models), "warm": list(warm)} | told)


def loads_in(model, project, seconds):
    """Runs of a model took so long to load here."""
    run = make_generation(project, model=model)
    finish_generation(run)
    Generation.objects.filter(pk=run.pk).update(load_seconds=seconds, started_at=timezone.now())


def takes(pulse):
    """What a worker would run next."""
    pulse.announce()
    fitting = Generation.objects.exclude(machines.left_to_others(pulse))
    return next(fitting.next_in_line(pulse.worker.warm or ()), None)


def test_each_machine_takes_what_it_has(both, project):
    of_a, of_b = make_generation(project, model=A), make_generation(project, model=B)
    has_a, has_b, has_both = machine(A), machine(B), machine(A, B)
    assert takes(has_b) == of_b and takes(has_a) == of_a
    of_a.cancel()
    assert takes(has_a) is None and takes(has_both) == of_b


def test_a_machine_that_has_it_loaded_and_nothing_to_do_is_left_to_for_a_moment(both, project):
    loads_in(A, project, 40)
    cold, warm = machine(A, B), machine(A, B, warm=[A])
    run = make_generation(project, model=A)
    assert takes(cold) is None and takes(warm) == run
    of_b = make_generation(project, model=B)
    assert takes(cold) == of_b, "which nobody has loaded"
    Generation.objects.filter(pk=run.pk).update(in_line_at=timezone.now() - timedelta(minutes=1))
    assert takes(cold) == run, "it waited long enough for the other"
    Generation.objects.filter(pk=run.pk).update(in_line_at=timezone.now())
    of_b.cancel()
    make_generation(project, model=A)
    assert Generation.objects.filter(model=A).claim_next(warm.worker) == run
    assert takes(cold).model == A, "the other one is busy now"


def test_the_moment_begins_when_its_plan_lets_it_into_the_line(both, project):
    loads_in(A, project, 40)
    Subscription.objects.assign(project.workspace, make_plan("one at once", concurrency=1))
    cold, warm = machine(A, B), machine(A, B, warm=[A])
    first, second = make_generation(project, model=B), make_generation(project, model=A)
    Generation.objects.filter(pk=second.pk).update(queued_at=timezone.now() - timedelta(minutes=5))
    assert first.cancel()
    second.refresh_from_db()
    assert second.status == Status.QUEUED
    assert takes(cold) is None and takes(warm) == second


def test_what_loads_in_no_time_is_left_to_nobody(both, project):
    loads_in(A, project, 2)
    cold, _warm = machine(A), machine(A, warm=[A])
    run = make_generation(project, model=A)
    assert takes(cold) == run


def test_what_no_machine_has_is_said_before_it_is_asked_for(both, project):
    assert machines.refusal(catalogue.card(A)) == "", "nobody works here yet: nobody knows"
    machine(B)
    with pytest.raises(machines.TooSmall, match="painter-a is not installed on any machine that works here now."):
        make_generation(project, model=A)
    assert Wallet.objects.of(project.workspace).held == 0
    machine(A)
    assert make_generation(project, model=A).status == Status.QUEUED


def test_what_comes_when_it_is_needed_may_be_asked_for_while_no_machine_has_it(both, project, settings):
    """As pods do that KEDA starts from none: a run in line is what they come for."""
    settings.MODELS_ON_CALL = [A]
    permanent = machine(B)
    run = make_generation(project, model=A)
    assert run.status == Status.QUEUED and machines.refusal(catalogue.card(A)) == ""
    assert takes(permanent) is None, "it is not this machine's to fail it"
    assert takes(machine(A)) == run


def test_a_run_for_which_nothing_came_fails_too(both, project, settings, monkeypatch):
    settings.MODELS_ON_CALL = [A]
    permanent = machine(B)
    run = make_generation(project, model=A)
    settings.MODEL_AWAY_SECONDS = 0
    monkeypatch.setenv("RUNWAYWEB_MODELS", FOLDERS[B])
    assert Attempt.run_next(permanent) is not None
    run.refresh_from_db()
    assert (run.status, run.failure_code) == (Status.FAILED, "INPUT.MODEL")


def test_a_run_whose_machine_went_away_is_waited_with_and_then_fails_for_nothing(both, project, settings, monkeypatch):
    has_a, has_b = machine(A), machine(B)
    run = make_generation(project, model=A)
    has_a.stop()
    assert Attempt.run_next(has_b) is None
    assert "no machine that has this model works just now" in Line().wait_of(run).words
    settings.MODEL_AWAY_SECONDS = 0
    monkeypatch.setenv("RUNWAYWEB_MODELS", FOLDERS[B])  # which is all that this machine has
    assert Attempt.run_next(has_b) is not None
    run.refresh_from_db()
    assert (run.status, run.failure_code) == (Status.FAILED, "INPUT.MODEL") and A in run.failure
    assert Wallet.objects.of(project.workspace).available == 500


def test_a_model_that_lies_elsewhere_is_offered_and_never_drawn_here(monkeypatch, project, settings):
    monkeypatch.setenv("RUNWAYWEB_MODELS_ELSEWHERE", "ltx-2.5, sora-2")
    card = catalogue.card("ltx-2.5")
    assert card in catalogue.cards() and catalogue.is_elsewhere(card)
    with pytest.raises(catalogue.ModelNotFound, match="not installed here"):
        catalogue.card("ltx-2.5", here=True)
    elsewhere = machine("ltx-2.5", gpu_gb=85.9, ram_gb=256.0)
    run = make_generation(project, model="ltx-2.5")
    elsewhere.stop()
    settings.MODEL_AWAY_SECONDS = 0
    Attempt.run_next(machine("animatic"))
    run.refresh_from_db()
    assert (run.status, run.failure_code) == (Status.FAILED, "INPUT.MODEL")
    assert Wallet.objects.of(project.workspace).available == 500


def test_a_price_counts_loading_where_no_machine_has_it_loaded(both, project):
    loads_in(A, project, 40)
    wallet = Wallet.objects.of(project.workspace)
    quote = lambda: pricing.quote([make_request()], catalogue.card(A), wallet)  # noqa: E731
    machine(A)
    assert quote().wait.swap_seconds == 40 and quote().ready_in.usual > 40
    machine(B, warm=[A])  # such as it cannot be: it has no such model
    assert quote().wait.swap_seconds == 40
    machine(A, B, warm=[A])
    assert quote().wait.swap_seconds == 0


def test_what_never_was_loaded_is_guessed_by_the_size_of_its_weights(monkeypatch, project):
    monkeypatch.setenv("RUNWAYWEB_MODELS_ELSEWHERE", "ltx-2.5")
    machine("ltx-2.5", gpu_gb=85.9, ram_gb=256.0)
    needs = catalogue.card("ltx-2.5").needs
    wait = Line().wait_of_next(project.workspace_id, "ltx-2.5")
    assert (
        wait.swap_seconds == pytest.approx(needs.denoiser + needs.encoders + needs.autoencoder) and needs.denoiser > 5
    )


def test_only_machines_that_have_it_count_and_only_what_they_are_asked_for_stands_before_it(both, project):
    has_a, has_b = machine(A), machine(B)
    for _ in range(3):
        loads_in(B, project, 0)
        make_generation(project, model=B)
    Generation.objects.claim_next(has_b.worker)
    wait = Line().wait_of(make_generation(project, model=A))
    assert wait.starts_in.usual == 0, "the machine that has it is idle"
    assert takes(has_a).model == A


def test_there_are_as_many_wake_ups_as_machines_while_something_waits(both, project):
    from generation import queues

    for _ in range(3):
        machine(A)
    Dispatcher().wake_gpu_workers()
    assert queues.waiting_ids("gpu") == set()
    run = make_generation(project, model=A)
    Dispatcher().wake_gpu_workers()
    assert queues.waiting_ids("gpu") == {str(run.pk), "round-1", "round-2"}


def test_what_a_worker_tells_follows_what_it_has():
    has = {"installed": [A], "warm": [], "gpu_used_gb": 0.0}
    pulse = Pulse("gpu", room=Room(8.0, 64.0), tells=lambda: has)
    has |= {"installed": [A, B], "warm": [B], "gpu_used_gb": 3.5}
    pulse.announce()
    worker = Worker.objects.get(pk=pulse.worker.pk)
    assert (worker.installed, worker.warm, worker.gpu_used_gb, worker.gpu_gb) == ([A, B], [B], 3.5, 8.0)
    assert pulse.worker.has(B)


@pytest.mark.slow
def test_two_real_workers_with_different_models_each_take_their_own(both, project, site, tmp_path):
    """Each with a data folder of its own; of the other's model nothing lies there."""
    quick = {"DISPATCH_SECONDS": "0.3", "BEAT_SECONDS": "0.5"}
    site.start("dispatcher", env=quick)
    for name in (A, B):
        own = {"RUNWAYWEB_MODELS": FOLDERS[name], "RUNWAYWEB_MODELS_FOLDER": str(tmp_path / name)}
        site.start("gpu", env=quick | own)
    site.wait(lambda: len(machines.living()) == 2, seconds=90)
    assert {len(worker.installed) for worker in machines.living()} == {len(catalogue.cards()) - 1}
    runs = [make_generation(project, model=name, **SMALL) for name in (A, A, B, B, A, B)]
    site.wait(lambda: not Generation.objects.in_progress().exists(), seconds=120)
    for run in runs:
        run.refresh_from_db()
        assert run.status == Status.SUCCEEDED, run.failure
        assert run.worker.has(run.model) and len({name for name in (A, B) if run.worker.has(name)}) == 1
    warm = lambda: {name for worker in machines.living() for name in worker.warm}  # noqa: E731
    site.wait(lambda: {A, B} <= warm())
    of_b = next(process for process, worker in ((p, w) for p in site.processes for w in machines.living())
                if worker.pid == process.pid and worker.has(B))  # fmt: skip
    of_b.terminate()
    assert of_b.wait(20) == 0
    with pytest.raises(machines.TooSmall, match="painter-b is not installed"):
        make_generation(project, model=B)

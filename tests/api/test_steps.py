"""A task of several steps: side by side, one after the other, an export at the end; paid for as one."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from generation import hooks
from generation.attempt import Attempt
from generation.dispatcher import Dispatcher
from generation.engine import catalogue
from generation.engine.sound_request import SoundRequest
from generation.models import Event, Generation
from projects.cut import Clip, Cut, Source, Track
from projects.export.run import Rendering
from projects.models import Export
from runwayweb.api.caller import Caller
from runwayweb.api.models import Key, Task
from runwayweb.api.models import chain as chains
from runwayweb.api.models.budget import KeyBudgetReached
from runwayweb.api.steps import MAKERS, Chained, PlannedStep, StepFailed
from runwayweb.assets.storage import StorageAway
from runwayweb.subscriptions.models import InsufficientCredits, Plan, Wallet

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = SoundRequest("rain", 1.0, 1)  # costs one credit


def sound(step):
    project = step.chain.project
    asked = SoundRequest(step.told["prompt"], 1.0, 1)
    run = {"card": catalogue.card("foley"), "project": project, "by": None, "task": "text_to_sound"}
    return [Generation.request_run(asked, **run)]


def mix(step):
    sources = [Source("asset", str(one.work.asset_id)) for one in step.before()]
    clips = [Clip(f"c{n}", 24 * n, 24, source) for n, source in enumerate(sources)]
    cut = Cut(tracks=(Track("a1", "audio", clips=tuple(clips)),))
    return [Export.request_export(step.chain.project, by=None, cut=cut, format="wav")]


def refuse(step):
    raise StepFailed("Nobody speaks in it.", "INPUT.SILENT")


def stumble(step):
    raise ValueError("A film in a way nobody thought of.")


def find_nothing(step):
    return []


@pytest.fixture(autouse=True)
def makers(monkeypatch):
    for make in (sound, mix, refuse, stumble, find_nothing):
        name = make.__name__
        monkeypatch.setitem(MAKERS, name, make)


@pytest.fixture
def wallet(ada):
    return Wallet.objects.of(ada.open_workspace())


def planned(*steps):
    card = catalogue.card("foley")
    made = [
        PlannedStep(stage, maker, *((None, None) if maker == "mix" else (card, SECOND)), told={"prompt": maker})
        for stage, maker in steps
    ]
    return Chained("sound_effect", "foley", made)


def start(ada, chained, **limits):
    workspace = ada.open_workspace()
    key, _plain = Key.objects.issue(workspace, by=ada, name="Steps", **limits)
    caller = Caller(key, workspace, ada, Plan.objects.of(workspace))
    with transaction.atomic():
        return Task.objects.start(chained, caller)


def told(program, task):
    return program.get(f"/v1/tasks/{task.pk}").json()


def run_all(pulse):
    while Attempt.run_next(pulse):
        pass
    for export in Export.objects.waiting():
        Rendering(export).run()


def test_two_sounds_side_by_side_and_their_mix_are_one_task(program, ada, pulse, wallet):
    before = wallet.available
    task = start(ada, planned((0, "sound"), (0, "sound"), (1, "mix")))
    wallet.refresh_from_db()
    assert (wallet.available, wallet.held) == (before - 2, 2)
    assert told(program, task) == {
        "id": str(task.pk),
        "createdAt": told(program, task)["createdAt"],
        "status": "PENDING",
        "estimatedCost": {"credits": 2},
    }
    Attempt.run_next(pulse)
    halfway = told(program, task)
    assert (halfway["status"], halfway["progress"]) == ("RUNNING", pytest.approx(1 / 3, abs=0.01))
    run_all(pulse)
    done = told(program, task)
    assert (done["status"], done["cost"]) == ("SUCCEEDED", {"credits": 2}), done
    assert done["output"][0].split("?")[0].endswith("sound.wav") and len(done["output"]) == 1
    assert task.chain.steps.count() == 3 and Export.objects.get().asset.duration_seconds == 2
    wallet.refresh_from_db()
    assert (wallet.available, wallet.held) == (before - 2, 0)
    kinds = list(Event.objects.filter(kind__startswith="task.").values_list("kind", flat=True))
    assert kinds == ["task.queued", "task.running", "task.succeeded"]
    assert Event.objects.filter(generation_id=task.pk).count() == 3


def test_the_budget_of_its_key_holds_for_all_of_it_and_has_back_what_was_not_made(program, ada, pulse):
    task = start(ada, planned((0, "sound"), (1, "refuse")), credit_budget=2)
    key = Key.objects.get(name="Steps")
    assert (key.credits_used, key.credits_left) == (2, 0)
    run_all(pulse)
    assert told(program, task)["cost"] == {"credits": 1}
    key.refresh_from_db()
    assert key.credits_used == 1
    with pytest.raises(KeyBudgetReached):
        start(ada, planned((0, "sound"), (1, "sound")), credit_budget=1)
    assert Task.objects.count() == 1


def test_what_comes_later_is_held_from_the_beginning_or_nothing_begins(ada, wallet):
    wallet.take_back(wallet.available - 2, reference="test")
    with pytest.raises(InsufficientCredits):
        start(ada, planned((0, "sound"), (1, "sound"), (2, "sound")))
    assert not Task.objects.exists() and not Generation.objects.exists()
    task = start(ada, planned((0, "sound"), (1, "sound")))
    wallet.refresh_from_db()
    assert (wallet.available, wallet.held, Generation.objects.count()) == (0, 2, 1)
    assert task.estimate == 2


def test_one_after_the_other_each_is_paid_from_what_was_held_for_it(program, ada, pulse, wallet):
    task = start(ada, planned((0, "sound"), (1, "sound")))
    wallet.refresh_from_db()
    wallet.take_back(wallet.available, reference="test")  # somebody else spends all the rest meanwhile
    run_all(pulse)
    assert told(program, task)["status"] == "SUCCEEDED"
    wallet.refresh_from_db()
    assert (wallet.available, wallet.held, wallet.spent) == (0, 0, 2)


def test_a_step_that_fails_ends_all_and_only_what_was_made_is_charged(program, ada, pulse, wallet):
    before = wallet.available
    task = start(ada, planned((0, "sound"), (1, "refuse"), (2, "mix")))
    run_all(pulse)
    ended = told(program, task)
    assert (ended["status"], ended["failure"], ended["failureCode"]) == (
        "FAILED",
        "Nobody speaks in it.",
        "INPUT.SILENT",
    )
    assert ended["cost"] == {"credits": 1} and not Export.objects.exists()
    wallet.refresh_from_db()
    assert (wallet.available, wallet.held) == (before - 1, 0)


def test_more_than_was_held_is_not_begun(program, ada, pulse, wallet, monkeypatch):
    monkeypatch.setitem(MAKERS, "sounds", lambda step: [*sound(step), *sound(step)])
    before = wallet.available
    task = start(ada, planned((0, "sound"), (1, "sounds")))
    run_all(pulse)
    assert told(program, task)["failureCode"] == "INPUT.LENGTH" and Generation.objects.count() == 1
    wallet.refresh_from_db()
    assert (wallet.available, wallet.held) == (before - 1, 0)


def test_cancelling_stops_every_step_and_gives_all_back(program, ada, pulse, wallet):
    before = wallet.available
    task = start(ada, planned((0, "sound"), (0, "sound"), (1, "sound")))
    assert program.delete(f"/v1/tasks/{task.pk}").status_code == 204
    assert program.delete(f"/v1/tasks/{task.pk}").status_code == 204
    assert program.get(f"/v1/tasks/{task.pk}").status_code == 404
    task.chain.refresh_from_db()
    assert task.chain.status == "cancelled" and not Generation.objects.in_progress().exists()
    wallet.refresh_from_db()
    assert (wallet.available, wallet.held) == (before, 0)
    assert Attempt.run_next(pulse) is None


def test_a_step_stopped_in_the_studio_cancels_the_task(program, ada, wallet):
    task = start(ada, planned((0, "sound"), (0, "sound")))
    Generation.objects.first().cancel()
    assert told(program, task)["status"] == "CANCELLED" and not Generation.objects.in_progress().exists()


def test_a_task_whose_news_was_lost_goes_on_with_the_dispatcher(program, ada, pulse, monkeypatch):
    task = start(ada, planned((0, "sound"), (1, "sound")))
    with monkeypatch.context() as deaf:
        deaf.setattr(hooks, "ended", [one for one in hooks.ended if one is not chains.ended])
        run_all(pulse)
    assert Generation.objects.count() == 1
    Dispatcher().tell_rooms_above()
    run_all(pulse)
    assert told(program, task)["status"] == "SUCCEEDED"


def test_a_step_that_breaks_ends_the_task_and_gives_back_what_was_not_made(program, ada, pulse, wallet, caplog):
    before = wallet.available
    task = start(ada, planned((0, "sound"), (1, "stumble"), (2, "mix")), credit_budget=2)
    run_all(pulse)
    ended = told(program, task)
    assert (ended["status"], ended["failure"], ended["failureCode"]) == ("FAILED", chains.LOST, "INTERNAL.STEP")
    assert ended["cost"] == {"credits": 1} and "nobody thought of" in caplog.text
    wallet.refresh_from_db()
    assert (wallet.available, wallet.held) == (before - 1, 0)
    assert Key.objects.get(name="Steps").credits_used == 1
    assert Event.objects.filter(generation_id=task.pk).order_by("sequence").last().kind == "task.failed"


def test_a_step_with_nothing_to_do_is_left_out_where_it_may_be(program, ada, pulse, wallet):
    before = wallet.available
    chained = planned((0, "sound"), (1, "find_nothing"), (2, "mix"))
    needed = start(ada, chained)
    chained.steps[1] = replace(chained.steps[1], optional=True)
    optional = start(ada, chained)
    run_all(pulse)
    assert told(program, needed)["failureCode"] == "INTERNAL.STEP"
    assert (told(program, optional)["status"], told(program, optional)["cost"]) == ("SUCCEEDED", {"credits": 1})
    wallet.refresh_from_db()
    assert (wallet.available, wallet.held) == (before - 2, 0)


def test_a_storage_that_is_away_for_a_moment_costs_no_task(program, ada, pulse, monkeypatch):
    away = [StorageAway("It does not answer.")]

    def patient_sound(step):
        if away:
            raise away.pop()
        return sound(step)

    monkeypatch.setitem(MAKERS, "rain", patient_sound)
    task = start(ada, planned((0, "sound"), (1, "rain")))
    run_all(pulse)
    assert told(program, task)["status"] == "RUNNING" and not away
    Dispatcher().tell_rooms_above()
    run_all(pulse)
    assert told(program, task)["status"] == "SUCCEEDED"


def test_a_task_that_cannot_go_on_keeps_no_other_waiting(program, ada, pulse, monkeypatch, caplog):
    broken, other = (start(ada, planned((0, "sound"), (1, "sound"))) for _ in range(2))
    go_on = chains.Chain.go_on

    def break_one(chain):
        if chain.pk == broken.pk:
            raise IntegrityError("twice")
        return go_on(chain)

    with monkeypatch.context() as deaf:
        deaf.setattr(hooks, "ended", [one for one in hooks.ended if one is not chains.ended])
        run_all(pulse)
        deaf.setattr(chains.Chain, "go_on", break_one)
        Dispatcher().tell_rooms_above()
    assert f"Chain {broken.pk} cannot go on" in caplog.text
    assert [task.chain.steps.exclude(generation=None).count() for task in (broken, other)] == [1, 2]


def test_tasks_of_others_and_of_deleted_films_are_out_of_sight(program, stranger, ada):
    task = start(ada, planned((0, "sound")))
    assert stranger.get(f"/v1/tasks/{task.pk}").status_code == 404
    assert [one["id"] for one in program.get("/v1/tasks").json()["data"]] == [str(task.pk)]
    task.chain.project.delete_softly()
    assert program.get(f"/v1/tasks/{task.pk}").status_code == 404

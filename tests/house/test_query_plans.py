"""What is asked every other second reads by an index what is open, and never all that has been; so does what each page
and each stream asks."""

import uuid

import pytest
from django.db import connection

from generation import history
from generation.models import Event, Generation
from generation.waiting import living_workers
from projects.models import Invocation, Measurement, Project, Take
from projects.models.measurement import LATELY
from runwayweb.api.models import Chain
from runwayweb.assets.models import Asset

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite tells how it goes about a question"),
]


def plan_of(question):
    """The steps in which SQLite finds the rows: “SEARCH projects_take USING INDEX … (shot_id=?)” each."""
    return [step.split(maxsplit=3)[3] for step in question.explain().splitlines()]


def searches(plan):
    """The indexes by which rows are found, where none of the steps goes through a whole table or index."""
    assert not [step for step in plan if step.startswith("SCAN")], plan
    return {step.partition(" INDEX ")[2].split()[0] for step in plan if " INDEX " in step}


OPEN = [
    (lambda: Measurement.wanted(Take.objects.live(), within=LATELY), {"runs_ended", "measurements_to_do"}),
    (lambda: Invocation.objects.to_go_on(), {"nodes_running", "projects_in_status_54d156_idx"}),
    (lambda: Asset.objects.unprepared(), {"assets_to_prepare"}),
    (lambda: Asset.objects.unprepared().order_by("created_at"), {"assets_to_prepare"}),
    (lambda: Chain.objects.in_progress(), {"chains_open"}),
]


@pytest.mark.parametrize(("question", "indexes"), OPEN, ids=["takes", "workflows", "assets", "oldest asset", "chains"])
def test_what_is_open_is_found_by_an_index_of_what_is(question, indexes):
    assert indexes <= searches(plan_of(question()))


def test_what_a_worker_ran_last_is_the_first_of_its_runs_and_they_are_not_sorted():
    plan = plan_of(living_workers())
    assert "runs_of_a_worker" in searches(plan) and not any("TEMP B-TREE" in step for step in plan)


def test_what_is_in_progress_is_found_along_the_line_and_not_among_all_that_a_workspace_made():
    (step,) = plan_of(Generation.objects.in_progress_of(uuid.uuid4()))
    assert "(status=? AND slow_lane=? AND workspace_id=?)" in step


def test_how_long_a_model_took_to_load_is_found_among_the_runs_that_loaded_it(monkeypatch):
    asked = []
    monkeypatch.setattr(history, "list", lambda question: asked.append(question) or [], raising=False)
    history.load_seconds("animatic")
    plan = plan_of(asked[0])
    assert searches(plan) == {"runs_that_loaded"} and not any("TEMP B-TREE" in step for step in plan)


def test_the_cards_of_a_desk_sort_no_films_runs():
    plan = plan_of(Project.objects.filter(workspace=uuid.uuid4()).with_cards())
    assert not [step for step in plan if step.startswith("SCAN")], plan
    assert len([step for step in plan if "TEMP B-TREE" in step]) <= 1, "but the films themselves, by their dates"


def test_a_stream_reads_the_events_of_what_it_follows():
    plan = plan_of(Event.objects.after(7, uuid.uuid4()))
    assert searches(plan) == {"events_of_a_generation"} and not any("TEMP B-TREE" in step for step in plan)


def test_a_question_that_goes_through_all_is_seen():
    with pytest.raises(AssertionError):
        searches(plan_of(Asset.objects.filter(name="fox")))

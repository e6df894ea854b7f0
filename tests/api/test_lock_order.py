"""Whoever locks several rows does so in one order: places, a film's budget, the wallet, what is counted for the day,
the key. On PostgreSQL two that lock the other way round wait for each other until one of them is ended."""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from generation.attempt import Attempt
from generation.departures import stop_work_of
from generation.models import Generation
from generation.refunds import refund
from tests.api.test_recipes import CUSTOM
from tests.factories import make_generation, make_project

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = ["generation_turn", "projects_budget", "subscriptions_wallet", "api_begun", "api_key"]
# SQLite has no FOR UPDATE: a budget is looked at for nothing else in these transactions.
LOCKS = re.compile(r'^(?:UPDATE "(\w+)"|INSERT INTO "(\w+)"|SELECT .* FROM "(projects_budget|generation_turn)")')


def locked_by(work):
    """The tables of ORDER in the order in which rows of theirs were first locked."""
    with CaptureQueriesContext(connection) as told:
        work()
    found = filter(None, (LOCKS.match(query["sql"]) for query in told))
    tables = [next(filter(None, one.groups())) for one in found]
    return [table for table in dict.fromkeys(tables) if table in ORDER]


def in_order(tables):
    return sorted(tables, key=ORDER.index)


def test_a_task_of_several_steps_locks_as_one_of_a_single_step(program):
    program.post("/v1/recipes/multi_shot_video", CUSTOM)  # the rows are there now, as they are in most calls
    several = locked_by(lambda: program.post("/v1/recipes/multi_shot_video", CUSTOM))
    one = {"model": "animatic", "promptText": "a red fox", "ratio": "256:144", "duration": 2}
    program.post("/v1/text_to_video", one)
    single = locked_by(lambda: program.post("/v1/text_to_video", one))
    assert several == in_order(several) and {"projects_budget", "subscriptions_wallet", "api_begun"} <= set(several)
    assert single == in_order(single) and {"projects_budget", "subscriptions_wallet", "api_begun"} <= set(single)


def test_a_refund_locks_as_runs_do(ada, pulse):
    make_generation(make_project(ada), ada, num_frames=2, width=64, height=64)
    run = Attempt.run_next(pulse).generation
    assert run.charged
    tables = locked_by(lambda: refund(run))
    assert tables == ["projects_budget", "subscriptions_wallet"]


def test_runs_of_several_films_are_stopped_with_all_their_budgets_before_the_wallet(ada):
    for _number in range(2):
        make_generation(make_project(ada), ada)
    told = []

    def stop():
        with transaction.atomic():
            stop_work_of(ada.open_workspace(), ada)

    with CaptureQueriesContext(connection) as queries:
        stop()
    for query in queries:
        if found := LOCKS.match(query["sql"]):
            told.append(next(filter(None, found.groups())))
    wallet = told.index("subscriptions_wallet")
    assert told[:wallet].count("projects_budget") >= 2, "both, before the credits of the first come back"
    assert not Generation.objects.in_progress().exists()

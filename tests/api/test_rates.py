"""Too many requests, too many generations in a day (case 21), and both while Valkey is away."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from generation import circuit
from runwayweb.api import rates
from runwayweb.api.models import Begun, Task
from runwayweb.subscriptions.models import Subscription, Wallet
from tests.api.callers import ask, make_key
from tests.factories import make_plan, make_user

pytestmark = pytest.mark.django_db
BODY = {"model": "animatic", "promptText": "a red fox in a forest", "ratio": "1280:720", "duration": 2}
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture
def ada():
    ada = make_user("ada")
    Wallet.objects.of(ada.open_workspace()).grant(10_000, reference="for the stories")
    return ada


@pytest.fixture(autouse=True)
def _well_into_a_window():
    """These stories take seconds, and a window that begins in between would let more through."""
    if (left := rates.WINDOW_SECONDS - time.time() % rates.WINDOW_SECONDS) < 10:
        time.sleep(left)


def on(ada, **limits):
    Subscription.objects.assign(ada.open_workspace(), make_plan("pro", **limits))


def look(plain):
    return ask("GET", "/v1/organization", plain)


def begin(plain, model="animatic"):
    return ask("POST", "/v1/text_to_video", plain, BODY | {"model": model})


@pytest.mark.slow
def test_every_answer_says_where_the_key_stands_and_too_many_are_refused(ada):
    on(ada, requests_a_minute=3)
    plain, other = make_key(ada), make_key(ada)
    for left in (2, 1, 0):
        answer = look(plain)
        limit, remaining, reset = (int(answer[name]) for name in HEADERS)
        assert (answer.status_code, limit, remaining) == (200, 3, left) and 0 < reset <= 60
    refused = look(plain)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60 and refused["X-RateLimit-Remaining"] == "0"
    assert refused.json() == {
        "error": "The plan Pro answers 3 requests a minute of each API key. Unlimited lifts that limit."
    }
    assert begin(plain).status_code == 429 and not Task.objects.exists(), "also what makes work"
    assert look(other).status_code == 200, "each key has its own"


def test_the_next_window_begins_anew(ada, monkeypatch):
    on(ada, requests_a_minute=1)
    plain = make_key(ada)
    assert [look(plain).status_code for _ in range(2)] == [200, 429]
    later = time.time() + rates.WINDOW_SECONDS
    monkeypatch.setattr(rates.time, "time", lambda: later)
    assert look(plain).status_code == 200


def test_a_plan_without_that_limit_says_nothing_of_it(ada):
    answer = look(make_key(ada))
    assert answer.status_code == 200 and not any(name in answer for name in HEADERS)


def test_without_valkey_reads_go_through_and_work_is_counted_in_the_database(ada, valkey):
    on(ada, requests_a_minute=3)
    plain = make_key(ada)
    valkey.stop()
    try:
        began = time.monotonic()
        assert {look(plain).status_code for _ in range(5)} == {200}
        assert time.monotonic() - began < 5, "an outage is waited for once"
        assert [begin(plain).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
        assert look(plain).status_code == 200
    finally:
        valkey.ready()
        circuit.valkey.reset()
    assert look(plain).status_code == 200


def test_only_so_many_generations_of_each_model_are_begun_in_a_day(ada):
    on(ada, generations_a_day=2)
    plain, other = make_key(ada), make_key(ada)
    assert [begin(plain).status_code, begin(other).status_code] == [200, 200]
    refused = begin(plain)
    assert refused.status_code == 429
    assert refused.json()["error"] == (
        "The plan Pro begins 2 generations a day of each model by API. Unlimited lifts that limit."
    )
    until_midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert abs(int(refused["Retry-After"]) - (until_midnight - datetime.now(UTC)).total_seconds()) < 5
    assert (
        Task.objects.count() == 2 and Wallet.objects.of(ada.open_workspace()).held == 2 * Task.objects.first().estimate
    )
    assert begin(plain, "built-in").status_code == 200, "each model has its own"
    told = look(plain).json()
    assert told["tier"]["models"]["animatic"]["maxDailyGenerations"] == 2
    assert told["usage"]["models"]["animatic"] == {"dailyGenerations": 2}
    Begun.objects.update(day=datetime.now(UTC).date() - timedelta(days=1))
    assert begin(plain).status_code == 200, "a new day"


def test_what_is_refused_for_another_reason_is_not_counted_as_begun(ada):
    on(ada, generations_a_day=1)
    plain = make_key(ada, credit_budget=0)
    assert begin(plain).status_code == 400
    assert not Begun.objects.exists()


def test_more_than_the_plan_runs_at_once_waits_and_is_not_refused(ada):
    on(ada, concurrency=1)
    plain = make_key(ada)
    tasks = [begin(plain).json()["id"] for _ in range(2)]
    told = [ask("GET", f"/v1/tasks/{id}", plain).json()["status"] for id in tasks]
    assert told == ["PENDING", "THROTTLED"]

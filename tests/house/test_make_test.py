"""`make test` without Chromium or Node: the closing line says what was skipped, and under CI it is a failure.

And two groups side by side, with the second try that continuous integration gives to what failed there.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

from tests.groups import group


def journeys(tmp_path, *which, **env):
    """Run the browser journeys, or `which` stories, where no Chromium and no Node is to be found."""
    which = which or ("tests/browser", "-m", "not slow")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *which]
    env = os.environ | {"PATH": str(tmp_path), "CI": ""} | env
    return subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
def test_without_chromium_the_closing_line_says_so(tmp_path):
    answer = journeys(tmp_path)
    assert answer.returncode == 0, answer.stdout
    assert "journeys skipped because Chromium is missing in " in answer.stdout.splitlines()[-1]


@pytest.mark.slow
def test_in_continuous_integration_a_missing_chromium_is_a_failure(tmp_path):
    answer = journeys(tmp_path, CI="true")
    assert answer.returncode == 1
    assert "Chromium is missing: install it with" in answer.stdout


@pytest.mark.slow
def test_without_node_the_closing_line_says_so_too(tmp_path):
    answer = journeys(tmp_path, "tests/house/test_prepare.py", "-m", "node")
    assert answer.returncode == 0, answer.stdout
    assert "stories skipped because Node or what it runs is missing" in answer.stdout.splitlines()[-1]


@pytest.mark.slow
def test_in_continuous_integration_a_missing_node_is_a_failure(tmp_path):
    answer = journeys(tmp_path, "tests/house/test_prepare.py", "-m", "node", CI="true")
    assert answer.returncode == 1
    assert "Node is missing: install it with" in answer.stdout


STORY = """
import os
from pathlib import Path

def test_{name}():
    process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with Path("told").open("a") as told:
        told.write("{name} " + process + "\\n")
    assert {claim}
"""


class Suite:
    """Stories of one claim each, in `folder`, that are run as continuous integration runs ours."""

    def __init__(self, folder, **claims):
        self.folder = folder
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\nmarkers = slow\n")
        for name, claim in claims.items():
            place = folder / "tests" / name.partition("_")[0] / f"test_{name}.py"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(STORY.format(name=name, claim=claim))
        shutil.copy(settings.BASE_DIR / "tests" / "groups.py", folder / "tests")
        (folder / "tests" / "conftest.py").write_text("from tests.groups import pytest_xdist_make_scheduler\n")

    def run(self):
        """The exit status; `tried` has each story with the processes it ran in."""
        env = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"}
        env = {name: value for name, value in env.items() if not name.startswith("PYTEST_XDIST")}
        command = [settings.BASE_DIR / ".ci" / "stories", "not slow"]
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=120)
        self.said = done.stdout + done.stderr
        self.tried = {}
        for name, process in map(str.split, (self.folder / "told").read_text().splitlines()):
            self.tried.setdefault(name, []).append(process)
        return done.returncode


def test_who_goes_together_is_in_one_process_and_what_fails_there_has_to_pass_alone(tmp_path):
    suite = Suite(tmp_path, faults_killed="True", faults_frozen="process == 'alone'", projects="True")
    assert suite.run() == 0, suite.said
    [one], [other] = suite.tried["faults_killed"], suite.tried["projects"]
    assert suite.tried["faults_frozen"] == [one, "alone"]
    assert {one, other} == {"gw0", "gw1"}


def test_what_fails_alone_too_is_a_failure(tmp_path):
    suite = Suite(tmp_path, faults="process == 'alone'", projects="False", api="True")
    assert suite.run() == 1, suite.said
    assert [len(suite.tried[name]) for name in ("faults", "projects", "api")] == [2, 2, 1]


@pytest.mark.slow
def test_nothing_gets_a_second_try_where_not_all_got_a_first(tmp_path):
    """One fails in a way that passes alone, another ends everything: what was never tried must not count as passed."""
    suite = Suite(tmp_path, faults="process == 'alone'", projects="__import__('pytest').exit('enough', 2)")
    assert suite.run() not in (0, 1), suite.said
    assert not [name for name, processes in suite.tried.items() if "alone" in processes]


@pytest.mark.slow
def test_a_second_try_that_finds_nothing_to_try_is_a_failure(tmp_path):
    suite = Suite(tmp_path, projects="process == 'alone'", api="True")
    (tmp_path / ".pytest_cache").write_text("no folder: what failed cannot be kept")
    assert suite.run() == 5, suite.said


def test_files_that_may_follow_journeys_need_no_event_loop():
    tests = settings.BASE_DIR / "tests"
    files = {file.relative_to(settings.BASE_DIR).as_posix(): file.read_text() for file in tests.rglob("test_*.py")}
    journeys, _together = group("tests/browser/test_film.py")
    after = {path: text for path, text in files.items() if group(path)[0] > journeys}
    assert len(after) > 40
    assert not [path for path, text in after.items() if re.search(r"\basync |asgiref|django_db|\(db\b", text)]


def test_the_studios_own_rules_are_among_what_make_lint_does():
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    says = subprocess.run(["make", "-n", "lint"], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)
    assert says.returncode == 0, says.stderr
    assert re.search(r"^\S+python -m pytest .*tests/house/test_code_rules\.py$", says.stdout, re.MULTILINE)

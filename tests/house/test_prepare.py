"""`make run` begins with prepare.py, on whatever Python there is."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

RUN = """
import runpy, sys
sys.argv = ["prepare.py", "requirements.txt"]
runpy.run_path("prepare.py", run_name="__main__")
"""


@pytest.fixture
def checkout(tmp_path):
    """A folder with prepare.py and a requirements file that names nothing."""
    shutil.copy(Path(settings.BASE_DIR) / "prepare.py", tmp_path)
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def prepare(checkout, before=""):
    return subprocess.run([sys.executable, "-c", f"{before}\n{RUN}"], cwd=checkout, capture_output=True, text=True)


def test_a_python_that_is_too_old(checkout):
    answer = prepare(checkout, before="import sys; sys.version_info = (3, 9, 18)")
    assert answer.returncode == 1
    (sentence,) = answer.stderr.splitlines()
    assert "needs Python 3.11 or newer" in sentence and "is 3.9" in sentence


def test_a_python_without_its_venv_module(checkout):
    answer = prepare(checkout, before="import sys; sys.modules['ensurepip'] = None")
    assert answer.returncode == 1
    (sentence,) = answer.stderr.splitlines()
    assert "venv module is missing" in sentence and "apt install python3-venv" in sentence
    assert not (checkout / ".venv").exists()


def test_an_environment_is_made_once_and_installed_into_when_requirements_change(checkout):
    first = prepare(checkout)
    assert first.returncode == 0, first.stderr
    assert "Making .venv" in first.stdout and "Installing requirements.txt" in first.stdout
    assert prepare(checkout).stdout == ""

    (checkout / "requirements.txt").write_text("pip\n")
    assert "Installing requirements.txt" in prepare(checkout).stdout

    (checkout / "requirements.txt").write_text("./no-such-package\n")
    failed = prepare(checkout)
    assert failed.returncode == 1
    assert "pip could not install requirements.txt" in failed.stderr.splitlines()[-1]
    assert "Installing requirements.txt" in prepare(checkout).stdout  # what failed is tried again

"""`make run` begins with prepare.py, on whatever Python there is."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.node import needs_node

RUN = """
import runpy, sys
sys.argv = ["prepare.py", {requirements!r}]
runpy.run_path("prepare.py", run_name="__main__")
"""


@pytest.fixture
def checkout(tmp_path):
    """A folder with prepare.py and a requirements file that names nothing."""
    shutil.copy(Path(settings.BASE_DIR) / "prepare.py", tmp_path)
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def prepare(checkout, before="", requirements="requirements.txt", **env):
    program = f"{before}\n{RUN.format(requirements=requirements)}"
    env = os.environ | env
    return subprocess.run([sys.executable, "-c", program], cwd=checkout, env=env, capture_output=True, text=True)


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


@pytest.mark.slow
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


@pytest.fixture
def for_node(checkout):
    """A folder whose package stands on a neighbour of its own, which no registry has to be asked for."""
    folder = checkout / "examples"
    for name, package in (
        ("neighbour", {"name": "neighbour", "version": "1.0.0"}),
        ("examples", {"dependencies": {"neighbour": "file:../neighbour"}}),
    ):
        (checkout / name).mkdir()
        (checkout / name / "package.json").write_text(json.dumps(package))
    subprocess.run(["npm", "install", "--package-lock-only", "--offline"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.slow
@needs_node
def test_packages_of_node_are_installed_when_their_lock_changes(checkout, for_node):
    lock = "examples/package-lock.json"
    first = prepare(checkout, requirements=lock)
    assert first.returncode == 0, first.stderr
    assert "Installing examples/package-lock.json for Node" in first.stdout
    assert (for_node / "node_modules" / "neighbour" / "package.json").exists()
    assert prepare(checkout, requirements=lock).stdout == ""

    shutil.rmtree(for_node / "node_modules")
    assert "for Node" in prepare(checkout, requirements=lock).stdout

    (for_node / "package-lock.json").write_text("{}")
    failed = prepare(checkout, requirements=lock)
    assert failed.returncode == 0 and failed.stdout.endswith("The stories of Node are skipped.\n")


def test_without_node_it_says_what_that_means(checkout, tmp_path):
    (checkout / "package-lock.json").write_text("{}")
    answer = prepare(checkout, requirements="package-lock.json", PATH=str(tmp_path))
    assert answer.returncode == 0
    assert answer.stdout.splitlines()[-1].startswith("Without Node: its stories are skipped.")

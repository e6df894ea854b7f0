"""Imports run downwards, and only the GPU worker loads torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.groups import group

ROOT = Path(__file__).parent.parent
ABOVE = ("runwayweb.api", "runwayweb.console")  # the rooms that nobody below leans on
FORBIDDEN = {
    "generation/engine": ("django", "channels", "rq", "runwayweb", "projects", "generation.models"),
    "generation": ("django.http", "django.shortcuts", "django.urls", "projects", *ABOVE),
    "projects": ABOVE,
    "runwayweb/api": ("runwayweb.console",),
    "runwayweb/assets": ("generation", "projects", *ABOVE),
    "runwayweb/subscriptions": ("runwayweb.assets", "generation", "projects", *ABOVE),
    "runwayweb/accounts": ("runwayweb.subscriptions", "runwayweb.assets", "generation", "projects", *ABOVE),
}
# What each process that is not a GPU worker loads, down to its urls and jobs.
WITHOUT_TORCH = {
    "web": "import runwayweb.asgi; from django.urls import get_resolver; get_resolver().url_patterns",
    "dispatcher": "import django; django.setup(); import generation.management.commands.dispatcher",
    "media worker": "import django; django.setup(); import generation.management.commands.mediaworker, generation.jobs",
    "webhooks": "import django; django.setup(); import runwayweb.api.management.commands.webhooks",
    "supervisor": "import django; django.setup(); import runwayweb.management.commands.up",
    "contract of the engine": "import generation.engine.request, generation.engine.clip, generation.engine.catalogue",
}


def imports_of(source, package):
    """Every module a source names in an import, at its top or inside a function, relative ones resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def forbidden_imports(source, package, forbidden):
    below = tuple(f"{room}." for room in forbidden)
    return {name for name in imports_of(source, package) if name in forbidden or name.startswith(below)}


@pytest.mark.parametrize("room", FORBIDDEN)
def test_imports_run_downwards(room):
    files = sorted((ROOT / room).rglob("*.py"))
    assert files, f"{room} has no Python in it"
    found = {}
    for file in files:
        package = ".".join(file.parent.relative_to(ROOT).parts)
        if wrong := forbidden_imports(file.read_text(), package, FORBIDDEN[room]):
            found[str(file.relative_to(ROOT))] = wrong
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "import projects.models",
        "from projects import forms",
        "def f():\n    from projects.models.project import Project",
        "from ..assets.models import Asset",
        "from .. import assets",
    ],
)
def test_an_import_that_runs_upwards_is_seen(source):
    assert forbidden_imports(source, "runwayweb.accounts", FORBIDDEN["runwayweb/accounts"])


@pytest.mark.parametrize("process", WITHOUT_TORCH)
def test_only_the_gpu_worker_loads_torch(process):
    heavy = "[m for m in ('torch', 'diffusers', 'transformers') if m in sys.modules]"
    code = f"import sys; {WITHOUT_TORCH[process]}; sys.exit(' '.join({heavy}) or 0)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert loaded.returncode == 0, loaded.stderr


def test_nothing_follows_journeys_but_what_knows_no_event_loop(request):
    places = [group(item.nodeid)[0] for item in request.session.items]
    assert places == sorted(places), "Playwright's event loop would run below those that need one of their own"

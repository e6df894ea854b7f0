"""The examples of the reference, run: Python, Node and curl send the same, and it is what the document says."""

import contextlib
import io
import shutil
import subprocess

import pytest

from runwayweb.api.reference.document import document
from runwayweb.api.reference.examples import EXAMPLES
from runwayweb.api.reference.page import rooms
from tests import node
from tests.servers.recorder import Recorder

CALLS = {call.id: call for room in rooms() for call in room.calls}
KEY = "rwk_of_a_story"


@pytest.fixture(scope="module")
def recorder():
    server = Recorder().start()
    yield server
    server.stop()


@pytest.fixture
def environment(recorder, monkeypatch):
    recorder.asked.clear()
    monkeypatch.setenv("RUNWAYML_BASE_URL", recorder.url)
    monkeypatch.setenv("RUNWAYML_API_SECRET", KEY)


def code(call, language):
    return next(text for name, _title, text in call.code if name == language)


def check(call, asked):
    """That a request is the one of the example."""
    example = EXAMPLES[call.id]
    path = call.path
    for name, value in example.get("path", {}).items():
        path = path.replace(f"{{{name}}}", value)
    query = {name: str(value) for name, value in example.get("query", {}).items()}
    assert (asked.method, asked.path, asked.query, asked.body) == (call.method, path, query, example.get("body"))
    if call.scope:
        assert asked.headers["authorization"] == f"Bearer {KEY}"
        assert asked.headers["x-runway-version"] == document()["info"]["version"]


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS.values(), ids=lambda call: call.id)
def test_python_sends_the_example(call, recorder, environment):
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code(call, "python"), call.id, "exec"), {})
    (asked,) = recorder.asked
    check(call, asked)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
def test_curl_sends_the_examples(recorder, environment):
    for call in CALLS.values():
        subprocess.run(["bash", "-e", "-c", code(call, "curl")], check=True, capture_output=True, timeout=20)
        check(call, recorder.asked.pop())


@node.needs_node
def test_node_sends_the_examples(recorder, environment, tmp_path):
    (tmp_path / "node_modules").symlink_to(node.MODULES)
    for call in CALLS.values():
        (tmp_path / f"{call.id}.mjs").write_text(code(call, "node"))
    (tmp_path / "all.mjs").write_text("".join(f'await import("./{name}.mjs")\n' for name in CALLS))
    told = node.start("all.mjs", folder=tmp_path)
    output, complaints = told.communicate(timeout=60)
    assert told.returncode == 0, output + complaints
    for call, asked in zip(CALLS.values(), recorder.asked, strict=True):
        check(call, asked)

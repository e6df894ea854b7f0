"""Runway's client for JavaScript, unmodified, against a whole studio. The stories are in node/, as Node's own tests."""

import json
import shutil
from pathlib import Path

import pytest

from runwayweb.api.reference.examples import EXAMPLES
from tests import node
from tests.api import calls

pytestmark = [node.needs_node, pytest.mark.timeout(600)]
STORIES = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, limited_keys, without_database):
    """The stories beside the client, and what this side knows of the studio."""
    folder = tmp_path_factory.mktemp("node")
    for script in STORIES.glob("*.mjs"):
        shutil.copy(script, folder)
    (folder / "node_modules").symlink_to(node.MODULES)
    told = {
        "media": {
            "picture": calls.picture(),
            "clip": calls.clip(),
            "performance": calls.performance(),
            "sound": calls.sound(),
        },
        "made": {call.name: call.made for call in calls.MADE if call.in_node},
        "lacks": {call.name: calls.what_to_install(call.lacks) for call in calls.REFUSED if call.in_node},
        "graph": EXAMPLES["publish_workflow"]["body"]["graph"],
        "outside": limited_keys[0],
        "hasty": limited_keys[1],
        "away": without_database,
    }
    (folder / "told.json").write_text(json.dumps(told))
    return folder


@pytest.mark.parametrize("story", ["calls.mjs", "errors.mjs", "rooms.mjs"])
def test_the_client_for_javascript(live, live_key, folder, story):
    told = node.start(story, folder=folder, **live.speaking(live_key))
    output, complaints = told.communicate(timeout=500)
    assert told.returncode == 0, output + complaints

"""Node and Runway's client for it, where they are: `make install-dev` installs the client, nobody installs Node."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "docs" / "api"
MODULES = EXAMPLES / "node_modules"
NODE = shutil.which("node")
NO_NODE = "Node is missing: install it with `apt-get install nodejs npm`"
NO_CLIENT = "Runway's client for Node is missing: install it with `make install-dev`"
# Node 18, which Debian 12 has, keeps `File` elsewhere; the client says to put it there.
WITH_FILE = "--import=data:text/javascript,import{File}from%22node:buffer%22;globalThis.File??=File"


def missing():
    """Why stories of Node cannot be told here; "" where they can."""
    if not (NODE and shutil.which("npm")):
        return NO_NODE
    return "" if (MODULES / "@runwayml" / "sdk").exists() else NO_CLIENT


# Marks a story; under continuous integration it is a failure, see tests/conftest.py.
needs_node = pytest.mark.node


def start(script, *arguments, folder, **env):
    """Run a script in `folder`, as a process that is under way."""
    return subprocess.Popen(
        [NODE, str(script), *arguments],
        cwd=folder,
        env=os.environ | {"NODE_OPTIONS": WITH_FILE} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

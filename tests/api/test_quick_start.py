"""docs/api/quick-start.md, run as it is written, against a whole studio."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import av
import pytest
from django.conf import settings

from tests import node
from tests.pictures import two_colors

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PAGE = (node.EXAMPLES / "quick-start.md").read_text()
WRITTEN_ADDRESS = "http://127.0.0.1:8000"
SECTIONS = {
    title: re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for title, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
NEEDED = {"JavaScript": node.NODE, "curl": shutil.which("curl")}


def shell(commands, folder, **env):
    """Commands of the page under way, `python` and `pip` being those of the studio's environment."""
    bin = str(Path(sys.executable).parent)
    return subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=os.environ | {"PATH": f"{bin}:{os.environ['PATH']}"} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def variables(live):
    """What the first section leaves in the environment."""
    (commands,) = SECTIONS["A key and an address"]
    printed = 'echo "$RUNWAYML_BASE_URL"; echo "$RUNWAYML_API_SECRET"'
    first = shell(f"{commands}\n{printed}", settings.BASE_DIR, **live.env)
    output, _ = first.communicate(timeout=60)
    assert first.returncode == 0, output
    address, key = output.split()[-2:]
    assert address == WRITTEN_ADDRESS
    return live.speaking(key)  # the address is another here


@pytest.fixture(scope="module")
def under_way(variables, tmp_path_factory):
    """Every section at once, each in a copy of the folder: most of the time they wait. {title: (process, folder)}"""
    started = {}
    for title in ("Python", "JavaScript", "curl"):
        if NEEDED.get(title, True):
            folder = tmp_path_factory.mktemp(title) / "api"
            shutil.copytree(node.EXAMPLES, folder, symlinks=True)
            two_colors(size=(640, 360)).save(folder / "picture.png")
            # What is installed already is not asked for anywhere.
            offline = {"npm_config_offline": "true", "PIP_NO_INDEX": "1", "NODE_OPTIONS": node.WITH_FILE}
            started[title] = shell("\n".join(SECTIONS[title]), folder, **variables | offline), folder
    yield started
    for process, _folder in started.values():
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("title", "clips"),
    [
        ("Python", ["fox.mp4", "picture.mp4"]),
        pytest.param("JavaScript", ["fox.mp4", "picture.mp4"], marks=node.needs_node),
        pytest.param("curl", ["fox-by-curl.mp4"], marks=pytest.mark.skipif(not NEEDED["curl"], reason="no curl here")),
    ],
)
def test_a_section_leads_to_clips(under_way, title, clips):
    process, folder = under_way[title]
    output, _ = process.communicate(timeout=500)
    assert process.returncode == 0, output
    for name in clips:
        with av.open(str(folder / name)) as clip:
            video = clip.streams.video[0]
            assert (video.width, video.height) == (1280, 720)
            assert float(clip.duration / av.time_base) == pytest.approx(2, abs=0.1)


def test_the_page_installs_what_the_stories_were_told_with():
    versions = (settings.BASE_DIR / "requirements-dev.txt").read_text().splitlines()
    assert [line for line in versions if line in PAGE] == ["runwayml==5.24.0"]

"""The documentation says what is there: every setting, and no link into the void."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if "node_modules" not in page.parts),
    ROOT / "bench" / "README.md",
]
LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)")
FILE = re.compile(r"`((?:runwayweb|projects|generation|templates|static|tests|bench)/[\w./-]+\.\w+)`")


def test_every_setting_is_documented():
    settings = "".join((ROOT / "runwayweb" / name).read_text() for name in ("settings.py", "neighbours.py"))
    names = set(re.findall(r"env\.\w+\(\s*\"(\w+)\"", settings))
    documented = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "install.md").read_text()))
    assert len(names) > 20
    assert names <= documented


@pytest.mark.parametrize("document", PAGES, ids=lambda document: str(document.relative_to(ROOT)))
def test_what_a_page_points_at_is_there(document):
    text = document.read_text()
    links = {link: document.parent / link for link in LINK.findall(text)}
    files = {name: ROOT / name for name in FILE.findall(text)}
    assert not [name for name, target in (links | files).items() if not target.exists()]


def test_the_readme_fits_on_one_screen():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 50

"""docs/security/cases.md has one line for each of the 42 cases, and names no story that there is not."""

import re
from pathlib import Path

import pytest

from tests.house.named_stories import missing_of, stories_named_in

PAGE = (Path(__file__).parents[2] / "docs/security/cases.md").read_text()
ROW = re.compile(r"^\| (\d+) \| .+? \| .+? \| (.+) \|$", re.MULTILINE)
ROWS = [(int(number), shown) for number, shown in ROW.findall(PAGE)]


def test_every_case_has_its_line_and_a_story():
    assert [number for number, _shown in ROWS] == list(range(1, 43))
    assert not [number for number, shown in ROWS if not stories_named_in(shown)]


@pytest.mark.parametrize("number", range(1, 43))
def test_every_story_it_names_exists(number):
    assert not missing_of(dict(ROWS)[number])

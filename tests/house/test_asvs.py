"""docs/security/asvs.md names every requirement of OWASP's ASVS 5.0 once, and no story that there is not."""

import re
from pathlib import Path

import pytest

from tests.house.named_stories import missing_of

PAGE = (Path(__file__).parents[2] / "docs/security/asvs.md").read_text()
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([123]) \| (.+?) \| (.+) \|$", re.MULTILINE)
# How many requirements each section of ASVS 5.0.0 has, chapter by chapter.
SECTIONS = {
    1: (2, 10, 12, 3, 3), 2: (3, 3, 5, 2), 3: (1, 3, 5, 8, 8, 1, 5), 4: (5, 5, 2, 4), 5: (1, 6, 3, 3),
    6: (3, 12, 8, 6, 8, 4, 2, 4), 7: (3, 4, 2, 5, 3, 2), 8: (4, 4, 3, 2), 9: (3, 4), 10: (2, 3, 5, 16, 5, 2, 3),
    11: (4, 5, 5, 4, 2, 2, 2), 12: (5, 2, 5), 13: (4, 6, 4, 7), 14: (2, 8, 3), 15: (5, 5, 7, 4),
    16: (1, 5, 4, 3, 4), 17: (2, 8, 2),
}  # fmt: skip
OPEN = {"5.4.3", "6.2.12", "6.3.3", "6.5.5"}  # of level 2; this may only become less


def rows():
    return ROW.findall(PAGE)


def test_every_requirement_has_its_line():
    every = [
        f"{chapter}.{section}.{number}"
        for chapter, counts in SECTIONS.items()
        for section, count in enumerate(counts, 1)
        for number in range(1, count + 1)
    ]
    assert [number for number, *_ in rows()] == every and len(every) == 345
    levels = [level for _number, level, *_ in rows()]
    assert [levels.count(level) for level in "123"] == [70, 183, 92]


def test_nothing_of_level_1_is_open_and_little_of_level_2():
    opened = {(number, level) for number, level, _subject, shown in rows() if shown.startswith("open:")}
    assert opened == {(number, "2") for number in OPEN}
    assert f"Open: 0 of level 1, {len(OPEN)} of level 2" in PAGE


def test_only_level_3_is_not_claimed():
    assert {level for _number, level, _subject, shown in rows() if "not claimed" in shown} == {"3"}


@pytest.mark.parametrize("number", [number for number, *_ in rows()])
def test_every_story_it_names_exists(number):
    shown = next(row[3] for row in rows() if row[0] == number)
    assert not missing_of(shown), number

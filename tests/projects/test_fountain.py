"""A screenplay in Fountain, read as its writers mean it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.fountain import BadScript, read_script

SCRIPT = """\
Title: The Fox Who Waited
Author:
    Ada
Draft date: 24 November

# Act one

EXT. PINE FOREST - MORNING #1#

= Nova waits.

Snow falls on *everything*. [[more snow?]]
NOVA sits.

NOVA (O.S.)
(softly)
He said morning.
It is morning.

@McCloud
Is it?

/* cut this

INT. NOWHERE - DAY
*/

CUT TO:

.FLASHBACK

!EXT. IS NO PLACE HERE

> THE END <

~La la la

INT./EXT. CAR - NIGHT

BRICK & STEEL ^
Go.
"""


def test_every_element_is_told_apart():
    script = read_script(SCRIPT)
    assert script.title_page == {"title": "The Fox Who Waited", "author": "Ada", "draft date": "24 November"}
    assert [(one.kind, one.text) for one in script.elements] == [
        ("section", "Act one"),
        ("heading", "EXT. PINE FOREST - MORNING"),
        ("synopsis", "Nova waits."),
        ("action", "Snow falls on everything.\nNOVA sits."),
        ("character", "NOVA"),
        ("parenthetical", "(softly)"),
        ("dialogue", "He said morning.\nIt is morning."),
        ("character", "McCloud"),
        ("dialogue", "Is it?"),
        ("transition", "CUT TO:"),
        ("heading", "FLASHBACK"),
        ("action", "EXT. IS NO PLACE HERE"),
        ("centred", "THE END"),
        ("lyric", "La la la"),
        ("heading", "INT./EXT. CAR - NIGHT"),
        ("character", "BRICK & STEEL"),
        ("dialogue", "Go."),
    ]
    lines = SCRIPT.split("\n")
    assert lines[script.elements[3].first].startswith("Snow falls"), "lines are those of the text as it was written"
    assert lines[script.elements[9].first] == "CUT TO:"


def test_scenes_know_where_when_and_who():
    first, flashback, car = read_script(SCRIPT).scenes
    assert (first.place, first.time_of_day, first.is_inside) == ("PINE FOREST", "MORNING", False)
    assert first.characters == ["NOVA", "McCloud"]
    assert (flashback.place, flashback.time_of_day) == ("FLASHBACK", "")
    assert (car.place, car.time_of_day, car.is_inside) == ("CAR", "NIGHT", True)


def test_a_script_without_a_title_page_begins_at_once():
    assert [one.kind for one in read_script("FADE IN:\n\nINT. DEN\n\nA fox.").elements] == [
        "action",
        "heading",
        "action",
    ]
    assert read_script("").scenes == []
    assert read_script("A fox: red.\nIt waits.").elements[0].kind == "action"


def test_shouting_is_no_name():
    """A line in capitals with nothing said under it is what happens."""
    assert read_script("BANG!\n\nShe falls.").elements[0].kind == "action"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("a" * 1_000_001, "longer than 1 MB"), ("INT. DEN\x00", "no text"), ("\ud800", "no text")],
)
def test_what_is_no_script_is_told_so(text, sentence):
    with pytest.raises(BadScript, match=sentence):
        read_script(text)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("INT. EXTab\n\r\t#=>~.!@()*_[]/^:-é🦊"), max_size=300))
def test_any_text_is_read(text):
    script = read_script(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert all(0 <= one.first <= one.last < len(lines) for one in script.elements)


def test_a_long_script_of_brackets_is_read_at_once():
    read_script("[[" * 200_000)
    read_script("/*" * 200_000)
    read_script("*a" * 100_000)

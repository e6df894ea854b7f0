"""Reading a screenplay: every element of Fountain, where it stands, and what cannot be read."""

import time

import pytest

from projects.breakdown import people_in, suggestions_for
from projects.fountain import MOST_BYTES, BadScript, decode_script, read_script

SCRIPT = """Title: _The Fox Who Waited_
Author: Ada
    Lovelace

FADE IN:

# Act one

= A fox meets somebody.

EXT. PINE FOREST - DUSK #1A#

NOVA, a *red fox* with a blue scarf, walks
through the forest.

/* The bear comes later.

Not now. */

!NOT A CHARACTER

NOVA (V.O.)
(softly)
I have waited.
All winter.

@McBear ^
So have I. [[Too sad?]]

~La la la

CUT TO:

.FLASHBACK

> THE END <

===

> Burn to white.

int. kitchen - night

A robot.
"""


def of_kind(play, kind):
    return [element.text for element in play.elements if element.kind == kind]


def test_every_element_is_known():
    play = read_script(SCRIPT)
    assert play.title_page == (("Title", "The Fox Who Waited"), ("Author", "Ada\nLovelace")) and play.title
    assert of_kind(play, "section") == ["Act one"] and of_kind(play, "synopsis") == ["A fox meets somebody."]
    assert of_kind(play, "heading") == ["EXT. PINE FOREST - DUSK", "FLASHBACK", "int. kitchen - night"]
    assert of_kind(play, "character") == ["NOVA (V.O.)", "McBear"]
    assert of_kind(play, "parenthetical") == ["(softly)"]
    assert of_kind(play, "dialogue") == ["I have waited.\nAll winter.", "So have I."]
    assert of_kind(play, "lyrics") == ["La la la"] and of_kind(play, "centered") == ["THE END"]
    assert of_kind(play, "transition") == ["CUT TO:", "Burn to white."]
    assert of_kind(play, "note") == ["Too sad?"] and len(of_kind(play, "boneyard")) == 1
    assert len(of_kind(play, "page break")) == 1
    assert of_kind(play, "action")[1:] == [
        "NOVA, a red fox with a blue scarf, walks\nthrough the forest.", "NOT A CHARACTER", "A robot.",
    ]  # fmt: skip
    assert [element.dual for element in play.elements if element.kind == "character"] == [False, True]


def test_what_is_read_says_where_it_stands():
    play = read_script(SCRIPT)
    for element in play.elements:
        if element.text and element.kind != "boneyard":
            last = element.text.splitlines()[-1]
            assert last.split()[-1].strip(".") in play.lines[element.last_line], element
    (boneyard,) = (element for element in play.elements if element.kind == "boneyard")
    assert play.lines[boneyard.first_line].startswith("/*") and play.lines[boneyard.last_line].endswith("*/")


def test_a_scene_tells_where_and_when_it_is():
    forest, flashback, kitchen = read_script(SCRIPT).scenes
    assert (forest.place, forest.time, forest.number, forest.inside) == ("Pine forest", "dusk", "1A", False)
    assert (flashback.place, flashback.time) == ("Flashback", "")
    assert (kitchen.place, kitchen.time, kitchen.inside) == ("kitchen", "night", True)
    assert kitchen.elements[-1].text == "A robot."


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("INTERIOR DESIGN IS HARD, he says.", "action"),
        ("EXT/INT. CAR - DAY", "heading"),
        ("I/E. CAR - DAY", "heading"),
        (". . . and then", "action"),
        ("...and then", "action"),
        ("12", "action"),
        ("FADE TO:", "transition"),
    ],
)
def test_lines_that_look_like_others(line, kind):
    (element,) = read_script(f"Before.\n\n{line}\n\nAfter.").elements[1:2]
    assert element.kind == kind


def test_what_is_opened_and_never_closed_is_text():
    play = read_script("INT. ROOM - DAY\n\nShe says /* nothing [[ at all.\n")
    assert of_kind(play, "action") == ["She says /* nothing [[ at all."]
    assert read_script("").scenes == () and read_script("\n\n  \n").elements == ()


def test_marks_of_emphasis_are_left_out():
    (element,) = read_script("A ***very* red** _fox_, 2 * 3 and \\*so\\* on.").elements
    assert element.text == "A very red fox, 2 * 3 and *so* on."


@pytest.mark.parametrize(
    "text",
    [
        "/*" * 100_000,
        "[[\n\n]]" * 30_000,
        "[[" * 250_000 + "\n\n]]",
        "[[\n\n" * 200_000 + "]]",
        "Dusk.\n" + "[[x]]\n" * 150_000 + "Dawn.",
        "title: A\n" + " a\n" * 300_000 + "\nINT. A\n",
        "**" * 99_999,
        "INT. A\n\n" * 20_000,
        "*a " * 20_000,
        ".a" + " " * 990_000 + "b",
        "A" + " " * 990_000 + "B\n\nC\nHello.",
        "INT. A\n\n" + "A." * 490_000,
        "INT. A\n\n" + "A" * 490_000,
        "INT. A\n\n" + "the a " * 150_000,
        "INT. A\n\nNOVA (a fox) runs.\n\n" + "the a " * 150_000,
        "INT. A\n\n" + "CUT TO " * 140_000,
        "INT. A\n\n" + "".join(f"A{n}\nHello.\n\n" for n in range(30_000)),
    ],
    ids=range(17),
)
def test_no_script_takes_long(text):
    began = time.monotonic()
    play = read_script(text)
    people = people_in(play)
    for scene in play.scenes:
        suggestions_for(scene, people)
    assert play.elements and time.monotonic() - began < 5


def test_a_file_is_read_in_the_letters_it_was_written_in():
    assert decode_script("\ufeffCafé".encode()) == "Café"
    assert decode_script("Café".encode("utf-16")) == "Café"
    assert decode_script("Café".encode("cp1252")) == "Café"


def test_what_is_no_script_is_refused_with_a_sentence():
    with pytest.raises(BadScript, match="5.0 MB. At most 1 MB"):
        decode_script(b"a" * 5_000_000)
    with pytest.raises(BadScript, match="At most 1 MB"):
        read_script("a" * (MOST_BYTES + 1))
    for data in (b"INT. \x00 ROOM", b"\xff\xfe\x00"):
        with pytest.raises(BadScript):
            decode_script(data)

"""Reading a screenplay in Fountain, the plain-text format of writers. Pure; every element knows its lines.

Source: the syntax of Fountain 1.1, https://fountain.io/syntax/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

TEXT_BYTES = 1_000_000  # some six hundred pages
HEADING = re.compile(r"(INT|EXT|EST|INT\./EXT|INT/EXT|I/E)[. ]", re.IGNORECASE)
SCENE_NUMBER = re.compile(r"\s*#([\w.-]{1,20})#\s*$")
TRANSITION = re.compile(r"[^a-z]+TO:")
TITLE_KEY = re.compile(r"([A-Za-z][A-Za-z ]{0,30}):(.*)")
EXTENSION = re.compile(r"\s*\([^)]*\)\s*")
EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|_)(?=\S)(.{1,300}?)(?<=\S)\1")


class BadScript(ValueError):
    """What is no script that can be read. The message is a sentence for the writer."""


@dataclass(frozen=True)
class Element:
    """A part of a script: `first` and `last` are its lines, counted from 0, both included.

    kind: "heading", "action", "character", "dialogue", "parenthetical", "lyric", "transition", "centred", "section",
    "synopsis" or "page break". text: without its marks. A character's text is the name alone.
    """

    kind: str
    text: str
    first: int
    last: int


@dataclass(frozen=True)
class WrittenScene:
    """A heading with all that stands under it."""

    heading: Element
    elements: tuple[Element, ...] = ()

    @property
    def place(self) -> str:
        """Where it is: “PINE FOREST” of “EXT. PINE FOREST - DAY”."""
        return _parts(self.heading.text)[0]

    @property
    def time_of_day(self) -> str:
        """When it is, as it is written: “DAY”; empty where nothing is said."""
        return _parts(self.heading.text)[1]

    @property
    def is_inside(self) -> bool:
        return self.heading.text.upper().startswith("INT")

    @property
    def text(self) -> str:
        return "\n\n".join(element.text for element in self.elements)

    @property
    def characters(self) -> list[str]:
        """Who speaks in it, in the order of their first words."""
        return list(dict.fromkeys(one.text for one in self.elements if one.kind == "character"))


@dataclass(frozen=True)
class Screenplay:
    """title_page: what stands before the first scene, by key in lower case."""

    elements: tuple[Element, ...] = ()
    title_page: dict[str, str] = field(default_factory=dict)

    @property
    def scenes(self) -> list[WrittenScene]:
        """What stands under each heading; what comes before the first one is of no scene."""
        scenes: list[WrittenScene] = []
        gathered: list[Element] = []
        for element in self.elements:
            if element.kind == "heading":
                if scenes:
                    scenes[-1] = WrittenScene(scenes[-1].heading, tuple(gathered))
                scenes.append(WrittenScene(element))
                gathered = []
            elif element.kind not in ("section", "page break"):
                gathered.append(element)
        if scenes:
            scenes[-1] = WrittenScene(scenes[-1].heading, tuple(gathered))
        return scenes

    @property
    def characters(self) -> list[str]:
        """Everybody who speaks."""
        return list(dict.fromkeys(name for scene in self.scenes for name in scene.characters))


def read_script(text: str) -> Screenplay:
    """The Screenplay of a text. Raises BadScript for one that is too long or cannot be stored."""
    if len(text.encode("utf-8", "surrogatepass")) > TEXT_BYTES:
        raise BadScript(_("This script is longer than 1 MB, some six hundred pages. Split it into several films."))
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadScript(_("This is no text that can be stored. Save the script as plain text (UTF-8)."))
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").expandtabs(4)
    lines = _without("[[", "]]", _without("/*", "*/", text)).split("\n")
    title_page, begins = _title_page(lines)
    return Screenplay(tuple(_elements(lines, begins)), title_page)


def _without(begins, ends, text):
    """Without what stands between two marks, every line still where it was; a mark alone stays."""
    kept, at = [], 0
    while (start := text.find(begins, at)) >= 0 and (end := text.find(ends, start + len(begins))) >= 0:
        end += len(ends)
        kept += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end
    return "".join([*kept, text[at:]])


def _title_page(lines):
    """{key: text} and the line at which the script itself begins."""
    keys: dict[str, str] = {}
    key = None
    for number, line in enumerate(lines):
        if not line.strip():
            return (keys, number) if keys else ({}, 0)
        if line[:1].isspace() and key:
            keys[key] = f"{keys[key]}\n{line.strip()}".strip()
        elif found := TITLE_KEY.fullmatch(line.rstrip()):
            if found[1].isupper() and not found[2].strip():
                return {}, 0  # FADE IN:
            key = found[1].lower()
            keys[key] = found[2].strip()
        else:
            return {}, 0
    return keys, len(lines)


def _elements(lines, number) -> Iterator[Element]:
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        element, number = _element(lines, number)
        yield from element


def _element(lines, number):
    """What begins at a line that is not empty, and the line after it."""
    line = lines[number].strip()
    alone = number == 0 or not lines[number - 1].strip()
    followed = number + 1 < len(lines) and bool(lines[number + 1].strip())

    def one(kind, text):
        return [Element(kind, _plain(text), number, number)], number + 1

    if re.fullmatch(r"={3,}", line):
        return one("page break", "")
    if line.startswith("#"):
        return one("section", line.lstrip("#"))
    if line.startswith("="):
        return one("synopsis", line[1:])
    if line.startswith(">"):
        return one("centred", line[1:-1]) if line.endswith("<") else one("transition", line[1:])
    if line.startswith("~"):
        return one("lyric", line[1:])
    if line.startswith(".") and not line.startswith("..") or (alone and HEADING.match(line)):
        return one("heading", SCENE_NUMBER.sub("", line.removeprefix(".") if line.startswith(".") else line))
    if alone and not followed and TRANSITION.fullmatch(line):
        return one("transition", line)
    if line.startswith("@") or (alone and followed and _is_a_name(line)):
        return _speech(lines, number)
    last = number
    while last + 1 < len(lines) and lines[last + 1].strip():
        last += 1
    text = "\n".join(part.rstrip() for part in lines[number : last + 1])
    return [Element("action", _plain(text.removeprefix("!")), number, last)], last + 1


def _is_a_name(line):
    name = EXTENSION.sub("", line.removesuffix("^")).strip()
    return name == name.upper() and any(letter.isalpha() for letter in name) and not name.endswith(":")


def _speech(lines, number):
    name = EXTENSION.sub("", lines[number].strip().removeprefix("@").removesuffix("^")).strip()
    speech = [Element("character", _plain(name), number, number)]
    number += 1
    while number < len(lines) and lines[number].strip():
        line = lines[number].strip()
        kind = "parenthetical" if line.startswith("(") and line.endswith(")") else "dialogue"
        if line.startswith("~"):
            kind, line = "lyric", line[1:]
        if kind == "dialogue" and speech[-1].kind == "dialogue":
            earlier = speech.pop()
            speech.append(Element("dialogue", f"{earlier.text}\n{_plain(line)}", earlier.first, number))
        else:
            speech.append(Element(kind, _plain(line), number, number))
        number += 1
    return speech, number


def _plain(text):
    """Without the stars and lines that make words bold, italic or underlined."""
    text = text.strip()
    for _depth in range(3):
        text = EMPHASIS.sub(r"\2", text)
    return re.sub(r"\\([*_])", r"\1", text)


def _parts(heading):
    """(place, time of day) of a scene's heading."""
    rest = HEADING.sub("", heading, count=1).strip(" .") if HEADING.match(heading) else heading
    rest = re.sub(r"^/?(EXT|INT)[. ]\s*", "", rest, flags=re.IGNORECASE)
    place, dash, time = rest.rpartition(" - ")
    return (place.strip(), time.strip()) if dash else (rest.strip(), "")

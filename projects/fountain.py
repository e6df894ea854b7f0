"""Screenplays in Fountain: plain text that reads as a script. Pure: it knows no database and no file.

Source: the Fountain syntax, version 1.1, https://fountain.io/syntax. Reading is one pass over the lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.formats import number_format
from django.utils.translation import gettext as _

MOST_BYTES = 1_000_000
HEADING_LETTERS = 200

HEADING = re.compile(r"(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E)(?:\.\s*|\s+)(?=\S)", re.IGNORECASE)
# Spaces are read from where they begin and nowhere else: from each of a million, it would take for ever.
SPACES = r"(?:(?<!\s)\s+)?"
SCENE_NUMBER = re.compile(rf"{SPACES}#([\w.-]{{1,16}})#\s*$")
TITLE_KEY = re.compile(r"([A-Za-z][A-Za-z ]{0,30}):(.*)$")
TITLE_KEYS = frozenset(
    (
        "title",
        "credit",
        "author",
        "authors",
        "source",
        "notes",
        "draft date",
        "date",
        "contact",
        "copyright",
        "revision",
    )
)
EXTENSION = re.compile(rf"{SPACES}\([^()]*\)\s*")
EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|_)(?=[^\s*_])([^\n]{1,200}?)(?<=[^\s\\])\1")
ESCAPED = re.compile(r"\\([*_\\])")
TIMES = frozenset(
    "day night dawn dusk morning noon midday afternoon evening sunrise sunset midnight twilight later continuous "
    "same moments".split()
)


class BadScript(ValueError):
    """What cannot be read as a script. The message is a sentence for the writer."""


@dataclass(frozen=True)
class Element:
    """A part of a script. `first_line` and `last_line` count from 0; `text` is without its marks.

    kind: "heading", "action", "character", "parenthetical", "dialogue", "lyrics", "transition", "centered", "section",
    "synopsis", "note", "boneyard", "page break". `depth`: of a section, from 1. `dual`: of a character who speaks
    beside the one before. `number`: of a scene, as the writer gave it.
    """

    kind: str
    text: str
    first_line: int
    last_line: int
    depth: int = 0
    dual: bool = False
    number: str = ""


@dataclass(frozen=True)
class ScriptScene:
    """A heading and what follows, up to the next heading. `elements` are without the heading."""

    heading: str
    number: str
    first_line: int
    last_line: int
    elements: tuple[Element, ...] = ()

    @property
    def place(self) -> str:
        """Where it is: “Pine forest” of “EXT. PINE FOREST - DUSK”."""
        return self._parts[0]

    @property
    def time(self) -> str:
        """When it is, in small letters: “dusk”; "" where the heading does not say."""
        return self._parts[1]

    @property
    def inside(self) -> bool:
        return self.heading.upper().startswith("INT")

    @property
    def _parts(self) -> tuple[str, str]:
        rest = HEADING.sub("", self.heading, count=1) if HEADING.match(self.heading) else self.heading
        parts = [part.strip() for part in re.split(r"\s+[-–—]+\s+", rest) if part.strip()]
        time = ""
        if len(parts) > 1 and not TIMES.isdisjoint(re.findall(r"[a-z]+", parts[-1].lower())):
            time = parts.pop().lower()
        words = ", ".join(parts).strip(" .")
        return (words.capitalize() if words == words.upper() else words), time


@dataclass(frozen=True)
class Screenplay:
    """A script as it was read. `lines`: of its source."""

    lines: tuple[str, ...]
    title_page: tuple[tuple[str, str], ...]
    elements: tuple[Element, ...]

    @property
    def title(self) -> str:
        return next((value for key, value in self.title_page if key.lower() == "title"), "")

    @property
    def scenes(self) -> tuple[ScriptScene, ...]:
        """What comes before the first heading belongs to none."""
        scenes: list[ScriptScene] = []
        inside: list[Element] = []
        for element in self.elements:
            if element.kind == "heading":
                if scenes:
                    scenes[-1] = replace(scenes[-1], elements=tuple(inside))
                inside = []
                scenes.append(ScriptScene(element.text, element.number, element.first_line, element.last_line))
            elif scenes:
                inside.append(element)
                scenes[-1] = replace(scenes[-1], last_line=max(scenes[-1].last_line, element.last_line))
        if scenes:
            scenes[-1] = replace(scenes[-1], elements=tuple(inside))
        return tuple(scenes)


def read_script(text: str) -> Screenplay:
    """The Screenplay of a text. Nothing in it is wrong: what has no other meaning is action. Raises BadScript."""
    refuse_unreadable(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    lines = text.split("\n")
    shown, hidden = _without_hidden(text)
    title_page, begins = _title_page(shown)
    elements = [*_elements(shown, begins), *(element for element in hidden if element.first_line >= begins)]
    elements.sort(key=lambda element: (element.first_line, element.kind in ("note", "boneyard")))
    return Screenplay(tuple(lines), title_page, tuple(elements))


def too_large(size_bytes: int) -> str:
    """The sentence for a script of so many bytes."""
    return _("The script has %(size)s MB. At most 1 MB can be read: bring it in parts, one film each.") % {
        "size": number_format(f"{size_bytes / 1_000_000:.1f}")
    }


def refuse_unreadable(text: str) -> None:
    """Raise BadScript for a text that is too long or cannot be stored."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        raise BadScript(too_large(size))
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadScript(_("This text has characters that cannot be stored. Save it as UTF-8 text and try again."))


def decode_script(data: bytes) -> str:
    """The text of a .fountain or .txt file: UTF-8, UTF-16 with its mark, or Windows' western letters.

    Raises BadScript.
    """
    if len(data) > MOST_BYTES:
        raise BadScript(too_large(len(data)))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        refuse_unreadable(text)
        return text
    raise BadScript(_("This file is not plain text. Export it from your writing program as Fountain or plain text."))


def plain(text: str) -> str:
    """`text` without the marks of bold, italics and underline."""
    if "*" in text or "_" in text:
        text = EMPHASIS.sub(r"\2", EMPHASIS.sub(r"\2", text))  # twice: marks may stand inside others
    return ESCAPED.sub(r"\1", text) if "\\" in text else text


def _without_hidden(text):
    """The lines without boneyards and notes, None for a line that held nothing else; and those as elements.

    One pass each: what is opened and never closed is text.
    """
    hidden: list[Element] = []
    for kind, opening, closing in (("boneyard", "/*", "*/"), ("note", "[[", "]]")):
        kept, at, end = [], 0, -1
        while (begin := text.find(opening, at)) >= 0:
            if end < begin + 2 and (end := text.find(closing, begin + 2)) < 0:
                break
            if kind == "note" and (gap := text.find("\n\n", begin + 2, end)) >= 0:
                kept.append(text[at:gap])  # a note does not reach over an empty line, nor does one that opens before it
                at = gap
                continue
            inside = text[begin + 2 : end]
            kept += [text[at:begin], "\x00" + "\n\x00" * inside.count("\n")]
            hidden.append(Element(kind, inside.strip(), begin, end))
            at = end + 2
        text = "".join([*kept, text[at:]])
        hidden = _with_lines(hidden, kind, kept, text)
    lines = []
    for line in text.split("\n"):
        seen = line.replace("\x00", "")
        lines.append(None if "\x00" in line and not seen.strip() else seen)
    return lines, hidden


def _with_lines(hidden, kind, kept, text):
    """The elements of a kind with lines for places: the n-th stands where the n-th mark was left."""
    found = iter([element for element in hidden if element.kind == kind])
    others = [element for element in hidden if element.kind != kind]
    line = 0
    for piece in kept:
        if piece.startswith("\x00"):
            element = next(found)
            others.append(replace(element, first_line=line, last_line=line + piece.count("\n")))
        line += piece.count("\n")
    return others


def _title_page(lines):
    """((key, value), …) and the line after it; none where the text does not begin with one."""
    begins = next((n for n, line in enumerate(lines) if line and line.strip()), None)
    found = begins is not None and TITLE_KEY.match(lines[begins] or "")
    if not found or found[1].strip().lower() not in TITLE_KEYS:
        return (), 0
    page: list[tuple[str, list[str]]] = []
    ends = next((n for n in range(begins, len(lines)) if not (lines[n] or "").strip()), len(lines))
    for line in lines[begins:ends]:
        key = TITLE_KEY.match(line)
        if key and not line[0].isspace():
            page.append((key[1].strip(), [plain(key[2].strip())]))
        else:
            page[-1][1].append(plain(line.strip()))
    return tuple((key, "\n".join(filter(None, told))) for key, told in page), min(ends + 1, len(lines))


def _elements(lines, begins) -> Iterator[Element]:
    """The elements of the lines from `begins` on, boneyards and notes aside."""
    n, blank_before, blanks = begins, True, _blanks(lines)
    while n < len(lines):
        line = lines[n]
        if line is None:
            n += 1
            continue
        if not line.strip():
            blank_before = True
            n += 1
            continue
        block = list(_block(lines, n, blank_before, blanks))
        yield from block
        n = max(element.last_line for element in block) + 1
        blank_before = block[-1].kind in ("heading", "section", "synopsis", "page break")


def _block(lines, n, blank_before, blanks) -> Iterator[Element]:
    """The element that begins at line `n`, with what is spoken after a character."""
    line = lines[n].strip()
    single = _single(line, blank_before, blanks[n + 1])
    if single:
        yield replace(single, first_line=n, last_line=n)
    elif blank_before and _is_character(line) and not blanks[n + 1]:
        yield from _speech(lines, n)
    else:
        last = n
        while not blanks[last + 1]:
            following = lines[last + 1]
            if following is not None and following.strip().startswith(("#", "=", ">", "~")):
                break
            last += 1
        told = [plain(line.rstrip()) for line in lines[n : last + 1] if line is not None]
        told[0] = told[0].lstrip().removeprefix("!")
        yield Element("action", "\n".join(told).strip(), n, last)


def _single(line, blank_before, blank_after):
    """The element of one line that is all of it, without its place, or None."""
    if line.startswith("."):
        if len(line) > 1 and line[1] not in ". ":
            return _heading(line[1:])
    elif blank_before and HEADING.match(line):
        return _heading(line)
    if line.startswith("==="):
        return Element("page break", "", 0, 0) if not line.strip("=") else None
    if line.startswith("="):
        return Element("synopsis", plain(line[1:].strip()), 0, 0)
    if line.startswith("#"):
        return Element("section", plain(line.lstrip("#").strip()), 0, 0, depth=len(line) - len(line.lstrip("#")))
    if line.startswith(">"):
        if line.endswith("<"):
            return Element("centered", plain(line[1:-1].strip()), 0, 0)
        return Element("transition", plain(line[1:].strip()), 0, 0)
    if line.startswith("~"):
        return Element("lyrics", plain(line[1:].strip()), 0, 0)
    if blank_before and blank_after and line == line.upper() and line.endswith("TO:"):
        return Element("transition", plain(line), 0, 0)
    return None


def _heading(line):
    number = SCENE_NUMBER.search(line)
    words = plain(SCENE_NUMBER.sub("", line)).strip()
    return Element("heading", words[:HEADING_LETTERS], 0, 0, number=number[1] if number else "")


def _is_character(line):
    if line.startswith("@"):
        return len(line) > 1
    if line.startswith("!"):
        return False
    name = EXTENSION.sub(" ", line.rstrip("^").strip()).strip()
    return name == name.upper() and any(letter.isalpha() for letter in name) and len(name) <= 60


def _speech(lines, n):
    cue = lines[n].strip()
    dual = cue.endswith("^")
    yield Element("character", plain(cue.removeprefix("@").rstrip("^").strip()), n, n, dual=dual)
    told, began = [], n + 1
    at = n + 1
    while at < len(lines) and (lines[at] is None or lines[at].strip() or lines[at] == "  "):
        line = (lines[at] or "").strip()
        aside = line.startswith("(") and line.endswith(")")
        if aside or line.startswith("~"):
            if told:
                yield Element("dialogue", "\n".join(told), began, at - 1)
            yield Element("parenthetical" if aside else "lyrics", plain(line.strip("~").strip()), at, at)
            told, began = [], at + 1
        elif lines[at] is not None:
            told.append(plain(line))
        at += 1
    if told:
        yield Element("dialogue", "\n".join(told).strip(), began, at - 1)


def _blanks(lines):
    """For each line whether there is nothing on it, and at last that there is none; what held a note alone is as the
    line after it."""
    blanks = [True]
    for line in reversed(lines):
        blanks.append(blanks[-1] if line is None else not line.strip())
    return blanks[::-1]


def speaker(cue: str) -> str:
    """Who speaks at a cue: “NOVA (V.O.)” is NOVA."""
    return EXTENSION.sub(" ", cue).strip()

"""`manage.py messages`: the sentences of the sources, laid into `locale/`, and what is translated compiled.

In Python alone, so that it runs where GNU gettext is not installed, and the suite can ask on any machine whether a
sentence is missing. It needs polib, of requirements-dev.txt.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

PACKAGES = ("generation", "projects", "runwayweb")
LANGUAGES = ("fr",)
# Which of a call's arguments are the context, the sentence and its plural.
MARKS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
}
LITERAL = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b({'|'.join(MARKS)})\(\s*{LITERAL}(?:\s*,\s*{LITERAL})*\s*(?:,\s*\w+\s*)?\)", re.DOTALL)


class Sentence(NamedTuple):
    """What the sources say, in English: `plural` is "" where there is none, `context` where none is needed."""

    text: str
    plural: str = ""
    context: str = ""


def sentences() -> dict[Sentence, list[str]]:
    """Everything that is marked for translation, with the files it is in. Reads every source file."""
    found = defaultdict(set)
    root = Path(settings.BASE_DIR)
    for package in PACKAGES:
        for file in root.joinpath(package).rglob("*.py"):
            for sentence in of_python(file.read_text("utf-8")):
                found[sentence].add(file.relative_to(root).as_posix())
    for file in root.joinpath("templates").rglob("*"):
        if file.suffix in {".html", ".txt", ".xml", ".json", ".webmanifest"}:
            for sentence in of_template(file.read_text("utf-8")):
                found[sentence].add(file.relative_to(root).as_posix())
    return {sentence: sorted(found[sentence]) for sentence in sorted(found, key=lambda one: (min(found[one]), one))}


def of_python(source: str) -> Iterator[Sentence]:
    """The sentences that a piece of Python marks."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (sentence := _marked(node)):
            yield sentence


def of_template(source: str) -> Iterator[Sentence]:
    """The sentences that a template marks, with its variables and percent signs as Django looks them up."""
    for call in CALL.finditer(templatize(source)):
        sentence = _marked(ast.parse(call.group(), mode="eval").body)
        if sentence:
            yield sentence


def _marked(call: Any) -> Sentence | None:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name not in MARKS:
        return None
    said = [one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else None for one in call.args]
    context, text, plural = (said[at] if at is not None and at < len(said) else None for at in MARKS[name])
    if text is None or (MARKS[name][2] is not None and plural is None):
        return None  # what is put together while the program runs was marked where its parts are
    return Sentence(text, plural or "", context or "")


def catalogue_of(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES/django.po"


class Command(BaseCommand):
    help = "Lay the sentences of the sources into locale/ and compile what is translated."

    def handle(self, **options):
        try:
            import polib
        except ImportError:
            raise CommandError("This needs polib: pip install -r requirements-dev.txt") from None
        found = sentences()
        for language in LANGUAGES:
            file = catalogue_of(language)
            old = {_key(entry): entry for entry in polib.pofile(str(file))} if file.exists() else {}
            new = polib.POFile(wrapwidth=0)
            new.metadata = {
                "Language": language,
                "MIME-Version": "1.0",
                "Content-Type": "text/plain; charset=UTF-8",
                "Content-Transfer-Encoding": "8bit",
                "Plural-Forms": "nplurals=2; plural=(n > 1);",
            }
            new.extend(_entry(polib, sentence, files, old.get(sentence)) for sentence, files in found.items())
            file.parent.mkdir(parents=True, exist_ok=True)
            new.save(str(file))
            new.save_as_mofile(str(file.with_suffix(".mo")))
            open_ones = new.untranslated_entries()
            for entry in open_ones:
                self.stdout.write(f"{entry.occurrences[0][0]}: {entry.msgid}")
            self.stdout.write(f"{language}: {len(new) - len(open_ones)} of {len(new)} sentences are translated.")


def _key(entry) -> Sentence:
    return Sentence(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


def _entry(polib, sentence, files, known):
    """The catalogue's row for a sentence, with what was `known` of it. Without lines, which change with every edit."""
    entry = polib.POEntry(
        msgid=sentence.text,
        msgid_plural=sentence.plural,
        msgctxt=sentence.context or None,
        occurrences=[(file, "") for file in files],
    )
    if "%" in sentence.text + sentence.plural:
        entry.flags.append("python-format")
    if sentence.plural:
        entry.msgstr_plural = known.msgstr_plural if known else {0: "", 1: ""}
    else:
        entry.msgstr = known.msgstr if known else ""
    return entry

"""What two takes were asked for differently, line by line and word by word."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from projects.cards import card_of

Words = list[tuple[str, bool]]  # runs of words, and whether only this side has them


@dataclass(frozen=True)
class Difference:
    """One line of a request in which two takes are not the same."""

    label: str
    a: Words
    b: Words


def differences(a, b) -> list[Difference]:
    """What differs between two takes, in the order in which a recipe tells it; [] where nothing does."""
    left, right = _told(a), _told(b)
    return [
        Difference(label, *words_apart(left.get(label, ""), right.get(label, "")))
        for label in dict.fromkeys([*left, *right])
        if left.get(label, "") != right.get(label, "")
    ]


def words_apart(left: str, right: str) -> tuple[Words, Words]:
    """Two texts as runs of words, those that are not in the other marked."""
    one, other = left.split(), right.split()
    a: Words = []
    b: Words = []
    for kind, i, j, k, m in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        a += [(" ".join(one[i:j]), kind != "equal")] if j > i else []
        b += [(" ".join(other[k:m]), kind != "equal")] if m > k else []
    return a, b


def _told(take) -> dict[str, str]:
    """Everything that was asked for, by its label."""
    card = card_of(take.generation)
    versions = take.generation.recipe.get("versions")
    rows = [
        (_("Prompt"), take.generation.words),
        *((label, str(value)) for label, value in card.recipe_rows),
        (_("Given"), ", ".join(f"{label} {tag and '@'}{tag}".strip() for label, _picture, _file, tag in card.given)),
        (_("Came of"), str(take.get_origin_display())),
        (_("Versions"), ", ".join(f"{name} {said}" for name, said in sorted(dict(versions or {}).items()))),
    ]
    return {label: value for label, value in rows if value}

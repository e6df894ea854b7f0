"""Names of references in a prompt: “@nana waves at @robo”. What an engine reads instead, in words that it knows."""

import re
from collections.abc import Mapping, Sequence

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,15}")
# Not the end of an address (ada@example.org), nor of a word that has one inside.
_MENTION = re.compile(r"(?<![\w@.+-])@([^\W\d_]\w*)")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def mentioned(prompt: str) -> tuple[str, ...]:
    """The names that a prompt says, as they are written, each once, in order."""
    found: dict[str, str] = {}
    for name in _MENTION.findall(prompt):
        found.setdefault(name.lower(), name)
    return tuple(found.values())


def written_out(prompt: str, meanings: Mapping[str, str]) -> str:
    """`prompt` with every name replaced by its meaning, told by the name in small letters; others stay."""
    return _MENTION.sub(lambda found: meanings.get(found[1].lower(), found[0]), prompt)


def without_signs(prompt: str) -> str:
    """`prompt` with names as plain words, for who is shown no references: “nana waves”."""
    return _MENTION.sub(r"\1", prompt)


def by_number(tags: Sequence[str], roles: Sequence[str]) -> dict[str, str]:
    """What the names mean to a model that counts its pictures: “the character in image 1”."""
    return {tag.lower(): f"the {role} in image {n}" for n, (tag, role) in enumerate(_pairs(tags, roles), 1) if tag}


def by_role(tags: Sequence[str], roles: Sequence[str]) -> dict[str, str]:
    """What they mean to a model that is only shown them: “the character in the first reference”."""
    pairs = zip(ORDINALS, _pairs(tags, roles), strict=False)
    return {tag.lower(): f"the {role} in the {nth} reference" for nth, (tag, role) in pairs if tag}


def _pairs(tags, roles):
    return zip(tags, roles, strict=True)

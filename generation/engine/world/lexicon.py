"""From letters to terms: splits a prompt into words and finds the longest phrases of the world among them.

Every plural and verb form is made once, at import, so looking up is a plain dictionary access. A word of five
letters or more that nobody knows is compared with those we know (Ratcliff and Obershelp's similarity, as in `difflib`)
and taken for a slip of the pen from 0.84 on, if one slip (two in a long word) explains it.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType

from generation.engine.world import synonyms, vocabulary

TYPO_SIMILARITY = 0.84
TYPO_LETTERS = 5

# No alternative can match what another one starts with, so the scan is linear in the length of the prompt.
_TOKEN = re.compile(
    r"@\w+(?:-\w+)*(?:['’]s\b)?|\d+(?:\.\d+)?|[^\W\d_]+(?:['’][^\W\d_]+)*|[.,;:!?()\[\]\n—–°%]|--+|(?<=\s)-(?=\s)"
)
_AGAINST_THE_CLOCK = re.compile(r"(counter|anti)[ -](?=clockwise)")
STRONG_MARKS = frozenset(".;!?\n—–")
MARKS = STRONG_MARKS | frozenset(",:()[]-")


def words(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


def phrases(listing: str) -> tuple[str, ...]:
    return tuple(phrase for phrase in (entry.strip() for entry in listing.split(",")) if phrase)


STOP_WORDS = words(synonyms.STOP_WORDS)


@dataclass(frozen=True)
class Sense:
    """One thing a phrase may mean: `kind` is the table it stands in, `name` our word for it."""

    kind: str
    name: str
    plural: bool = False
    near: bool = False  # not the same thing, only the one most like it
    color: str | None = None  # that it has where nobody says another


@dataclass
class Term:
    """A phrase of the prompt and what it may mean; no senses: a word of no table. `kind` once it is settled.

    `used` says that it shaped the scene; what is neither used nor a stop word is told to the creator as ignored.
    """

    text: str
    senses: dict[str, Sense] = field(default_factory=dict)
    kind: str = "word"
    used: bool = False

    @property
    def name(self) -> str:
        return self.senses[self.kind].name if self.kind in self.senses else self.text

    @property
    def is_near(self) -> bool:
        return self.kind in self.senses and self.senses[self.kind].near

    def name_of(self, kind: str) -> str | None:
        return self.senses[kind].name if kind in self.senses else None

    def __contains__(self, kind):
        return kind in self.senses


def tokenize(prompt: str) -> list[str]:
    """The words, numbers and punctuation marks of a prompt, lower case. "fox's" becomes "fox", "'s"."""
    text = unicodedata.normalize("NFKC", prompt).lower()
    # Format characters (zero-width, right-to-left marks) and combining marks would split words where nobody sees it.
    text = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cf", "Mn", "Me"))
    text = _AGAINST_THE_CLOCK.sub(r"\1", text)
    tokens = []
    for token in _TOKEN.findall(text):
        token = "—" if token.startswith("--") else token.replace("’", "'")
        if token.endswith("'s") and len(token) > 2:
            tokens += [token[:-2], "'s"]
        else:
            tokens.append(token)
    return tokens


def find_terms(
    tokens: list[str], unread: frozenset[int] = frozenset(), named: Mapping[str, Sense | None] = MappingProxyType({})
) -> list[Term]:
    """Cut tokens into terms, the longest known phrase first; slips of the pen are mended on the way.

    The tokens at the positions `unread` become plain words, whatever else they could mean. `named`: what “@name” is,
    by the name; None for what is nobody and no thing.
    """
    terms, position = [], 0
    while position < len(tokens):
        length = _known_length(tokens, position)
        tag = tag_of(tokens[position])
        if position in unread:
            length = 1
            terms.append(Term(tokens[position]))
        elif tag in named:
            length = 1
            sense = named[tag]
            terms.append(Term(f"@{tag}", {sense.kind: sense}) if sense else Term(f"@{tag}", kind="stop", used=True))
        elif length:
            text = tuple(tokens[position : position + length])
            terms.append(_term(text))
        else:
            length = 1
            word = mended(tokens[position])
            terms.append(_term((word,), written=tokens[position]) if (word,) in LEXICON else _plain(tokens[position]))
        position += length
    return terms


def tag_of(text: str) -> str:
    """The name in “@name”, without what a hyphen ties to it; "" for any other word."""
    return text[1:].split("-")[0] if text.startswith("@") else ""


def _known_length(tokens, position):
    for length in LENGTHS.get(tokens[position], ()):
        if tuple(tokens[position : position + length]) in LEXICON:
            return length
    return 0


def _term(phrase, written=None):
    senses = LEXICON[phrase]
    kind = next(iter(senses)) if len(senses) == 1 else "open"
    return Term(written or " ".join(phrase), senses, kind)


def _plain(token):
    if token in MARKS:
        return Term(token, kind="mark", used=True)
    return Term(token, kind="stop" if token in STOP_WORDS else "word")


@lru_cache(maxsize=8192)
def mended(word: str) -> str:
    """`word`, or the word of ours it is a slip of. People rarely miss the first letter, so only those are compared."""
    if len(word) < TYPO_LETTERS or not word.isalpha() or word in STOP_WORDS or word in _REAL_WORDS:
        return word
    slips = 2 if len(word) >= 8 else 1
    candidates = [known for known in BY_FIRST_LETTER.get(word[0], ()) if abs(len(known) - len(word)) <= slips]
    # Two letters swapped in a short word fall just below the bound, yet nothing is easier to recognise.
    swapped = [known for known in candidates if len(known) == len(word) and sorted(known) == sorted(word)]
    for known in get_close_matches(word, candidates, n=3, cutoff=TYPO_SIMILARITY) + swapped:
        if _slips(word, known) <= slips:
            return known
    return word


def _slips(word, known):
    """Letters added, dropped, mistaken or swapped with a neighbour between two words (optimal string alignment)."""
    before, row = [], list(range(len(known) + 1))
    for i, letter in enumerate(word, 1):
        before, last, row = row, before, [i]
        for j, other in enumerate(known, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == known[j - 2] and word[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def noun_forms(phrase: str) -> list[tuple[str, bool]]:
    """(form, is plural) of a noun phrase; only its last word changes, or the one before "of"."""
    if " of " in phrase:
        head, _, tail = phrase.partition(" of ")
        return [(f"{form} of {tail}", plural) for form, plural in noun_forms(head)]
    *front, last = phrase.split()
    plurals = synonyms.IRREGULAR[last].split() if last in synonyms.IRREGULAR else [_with_s(last)]
    forms = [(phrase, last in plurals and last not in _SAME_IN_BOTH)]
    return forms + [(" ".join([*front, plural]), True) for plural in plurals if plural != last]


_SAME_IN_BOTH = frozenset({"deer", "sheep", "spacecraft", "glasses", "headphones", "spectacles", "octopi", "octopuses"})


def verb_forms(phrase: str) -> list[str]:
    """All forms of a verb phrase; only its first word changes."""
    first, *rest = phrase.split()
    if first in synonyms.IRREGULAR:
        forms = [first, *synonyms.IRREGULAR[first].split()]
    else:
        forms = [first, _with_s(first), *_with_ending(first, "ing"), *_with_ending(first, "ed")]
    return [" ".join([form, *rest]) for form in forms]


def _with_s(word):
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _with_ending(word, ending):
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")):
        return [word[:-1] + ending]
    if word.endswith("y") and word[-2:-1] not in "aeiou" and ending == "ed":
        return [word[:-1] + "ied"]
    if word.endswith("e"):
        return [word + ending.removeprefix("e")]
    # hop, hopping; but look, looking, and wander, wandering
    vowels = sum(letter in "aeiou" for letter in word)
    doubled = vowels == 1 and word[-1] not in "aeiouwxy" and word[-2] in "aeiou"
    return [word + (word[-1] if doubled else "") + ending]


def _make_lexicon():
    lexicon: dict[tuple[str, ...], dict[str, Sense]] = defaultdict(dict)

    def add(phrase, sense):
        lexicon[tuple(phrase.replace("-", " ").split())].setdefault(sense.kind, sense)

    def add_nouns(kind, name, listing, near=False):
        for phrase in listing:
            for form, plural in noun_forms(phrase):
                add(form, Sense(kind, name, plural, near))

    tints = {tint for listing in synonyms.TINTS.values() for tint in phrases(listing)}
    tables = (
        ("species", synonyms.SPECIES, vocabulary.SPECIES),
        ("object", synonyms.OBJECTS, vocabulary.OBJECTS),
        ("accessory", synonyms.ACCESSORIES, vocabulary.ACCESSORIES),
        ("place", synonyms.PLACES, vocabulary.PLACES),
    )
    for kind, table, names in tables:
        for name in names:
            add_nouns(kind, name, (name, *phrases(table.get(name, ""))))
    for name, kind_name in synonyms.COLORED_SPECIES_NAMES.items():
        add_nouns("species", kind_name, (name,))
    for name, listing in synonyms.NEAREST_SPECIES.items():
        add_nouns("species", name, phrases(listing), near=True)
    add_nouns("enchanted", "enchanted", phrases(synonyms.ENCHANTED_WOODS))
    for name in vocabulary.COLORS:
        for phrase in (name, *phrases(synonyms.COLORS[name])):
            if phrase not in tints:
                add(phrase, Sense("color", name))
        for phrase in phrases(synonyms.TINTS.get(name, "")):
            add(phrase, Sense("tint", name))
    for name in vocabulary.ACTIONS:
        for phrase in (name, *phrases(synonyms.ACTIONS[name])):
            for form in verb_forms(phrase):
                add(form, Sense("action", name))
    for kind, table in (("time", synonyms.TIMES_OF_DAY), ("weather", synonyms.WEATHERS), ("look", synonyms.LOOKS)):
        for name, listing in table.items():
            for phrase in (name, *phrases(listing)):
                add(phrase, Sense(kind, name))
                for form, _ in noun_forms(phrase):
                    add(form, Sense(kind, name))
    for name, listing in synonyms.WORN.items():
        for phrase in phrases(listing):
            add(phrase, Sense("worn", name))
    for phrase in phrases(synonyms.NOT_OURS):
        add(phrase, Sense("word", phrase))
    for phrase, count in {**synonyms.NUMBERS, **synonyms.GROUPS}.items():
        add(phrase, Sense("count", str(count)))
    return dict(lexicon)


LEXICON: dict[tuple[str, ...], dict[str, Sense]] = _make_lexicon()
# How many words the phrases have that begin with a word, the longest first.
LENGTHS: dict[str, list[int]] = defaultdict(list)
for _first, _length in sorted({(phrase[0], -len(phrase)) for phrase in LEXICON}):
    LENGTHS[_first].append(-_length)
BY_FIRST_LETTER: dict[str, list[str]] = defaultdict(list)
for _phrase, _senses in LEXICON.items():
    # Verbs have too many neighbours that are words of their own: talking, staying, grating.
    if len(_phrase) == 1 and len(_phrase[0]) >= TYPO_LETTERS and set(_senses) - {"action", "tint", "count", "worn"}:
        BY_FIRST_LETTER[_phrase[0][0]].append(_phrase[0])
_REAL_WORDS = words(synonyms.NOT_TYPOS)


def is_participle(text: str) -> bool:
    """Whether a verb phrase stands in a form that can describe a noun: "sleeping", "seated"; "spring" only ends so."""
    first = text.split()[0]
    return first.endswith(("ing", "ed")) and first not in _BASE_VERBS


_BASE_VERBS = frozenset(phrase.split()[0] for listing in synonyms.ACTIONS.values() for phrase in phrases(listing))


def is_entity(word: str) -> bool:
    """Whether a single word names somebody or something that could move by itself."""
    senses = LEXICON.get((word,), {})
    return "species" in senses or "object" in senses

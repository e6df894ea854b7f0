"""Words the reader does not know, taken for the ones it knows that are most like them: "lorry" for a car.

Works only where the optional package of `minilm.py` is installed; without it nothing is loaded and nothing changes.
Two things must agree before a word is taken for another. It must stand where such a word can stand: a place after "in",
an action behind somebody. And it must be alike enough: the cosine of the two words' vectors, and how much more the word
looks like any of the kind (a creature, a colour) than like the ordinary words of `ordinary.py`, which mean nothing that
can be drawn. Nothing here raises; the same words give the same answer.
"""

import logging
from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

import numpy as np

from generation.engine.world import synonyms, vocabulary
from generation.engine.world.lexicon import (
    STOP_WORDS,
    STRONG_MARKS,
    Sense,
    Term,
    noun_forms,
    phrases,
    verb_forms,
    words,
)
from generation.engine.world.minilm import MiniLM, model_folder
from generation.engine.world.ordinary import ORDINARY

# From here on a word is taken for another. Of creatures there are so many that something is always near. Measured, see
# docs/world.md.
LIKENESS = {"species": 0.60, "color": 0.58, "time": 0.58}
LIKENESS_OF_OTHERS = 0.53
IN_PIECES = 0.08  # more for a word the model knows only in pieces: its "moped" is half a mouse
KIND_COUNTS = 0.15  # how much the kind weighs against the cosine
RIDGE = 1.0
AT_MOST = 12  # unknown words of a prompt that are looked up, to bound its time
REMEMBERED = 4096

logger = logging.getLogger(__name__)

TABLES: dict[str, tuple[tuple[str, ...], list[dict[str, str]]]] = {
    "species": (vocabulary.SPECIES, [synonyms.SPECIES, synonyms.NEAREST_SPECIES]),
    "object": (vocabulary.OBJECTS, [synonyms.OBJECTS]),
    "accessory": (vocabulary.ACCESSORIES, [synonyms.ACCESSORIES]),
    "place": (vocabulary.PLACES, [synonyms.PLACES]),
    "color": (vocabulary.COLORS, [synonyms.COLORS]),
    "action": (vocabulary.ACTIONS, [synonyms.ACTIONS]),
    "time": (vocabulary.TIMES_OF_DAY, [synonyms.TIMES_OF_DAY]),
    "weather": (vocabulary.WEATHERS, [synonyms.WEATHERS]),
    "look": (vocabulary.LOOKS, [synonyms.LOOKS]),
}


class WordModel(Protocol):
    """Gives a vector of length 1 for each text, float32 (N, D), and says in how many pieces it knows a word."""

    def __call__(self, texts: Sequence[str]) -> np.ndarray: ...

    def pieces(self, text: str) -> int: ...


def known_words() -> list[tuple[str, str, str]]:
    """(word, kind, our name for it) of all single words that people write for ours, and our own names."""
    return [
        (phrase, kind, name)
        for kind, (names, tables) in TABLES.items()
        for name in names
        for phrase in dict.fromkeys((name, *(one for table in tables for one in phrases(table.get(name, "")))))
        if phrase == name or " " not in phrase
    ]


class Neighbours:
    """Finds our word most like another.

    Embeds `known` and `ordinary` when it is made (two seconds with MiniLM on one core), later only words asked for.
    """

    def __init__(
        self, model: WordModel, known: Sequence[tuple[str, str, str]] = (), ordinary: Sequence[str] = ORDINARY
    ):
        known = known or known_words()
        self.model = model
        self.names = list(dict.fromkeys((kind, name) for _, kind, name in known))
        self.kinds = list(dict.fromkeys(kind for kind, _ in self.names))
        self.kind_of = np.array([self.kinds.index(kind) for kind, _ in self.names])
        self.vectors = model([word for word, _, _ in known])
        self.spoken = [[at for at, one in enumerate(known) if one[1:] == named] for named in self.names]
        self.bounds = np.array([LIKENESS.get(kind, LIKENESS_OF_OTHERS) for kind, _ in self.names])
        self.refused = {form for word in ordinary for form in (*dict(noun_forms(word)), *verb_forms(word))}
        others = model([word for word in ordinary if word not in {word for word, _, _ in known}])
        self.directions = self._directions(np.array([self.kinds.index(kind) for _, kind, _ in known]), others)
        self.seen: dict[str, np.ndarray] = {}

    def _directions(self, kind_of, others):
        """What sets each kind, and last the ordinary words, apart: ridge regression, (D + 1, kinds + 1)."""
        x = _with_one(np.concatenate([self.vectors, others]))
        side = np.concatenate([kind_of, np.full(len(others), len(self.kinds))])
        y = np.where(side[:, None] == np.arange(len(self.kinds) + 1), 1.0, -1.0)
        # Small kinds would drown: there are ten times as many words for creatures as for looks.
        weight = 1 / np.sqrt(np.bincount(side, minlength=len(self.kinds) + 1))[side]
        weighted = x * (weight / weight.mean())[:, None]
        return np.linalg.solve(weighted.T @ x + RIDGE * np.eye(x.shape[1]), weighted.T @ y)

    def meet(self, words: Sequence[str]) -> None:
        """Embed words that will be asked for: together they take half the time."""
        new = [word for word in dict.fromkeys(words) if word not in self.seen and word not in self.refused]
        if len(self.seen) + len(new) > REMEMBERED:
            self.seen.clear()
        for word, vector in zip(new, self.model(new) if new else (), strict=True):
            # Two words for a thing, not one: rare words come in pieces, and a catamaran is no cat.
            cosine = self.vectors @ vector
            near = np.array([np.sort(cosine[spoken])[-2:].mean() for spoken in self.spoken])
            kind = _with_one(vector[None])[0] @ self.directions
            # Rounded, so that no last bit of a processor decides.
            self.seen[word] = np.round(near + KIND_COUNTS * (kind[self.kind_of] - kind[-1]), 3)

    def likeness(self, word: str) -> np.ndarray:
        """How like `word` is to each of `names`, (N,). Raises KeyError for a form of an ordinary word."""
        self.meet([word])
        return self.seen[word]

    def find(self, word: str, kinds: Sequence[str]) -> tuple[str, str, float] | None:
        """(kind, name, likeness) of what is most like `word` among these kinds, or None if nothing is like enough."""
        allowed = np.isin(self.kind_of, [self.kinds.index(kind) for kind in kinds if kind in self.kinds])
        if not allowed.any() or word in self.refused:
            return None
        likeness = self.likeness(word)
        # How far beyond its bound, so that kinds with different bounds can be compared.
        bounds = self.bounds + (IN_PIECES if self.model.pieces(word) > 1 else 0)
        margin = np.where(allowed, likeness - bounds, -np.inf)
        best = int(margin.argmax())
        return (*self.names[best], float(likeness[best])) if margin[best] >= 0 else None


def _with_one(vectors):
    return np.concatenate([vectors, np.ones((len(vectors), 1), vectors.dtype)], axis=1)


@cache
def installed() -> Neighbours | None:
    """Those of the installed package, made once a process; None without it, or when its files cannot be read."""
    folder = model_folder()
    if folder is None:
        return None
    try:
        return Neighbours(MiniLM(folder))
    except Exception:  # whatever is wrong with an extra, prompts are read without it
        logger.exception("The word model in %s cannot be used; unknown words are ignored.", folder)
        return None


# ---------------------------------------------------------------------------------------------- what may stand where

NOUNS = ("species", "object", "accessory", "place")
SETTINGS = ("place", "time", "weather", "look")  # of these a scene has one, so what is known leaves no guess
DESCRIBING = ("color", "look", "weather", "time")
LISTED = ("species", "object", *SETTINGS)
BE, PAINTED = words(synonyms.BE), words(synonyms.PAINTED)
INTENSIFIERS, COLOR_NOUNS = words(synonyms.INTENSIFIERS), words(synonyms.COLOR_NOUNS)
DETERMINERS, POSSESSIVES, HOLDING = words(synonyms.DETERMINERS), words(synonyms.POSSESSIVES), words(synonyms.HOLDING)
IN_PLACE, NEGATIONS = words(synonyms.IN_PLACE), words(synonyms.NEGATIONS)
PRONOUNS = words("it he she they who which that")
WORN = words("wearing wears wear wore sporting sports sport dons donning donned clad tying")
HAD = words("with has have had having")
AFTER = {
    "in": ("place", "accessory", "weather", "time"),
    "at": ("place", "time"),
    "during": ("weather", "time"),
    **dict.fromkeys(words("on near beside by behind under past from toward towards"), ("species", "object", "place")),
    **dict.fromkeys(HAD, ("accessory", "object")),
    **dict.fromkeys(WORN, ("accessory",)),
    **dict.fromkeys(HOLDING, ("object", "species")),
}
# Words the reader's own rules go by, and those that speak of the camera: never taken for anything else.
GRAMMAR = STOP_WORDS.union(
    *(
        words(listing)
        for listing in (
            synonyms.IN_PLACE, synonyms.BESIDE, synonyms.FAR, synonyms.HOLDING, synonyms.WEARING, synonyms.ON_BODY,
            synonyms.NEGATIONS, synonyms.COVERINGS, synonyms.COLOR_NOUNS, synonyms.PAINTED, synonyms.BE,
            synonyms.INTENSIFIERS, synonyms.DETERMINERS, synonyms.POSSESSIVES, synonyms.PRONOUNS, synonyms.STAND_INS,
            synonyms.CAMERA_NOUNS, synonyms.PACES, synonyms.CAMERA_ADVERBS, synonyms.STATIC, synonyms.STILL,
            synonyms.STAYS, synonyms.DEGREES, synonyms.TIMES, *synonyms.FILM_WORDS.values(),
            *synonyms.PLAIN_WORDS.values(), *synonyms.DIRECTIONS.values(), *synonyms.METRES,
        )
    )
)  # fmt: skip


def guess(terms: list[Term], neighbours: Callable[[], Neighbours | None] = installed) -> None:
    """Give settled terms that mean nothing so far the sense of the known word most like them, marked `near`.

    `neighbours` is asked only when there is such a word.
    """
    unknown = [at for at, term in enumerate(terms) if _is_unknown(term)][:AT_MOST]
    found = neighbours() if unknown else None
    if found is None:
        return
    found.meet([terms[at].text for at in unknown])
    for at in unknown:
        term, taken = terms[at], _taken(terms, at)
        kinds = [kind for kind in kinds_here(terms, at) if kind not in taken]
        nearest = found.find(term.text, kinds)
        if nearest is not None:
            kind, name, _ = nearest
            term.kind, term.senses = kind, {kind: Sense(kind, name, _is_plural(term.text), near=True)}


def _taken(terms, at):
    """Kinds that known words have claimed where there is room for one only: no guess takes their place."""
    sentence, phrase = _between(terms, at, STRONG_MARKS), _between(terms, at, STRONG_MARKS | {",", "and", "with"})
    return {
        *(term.kind for term in terms if term.kind in SETTINGS),
        *(term.kind for term in sentence if term.kind in ("action", "accessory")),
        *("color" for term in phrase if term.kind in ("color", "tint")),
    }


def _between(terms, at, marks):
    """The terms around `at` up to one of `marks`."""
    start, end = at, at
    while start > 0 and terms[start - 1].text not in marks:
        start -= 1
    while end < len(terms) and terms[end].text not in marks:
        end += 1
    return terms[start:end]


def _is_unknown(term):
    word = term.text
    return (
        term.kind == "word"
        and not term.senses
        and word.isascii()
        and word.isalpha()
        and 3 <= len(word) <= 20
        and word not in GRAMMAR
        and not word.endswith("ly")
    )


def _is_plural(word):
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))


def kinds_here(terms: list[Term], at: int) -> tuple[str, ...]:
    """What the plain word at `at` can be, by the words around it: () for nothing that could be drawn."""
    before, after = _before(terms, at), _after(terms, at)
    is_inflected = _is_inflected(terms[at].text)
    if before is not None and (before.kind == "species" or before.text in PRONOUNS):
        return ("action",) if is_inflected else ()
    if before is not None and before.text == "to":
        return ("action", "place")
    if before is not None and (before.text in BE | PAINTED):
        return ("action",) if terms[at].text.endswith("ing") else ("color", "weather")
    if after is not None and after.kind in NOUNS:
        return (*DESCRIBING, *(("action",) if terms[at].text.endswith("ing") else ()))
    if before is not None and before.kind in ("object", "accessory"):
        return ("action",) if is_inflected and before.kind == "accessory" else ()
    kinds = _noun_kinds(terms, at)
    if after is not None and _is_unknown(after):
        # Two strangers side by side: an adjective and its noun, or somebody and what they do.
        return DESCRIBING if not _is_inflected(after.text) else (*DESCRIBING, *kinds)
    if before is not None and _is_unknown(before) and is_inflected:
        return (*kinds, "action")
    return kinds


def _noun_kinds(terms, at):
    """What a noun can be by what introduces its phrase."""
    start, possessive = at, False
    while start > 0:
        one = terms[start - 1]
        if one.text in POSSESSIVES:
            possessive = True
        elif not (
            one.text in DETERMINERS | INTENSIFIERS | COLOR_NOUNS
            or one.kind in ("color", "tint", "count", "worn", "word", "weather", "time", "look")
        ):
            break
        start -= 1
    introducer = terms[start - 1] if start else None
    if introducer is not None and introducer.text in NEGATIONS or any(one.text == "no" for one in terms[start:at]):
        return ()
    if possessive:
        return ("accessory",)
    if introducer is None or introducer.kind == "mark":
        return LISTED
    if introducer.text in AFTER:
        return AFTER[introducer.text]
    if introducer.text in IN_PLACE:
        return ("place", "weather", "object")
    if introducer.text == "of":
        return ()
    return ("species", "object")


def _before(terms, at):
    """The term before, adverbs left out."""
    while at > 0:
        at -= 1
        if not _is_adverb(terms[at]):
            return terms[at]
    return None


def _after(terms, at):
    """The next term that is no adverb and no colour, within the sentence."""
    for term in terms[at + 1 :]:
        if term.text in STRONG_MARKS or term.text == ",":
            return None
        if not _is_adverb(term) and term.kind not in ("color", "tint"):
            return term
    return None


def _is_adverb(term):
    return term.text in INTENSIFIERS or term.kind == "word" and not term.senses and term.text.endswith("ly")


def _is_inflected(word):
    return word.endswith(("ing", "ed")) or _is_plural(word)

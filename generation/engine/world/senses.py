"""Decides what a word with several meanings means where it stands: the bear or to bear, orange or an orange."""

from generation.engine.world import synonyms, vocabulary
from generation.engine.world.lexicon import MARKS, Sense, Term, is_participle, words

BE, PAINTED, COLOR_NOUNS = words(synonyms.BE), words(synonyms.PAINTED), words(synonyms.COLOR_NOUNS)
COVERINGS, STAND_INS, INTENSIFIERS = words(synonyms.COVERINGS), words(synonyms.STAND_INS), words(synonyms.INTENSIFIERS)
DETERMINERS, POSSESSIVES = words(synonyms.DETERMINERS), words(synonyms.POSSESSIVES)
HOLDING, WEARING = words(synonyms.HOLDING), words(synonyms.WEARING)
PREPOSITIONS = words(synonyms.IN_PLACE) | words(synonyms.BESIDE) | words("of for with in without")
SUBJECT_PRONOUNS = words("it he she they who which that and then to can will while")
ON_HEAD = words("head heads ear ears hair")

# Plurals of things that look like somebody doing something.
LOOK_LIKE_VERBS = words(
    "waves flies steps bows springs races rests dashes pads stands walks runs jumps dances dives naps spins"
)
MATERIAL = words("wood clay snow")
SAID_OF_MOON = words("rises shines glows hangs rising shining glowing overhead above light beams is")


def settle(terms: list[Term]):
    """Choose one sense for every term, from left to right. A term whose senses all fail becomes a plain word."""
    for at, term in enumerate(terms):
        if term.kind in ("mark", "stop") or not term.senses:
            continue
        term.kind = _kind(terms, at, term)


def _kind(terms, at, term):
    before, after = _text(terms, at - 1), _text(terms, at + 1)
    if term.text in _SPECIAL:
        return _SPECIAL[term.text](terms, at)
    if "tint" in term and _is_color(terms, at):
        return "tint"
    if "action" in term and _is_action(terms, at):
        if not ({"object", "place", "species"} & set(term.senses) and before in DETERMINERS):
            return "action"
    for kind in ("species", "object", "accessory", "place"):
        if kind in term and not _is_verb_here(terms, at):
            return _accessory_or_thing(terms, at) if {"object", "accessory"} <= set(term.senses) else kind
    for kind in ("color", "worn", "enchanted", "time", "weather", "look", "count"):
        if kind in term:
            return (
                "word"
                if kind == "look" and term.text == "painting" and _is_doing(before, terms, at) and after != "of"
                else kind
            )
    return "word"


def _is_color(terms, at):
    """Whether a word that can be a colour describes something here: "a rose fox", "the fox is violet"."""
    term, before, following = terms[at], _text(terms, at - 1), at + 1
    while _text(terms, following) in INTENSIFIERS:
        following += 1
    after = _next(terms, following - 1)
    link = at - 1
    while _text(terms, link) in INTENSIFIERS or _text(terms, link) == "and":
        link -= 1
    if _text(terms, link) in BE | PAINTED or (before in COLOR_NOUNS):
        return True
    if (
        before == ","
        and at > 1
        and {"species", "object"} & set(terms[at - 2].senses)
        and (after is None or after.kind in ("stop", "mark"))
    ):
        return True  # "a fox, chestnut all over, ..."
    if after is not None and (
        after.text in COLOR_NOUNS | COVERINGS | STAND_INS
        or {"species", "object", "accessory", "color", "tint", "worn"} & set(after.senses)
    ):
        return True
    if (
        after is not None
        and after.kind == "word"
        and not after.senses
        and (before in DETERMINERS | {"and", ",", ""} or at and terms[at - 1].kind == "count")
    ):
        return True
    if after is not None and {"place", "look"} & set(after.senses) and "action" not in after:
        return True
    if after is not None and after.text == "and":
        other = following + 1
        while _text(terms, other) in INTENSIFIERS:
            other += 1
        adjective = _next(terms, other - 1)
        if adjective is not None and (
            {"color", "tint"} & set(adjective.senses) or before in DETERMINERS and adjective.kind == "word"
        ):
            return True  # "a plum and rather shy fox"
    if (
        after is not None
        and after.kind == "count"
        and following + 1 < len(terms)
        and terms[following + 1].kind == "word"
    ):
        return True  # "an olive eight-armed octopus"
    if _reaches_noun(terms, following):
        return True
    # Orange and violet are colours first, unless an article makes them a fruit or a flower.
    return term.text in vocabulary.COLORS and before not in DETERMINERS | HOLDING | {"of"}


def _reaches_noun(terms, at):
    """Whether nothing but adjectives stands between here and a noun of ours: "a ruby jumbo elephant"."""
    while at < len(terms) and (
        terms[at].kind == "word" and not terms[at].senses or terms[at].text in INTENSIFIERS | {"she", "he"}
    ):
        at += 1
    return at < len(terms) and bool({"species", "object", "accessory", "color", "tint"} & set(terms[at].senses))


def _is_action(terms, at):
    term, before, after = terms[at], _text(terms, at - 1), _next(terms, at)
    if term.name_of("action") == "fly" and _text(terms, at + 1) in DETERMINERS and _is_flown(terms, at + 2):
        return False  # who flies a kite stays on the ground
    if " " in term.text or is_participle(term.text) or term.text in ("asleep", "airborne", "afloat"):
        return not (term.text in HOLDING and after is not None and (after.text in DETERMINERS or "object" in after))
    if term.text in ("look", "looks", "looked"):
        return after is not None and after.text in PREPOSITIONS | {"around", "up", "down", "out", "away", "back"}
    previous = terms[at - 1] if at else None
    if before in DETERMINERS | POSSESSIVES | PREPOSITIONS:
        return False
    if previous is not None and previous.kind in ("color", "tint"):
        # "a fox, crimson of fur, walks" and "the fox is red, runs", but not "a red run"
        somebody = any(one.kind == "species" for one in terms[:at])
        return somebody and term.text.endswith("s") and _text(terms, at - 2) not in DETERMINERS
    previous_is_plain = previous is not None and previous.kind == "word"
    if term.text in LOOK_LIKE_VERBS and not any(one.kind == "species" for one in terms[:at]):
        return before in SUBJECT_PRONOUNS or term.text not in ("waves", "flies") and previous_is_plain
    if before and before not in MARKS:
        return True
    # "race track, dance hall": a bare verb that opens a phrase only describes the noun after it.
    return after is None or "action" in after or not {"place", "object", "time", "species"} & set(after.senses)


def _is_flown(terms, at):
    return at < len(terms) and {"object", "color", "tint"} & set(terms[at].senses)


def _is_verb_here(terms, at):
    """Whether a noun of ours is somebody's verb: "the dog rocks", "to box", "he ducks under"."""
    term, before, after = terms[at], _text(terms, at - 1), _text(terms, at + 1)
    previous = terms[at - 1] if at else None
    if " " in term.text:
        return False
    if before == "to" and "place" not in term and after in DETERMINERS | {"up", "down"}:
        return True
    verbs = (
        "ducks",
        "rocks",
        "boxes",
        "books",
        "signs",
        "stars",
        "cups",
        "tables",
        "seats",
        "parks",
        "fields",
        "bears",
        "hounds",
    )
    follows_somebody = previous is not None and previous.kind == "species" or before in ("he", "she", "it")
    return (
        term.text in verbs
        and follows_somebody
        and after in DETERMINERS | PREPOSITIONS | {"back", "up", "down", "in", "out"}
    )


def _accessory_or_thing(terms, at):
    """A flower behind the ear is worn; a flower in a paw or on a table is a thing."""
    worn = words("wearing wears wear wore sporting dons donning adorned")
    window = [term.text for term in terms[max(0, at - 4) : at]]
    following = [term.text for term in terms[at + 1 : at + 5]]
    stop = next((index for index, text in enumerate(following) if text in (",", ".", "and")), len(following))
    on_head = ON_HEAD & set(following[:stop])
    return "accessory" if (worn & set(window) and "holding" not in window) or on_head else "object"


def _is_doing(before, terms, at):
    return before in BE or at > 0 and terms[at - 1].kind == "species"


def _bear(terms, at):
    """The animal, unless somebody bears something or cannot bear it."""
    before, after = _text(terms, at - 1), _text(terms, at + 1)
    if before in ("to", "can", "can't", "cannot", "couldn't", "will", "they", "we", "i") and after not in (
        "with",
        "in",
        "cub",
    ):
        return "word"
    if terms[at].text == "bears" and at and terms[at - 1].kind == "species" and after in DETERMINERS:
        return "word"
    return "species"


def _moon(terms, at):
    """To stand on, or to shine: "on the moon", "beneath a full moon"."""
    window = [term.text for term in terms[max(0, at - 3) : at]]
    after = _text(terms, at + 1)
    if {"on", "across", "over", "to", "upon", "onto", "around", "surface"} & set(window):
        return "place"
    if {
        "under",
        "beneath",
        "below",
        "full",
        "crescent",
        "bright",
        "rising",
        "pale",
        "big",
        "silver",
        "huge",
        "by",
    } & set(window) or after in SAID_OF_MOON:
        return _as(terms[at], "time", "night")
    return "place" if not window or window[-1] in (",", ".", "the", ":", "in") else _as(terms[at], "time", "night")


def _stars(terms, at):
    """Many stars are a night sky, unless they are counted or held."""
    window = terms[max(0, at - 3) : at]
    things = any(term.kind in ("count", "color", "tint") or term.text in HOLDING | {"with"} for term in window)
    return "object" if things else _as(terms[at], "time", "night")


def _snow(terms, at):
    """Snow to stand on, snow that falls, or snow on something else."""
    before, after = _text(terms, at - 1), _text(terms, at + 1)
    if after in (
        "falls",
        "falling",
        "drifts",
        "swirls",
        "whirls",
        "coming",
        "swirling",
        "drifting",
        "blowing",
    ) or before in ("falling", "swirling", "drifting"):
        return _as(terms[at], "weather", "snowfall")
    return "word" if after in ("capped", "topped") else "place"


def _wood(terms, at):
    """Trees, unless something is made of it."""
    before, after = _text(terms, at - 1), _next(terms, at)
    made_of = before == "of" and {"made", "piece", "block", "log", "plank", "pile"} & {
        term.text for term in terms[max(0, at - 4) : at]
    }
    return "word" if made_of or after is not None and "object" in after else "place"


def _body_part(terms, at):
    """An elephant's trunk and a bear's chest are no furniture."""
    before = _text(terms, at - 1)
    return "word" if before in POSSESSIVES or before in ("tree", "elephant") else "object"


def _rarely_a_place(terms, at):
    """Words that are verbs more often than places: only after "in the", "a" or "the"."""
    return "place" if _text(terms, at - 1) in DETERMINERS | PREPOSITIONS or _named_alone(terms, at) else "word"


def _named_alone(terms, at):
    return _text(terms, at - 1) in ("", ",") and _text(terms, at + 1) in ("", ",", ".")


def _rose(terms, at):
    if _is_color(terms, at):
        return "tint"
    before = terms[at - 1] if at else None
    is_flower = (
        before is None
        or before.text in DETERMINERS | HOLDING | PREPOSITIONS | {",", "and"}
        or before.kind in ("color", "tint", "count")
    )
    return (
        _accessory_or_thing(terms, at) if is_flower and "accessory" in terms[at] else "object" if is_flower else "word"
    )


_SPECIAL = {
    "bear": _bear,
    "bears": _bear,
    "moon": _moon,
    "stars": _stars,
    "snow": _snow,
    "snows": _snow,
    "wood": _wood,
    "rose": _rose,
    "chest": _body_part,
    "trunk": _body_part,
    "keep": _rarely_a_place,
    "keeps": _rarely_a_place,
    "study": _rarely_a_place,
    "studies": _rarely_a_place,
    "park": _rarely_a_place,
    "coast": _rarely_a_place,
    "coasts": _rarely_a_place,
}


def _as(term, kind, name):
    term.senses = {**term.senses, kind: Sense(kind, name)}
    return kind


def _text(terms, at):
    return terms[at].text if 0 <= at < len(terms) else ""


def _next(terms, at):
    return terms[at + 1] if at + 1 < len(terms) else None

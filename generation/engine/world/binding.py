"""Who has what: joins colours, accessories and actions to the characters and things of a prompt.

English puts a colour before its noun ("a red fox"), behind it ("a fox, crimson in hue") or after a verb ("the fox is
red"); these are the rules below, tried in that order. A colour whose noun the world does not know ("green eyes", "a red
jacket") belongs to that noun and goes to nobody.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from generation.engine.world import synonyms
from generation.engine.world.lexicon import STRONG_MARKS, Term, is_participle, tag_of, words

BE, PAINTED = words(synonyms.BE), words(synonyms.PAINTED)
COLOR_NOUNS, COVERINGS = words(synonyms.COLOR_NOUNS), words(synonyms.COVERINGS)
INTENSIFIERS = words(synonyms.INTENSIFIERS)
DETERMINERS, DEFINITE, POSSESSIVES = words(synonyms.DETERMINERS), words(synonyms.DEFINITE), words(synonyms.POSSESSIVES)
STAND_INS, PRONOUNS = words(synonyms.STAND_INS), words(synonyms.PRONOUNS)
BODY, HOLDING, WEARING, BESIDE = (
    words(listing) for listing in (synonyms.ON_BODY, synonyms.HOLDING, synonyms.WEARING, synonyms.BESIDE)
)
NEGATIONS, PREPOSITIONS = words(synonyms.NEGATIONS), words(synonyms.IN_PLACE) | words("with during of from for without")
SEXES = frozenset({"she", "he"})  # "a she-fox"
NEW_ONE = frozenset({"a", "an", "another", "one"})
LIMIT = 4  # characters, and things, that fit into a picture


@dataclass(eq=False)
class Entity:
    """Somebody, something or an accessory named in the prompt. `at` is its term's position."""

    kind: str
    name: str
    at: int
    words: str | None  # as written; None: nobody named it
    count: int = 1
    main: bool = True  # named for itself, not as what another one holds, wears or stands beside
    definite: bool = False
    new: bool = False
    near: bool = False
    color: str | None = None
    color_given: bool = False  # by the prompt, not by the name ("polar bear")
    accessory: str | None = None
    accessory_color: str | None = None
    action: str | None = None
    introducer: str = ""  # the word before its noun phrase
    tag: str = ""  # the name of the reference that shows it


def bind(terms: list[Term]) -> tuple[list[Entity], list[Entity]]:
    """The characters and the things of a prompt, each mention once. Marks the terms it used."""
    entities = [_entity(terms, at) for at, term in enumerate(terms) if term.kind in ("species", "object", "accessory")]
    entities = [entity for entity in entities if entity]
    for before, entity in pairwise(entities):
        if entity.kind == "object" and not before.main and entity.introducer == "and":
            entity.main = False  # "holding a balloon and a kite": the kite is held too
    by_place = {entity.at: entity for entity in entities}
    _bind_colors(terms, entities, by_place)
    entities = _merge_mentions(entities)
    for at, term in enumerate(terms):
        if term.kind == "worn":
            wearer = _next(entities, at, "species", terms) or _previous(entities, at, ("species",), terms)
            _give_accessory(wearer, term, term.name)
    for entity in entities:
        if entity.kind == "accessory":
            _bind_accessory(terms, entities, entity)
    _bind_actions(terms, entities)
    return (
        [entity for entity in entities if entity.kind == "species"],
        [entity for entity in entities if entity.kind == "object"],
    )


# ------------------------------------------------------------------------------------------------------- noun phrases


def _entity(terms, at):
    """The entity at a term, with what stands before it: how many, the or a, in whose company."""
    term = terms[at]
    if term.kind == "species" and _is_modifier(terms, at) and not tag_of(term.text):
        return None
    count, start, determiner = None, at, ""
    while start > 0:
        before = terms[start - 1]
        if before.kind == "count" and terms[start].kind == "word" and terms[start].text.endswith("ed"):
            pass  # "an eight-armed octopus" is one
        elif before.kind == "count":
            count = int(before.name)
            before.used = True
        elif before.text in DETERMINERS:
            determiner = determiner or before.text
        elif determiner:
            break  # nothing of this noun phrase stands before its article
        elif before.kind in ("color", "tint", "worn", "word") or before.text in INTENSIFIERS | COLOR_NOUNS | SEXES:
            pass
        elif before.kind == "action" and is_participle(before.text) and before.text not in HOLDING:
            pass
        elif not (before.text in ("and", ",") and _in_adjectives(terms, start - 1, at)):
            break
        start -= 1
    introducer = terms[start - 1].text if start else ""
    if determiner == "no" or introducer in NEGATIONS:
        return None
    plural = term.senses[term.kind].plural
    if introducer == "of" and start > 1 and terms[start - 2].kind == "count":
        count = int(terms[start - 2].name)
    if determiner == "both":
        count = count or 2
    sense = term.senses[term.kind]
    term.used = True
    return Entity(
        kind=term.kind,
        name=sense.name,
        at=at,
        words=term.text,
        near=sense.near,
        count=min(count or (2 if plural else 1), LIMIT) if term.kind != "accessory" else 2 if plural else 1,
        main=introducer not in HOLDING | WEARING | BESIDE | {"to", "on", "at", "of", "in"},
        definite=determiner in DEFINITE or introducer == "'s",
        new=determiner in NEW_ONE or count is not None,
        color=sense.color or synonyms.COLORED_SPECIES.get(term.text),
        introducer=introducer,
        tag=tag_of(term.text),
    )


def _is_modifier(terms, at):
    """Whether a creature's name only describes the next word: "a dragon kite", "the fox's" stays a fox."""
    following = _at(terms, at + 1)
    return (
        following is not None
        and following.kind == "object"
        and following.text not in HOLDING
        and "action" not in following
    )


def _in_adjectives(terms, mark, noun):
    """Whether "and" or a comma stands between adjectives of one noun ("a red, fluffy fox"), not between two things."""
    left, right = _at(terms, mark - 1), _after_intensifiers(terms, mark)
    if left is None or right is None or right is terms[noun]:
        return False
    if left.kind in ("color", "tint") and right.kind in ("color", "tint"):
        return True
    return (
        left.kind in ("color", "tint", "word")
        and right.kind in ("color", "tint", "word")
        and _has_determiner(terms, mark)
    )


def _after_intensifiers(terms, at):
    """The next term that is more than a "very"."""
    at += 1
    while at < len(terms) and _is_intensifier(terms[at]):
        at += 1
    return _at(terms, at)


def _is_intensifier(term):
    return term.text in INTENSIFIERS or term.kind == "word" and term.text.endswith("ly")


def _has_determiner(terms, at):
    """Whether an article opens the noun phrase that the term at `at` belongs to."""
    while at > 0:
        at -= 1
        if terms[at].text in DETERMINERS or terms[at].kind == "count":
            return True
        if terms[at].kind not in ("color", "tint", "word") and terms[at].text not in INTENSIFIERS:
            return False
    return False


def _merge_mentions(entities: list[Entity]) -> list[Any]:
    """Count somebody mentioned twice once: "a fox ... the fox is red"."""
    kept: list[Any] = []
    for entity in entities:
        same = [
            one for one in kept if one.kind == entity.kind and one.name == entity.name and entity.kind != "accessory"
        ]
        # "@nana ... the fox" is nana; "a fox and @nana" are two.
        same = [one for one in same if one.tag == entity.tag or (entity.definite and not entity.tag)]
        compatible = [one for one in same if not (one.color_given and entity.color_given and one.color != entity.color)]
        if compatible and not entity.new and (entity.definite or entity.count == 1 or compatible[-1].count > 1):
            first = compatible[0]
            if entity.color and not first.color_given:
                first.color, first.color_given = entity.color, entity.color_given
            # Later rules look for the nearest mention, so the entity answers from both places.
            kept.append(_echo(first, entity))
        else:
            kept.append(entity)
    return kept


class _Echo:
    """A later mention of an entity: stands at its own place, and hands everything said there to the first mention."""

    def __init__(self, first, at, main):
        self.__dict__.update(first=first, at=at, main=main, kind="echo of " + first.kind)

    def __getattr__(self, name):
        return getattr(self.first, name)

    def __setattr__(self, name, value):
        setattr(self.first, name, value)


def _echo(first, entity):
    return _Echo(getattr(first, "first", first), entity.at, entity.main)


# ------------------------------------------------------------------------------------------------------------ colours


def _bind_colors(terms, entities, by_place):
    for at, term in enumerate(terms):
        if term.kind not in ("color", "tint"):
            continue
        told = _told_about(terms, at)
        target, noun_follows = _noun_after(terms, at, by_place, only_next=told)
        if target is None and not noun_follows:
            target = _subject_of_color(terms, at, entities, by_place, told)
        for entity in target if isinstance(target, list) else [target]:
            _give_color(entity, term)


def _give_color(entity, term):
    if entity is None or entity.color_given:
        return
    entity.color, entity.color_given = term.name, True
    entity.words = f"{term.text} {entity.words}"
    term.used = True


def _told_about(terms, at):
    """The word that ties a colour to something before it ("is", "painted"), or None."""
    for before in reversed(terms[max(0, at - 4) : at]):
        if before.text in BE or before.text in PAINTED:
            return before.text
        if (
            not _is_intensifier(before)
            and before.kind not in ("color", "tint")
            and before.text not in ("and", "a", "an", "shade", "of", "in", "all")
        ):
            return None
        if before.text in ("a", "an") and terms[at - 1] is before:
            return None  # "there is a red fox" describes the fox to come
    return None


def _noun_after(terms, at, by_place, only_next):
    """(entity that the colour describes, whether some noun follows at all), reading on through further adjectives."""
    cursor, nouns = at + 1, 0
    while (term := _at(terms, cursor)) is not None:
        if cursor in by_place:
            return by_place[cursor], True
        if term.text in COLOR_NOUNS or term.text in SEXES and cursor + 1 in by_place:
            pass
        elif term.text in COVERINGS:
            return _owner(terms, cursor, by_place), True
        elif term.text in STAND_INS:
            stand_in = _stand_in(terms, cursor, by_place)
            return stand_in, stand_in is not None
        elif term.kind in ("color", "tint", "worn", "count") or term.text in INTENSIFIERS:
            pass
        elif term.kind == "word":
            if only_next or term.text.endswith(("eyed", "tailed", "haired", "eared", "nosed", "ly")) and nouns:
                return None, not only_next
            if term.text.endswith(("eyed", "tailed", "haired", "eared", "nosed", "winged", "footed", "pawed")):
                return None, True
            nouns += 1
        elif term.kind in ("place", "time", "weather", "look", "enchanted"):
            return None, True
        elif term.kind == "action" and is_participle(term.text) and _adjective_before_species(terms, cursor, by_place):
            pass
        elif term.text in ("and", ",") and _continues(terms, cursor, at):
            pass
        else:
            break
        cursor += 1
    return None, nouns > 0


def _continues(terms, mark, at):
    right = _after_intensifiers(terms, mark)
    if right is None:
        return False
    if right.kind in ("color", "tint"):
        # "red and white fox", but not "fox, red, white cat"
        return terms[mark].text == "and" or _has_determiner(terms, at)
    return right.kind == "word" and _has_determiner(terms, at)


def _adjective_before_species(terms, at, by_place):
    """Whether a participle describes the creature after it: "a sleeping cat"."""
    cursor = at + 1
    while (term := _at(terms, cursor)) is not None and (
        term.kind in ("color", "tint", "word", "worn") or term.text in INTENSIFIERS
    ):
        if cursor in by_place:
            break
        cursor += 1
    entity = by_place.get(cursor)
    return entity is not None and entity.kind == "species"


def _owner(terms, at, by_place):
    """Whose fur it is: the nearest character before in the sentence, else the next one."""
    entities = sorted(by_place.values(), key=lambda entity: entity.at)
    terms[at].used = True
    return (
        _previous(entities, at, ("species", "object"), terms, main_first=True)
        or _next(entities, at, "species", terms)
        or _previous(entities, at, ("species",), terms, across=True)
    )


def _stand_in(terms, at, by_place):
    """Who "the creature" is."""
    entities = sorted(by_place.values(), key=lambda entity: entity.at)
    return _previous(entities, at, ("species",), terms, across=True, main_first=True) or _next(
        entities, at, "species", terms, across=True
    )


def _subject_of_color(terms, at, entities, by_place, told):
    """Whom a colour behind its noun describes."""
    link = at - 1
    while link >= 0 and (
        terms[link].text in INTENSIFIERS | COLOR_NOUNS | {"a", "an", "all", "of", "in", "both", "the", "and"}
        or terms[link].kind in ("color", "tint")
    ):
        link -= 1
    if link < 0 or terms[link].text in STRONG_MARKS:
        return _next(entities, at, "species", terms) or _next(entities, at, "object", terms)
    if any(term.text in ("both", "all", "each") for term in terms[max(0, at - 3) : at]):
        everybody = [one for one in entities if one.kind == "species" and one.at < at]
        if len(everybody) > 1:
            return everybody
    if told and terms[link].text in BE:
        return _subject_of_be(terms, link, entities, by_place)
    if told or terms[link].text in (",", "(", ":") or link in by_place or terms[link].kind == "action":
        return _previous(entities, link + 1, ("species", "object", "accessory"), terms, uncolored=True) or (
            _next(entities, at, "species", terms)
        )
    if terms[link].text in COVERINGS:
        return _owner(terms, link, by_place)
    if terms[link].text in STAND_INS | PRONOUNS:
        return _stand_in(terms, link, by_place)
    return None


def _subject_of_be(terms, link, entities, by_place):
    before = link - 1
    while before >= 0 and (
        terms[before].kind == "stop"
        and terms[before].text in BE
        or terms[before].text in ("also", "itself", "both", "all")
    ):
        before -= 1
    if before < 0:
        return None
    subject = terms[before]
    if subject.text in COVERINGS:
        return _owner(terms, before, by_place)
    if subject.text in STAND_INS or subject.text in ("it", "he", "she", "they", "its", "one"):
        return _stand_in(terms, before, by_place)
    if subject.text in ("that", "which", "who"):
        described = _at(terms, before - 1)
        if described is not None and described.kind in ("word", "weather", "time"):
            return None  # "under a sky that is orange"
        return _previous(entities, before, ("species", "object", "accessory"), terms)
    if subject.kind in ("word", "weather", "time") and not _after_preposition(terms, before):
        return None  # "whose eyes are green", "the sky is orange"; but "the fox in the rain is red"
    return _previous(entities, link, ("species", "object", "accessory"), terms, main_first=True)


def _after_preposition(terms, at):
    """Whether the noun at `at` only says where, when or with what: "the fox in the rain", "the bear one evening"."""
    is_time = terms[at].kind == "time"
    while at >= 0 and (
        terms[at].kind in ("color", "tint", "word", "weather", "time", "count")
        or terms[at].text in (DETERMINERS - {"whose"}) | INTENSIFIERS
    ):
        if is_time and terms[at].text in ("one", "this", "that", "every", "each"):
            return True
        at -= 1
    return at >= 0 and terms[at].text in PREPOSITIONS


# ------------------------------------------------------------------------------------------------ accessories, actions


def _bind_accessory(terms, entities, accessory):
    term, start = terms[accessory.at], accessory.at
    before = start - 1
    while before >= 0 and (
        terms[before].kind in ("color", "tint", "word", "count")
        or terms[before].text in DETERMINERS | INTENSIFIERS | COLOR_NOUNS
    ):
        before -= 1
    introducer = terms[before].text if before >= 0 else ""
    possessive = any(one.text in POSSESSIVES for one in terms[before + 1 : accessory.at]) or introducer == "'s"
    worn_by_next = _at(terms, accessory.at + 1) is not None and terms[accessory.at + 1].text in ("wearing", "clad")
    on_body = any(one.text in BODY for one in terms[accessory.at + 1 : accessory.at + 5])
    beside = introducer in BESIDE - {"under", "above", "over"} or introducer in ("to", "on", "of", "at")
    wearer = None
    if worn_by_next:
        wearer = _next(entities, accessory.at, "species", terms)
    elif not beside or possessive or on_body:
        wearer = _previous(entities, accessory.at, ("species",), terms, main_first=introducer == "and")
        wearer = wearer or _next(entities, accessory.at, "species", terms)
        if wearer is None and possessive:
            wearer = _previous(entities, accessory.at, ("species",), terms, across=True)
    wearers = [wearer]
    if wearer and wearer.at < accessory.at:
        if _each(terms, accessory.at):
            wearers = [one for one in entities if one.kind == "species" and one.at < accessory.at]
        elif _plural_of_many(term) and wearer.count == 1:
            wearers = _with_company(terms, entities, wearer, accessory.at)
    term.used = False
    for one in wearers:
        _give_accessory(one, term, accessory.name, accessory.color)


def _plural_of_many(term):
    return term.senses[term.kind].plural and term.name not in ("glasses", "headphones")


def _each(terms, at):
    return any(term.text in ("both", "each", "all") for term in terms[max(0, at - 5) : at])


def _give_accessory(wearer, term, name, color=None):
    if wearer is not None and wearer.accessory is None:
        wearer.accessory, wearer.accessory_color = name, color
        term.used = True


def _bind_actions(terms, entities):
    by_place = {entity.at: entity for entity in entities}
    for at, term in enumerate(terms):
        if term.kind != "action":
            continue
        doers = _doers(terms, at, entities, by_place)
        for doer in doers:
            if doer.action is None or doer.action == "stand" and term.name != "stand":
                doer.action = term.name
                term.used = True


def _doers(terms, at, entities, by_place):
    """Who does it: the one described ("a sleeping cat"), else the subject before, else the first one after."""
    before = _at(terms, at - 1)
    described = (is_participle(terms[at].text) or terms[at].text == "asleep") and _described(terms, at, by_place)
    if described:
        return [described]
    if before is not None and before.text in ("it", "he", "she", "they", "who", "which"):
        subject = _previous(entities, at, ("species",), terms, across=True, main_first=True)
        return _with_company(terms, entities, subject, at)
    subject = _previous(entities, at, ("species", "object"), terms, main_first=True)
    if subject is None:
        subject = _next(entities, at, "species", terms) or _previous(entities, at, ("species",), terms, across=True)
    if subject is None or subject.kind.endswith("object"):
        return []
    return _with_company(terms, entities, subject, at)


def _described(terms, at, by_place):
    """The creature a participle stands before: "two sleeping cats", "dancing robot"."""
    opening = at - 1
    while opening >= 0 and (
        terms[opening].kind in ("color", "tint", "worn")
        or terms[opening].text in INTENSIFIERS
        or terms[opening].kind == "word"
        and not terms[opening].text.endswith("ly")
    ):
        opening -= 1
    first = opening < 0 or terms[opening].kind == "mark" or terms[opening].text in ("and", "of", "with", "while")
    if not first and terms[opening].text not in DETERMINERS and terms[opening].kind != "count":
        return None
    if not _adjective_before_species(terms, at, by_place):
        return None
    return min((entity for entity in by_place.values() if entity.at > at), key=lambda entity: entity.at)


def _with_company(terms, entities, subject, at):
    """`subject`, and those joined to it by "and" or a comma who do the same: "a fox and a cat dance"."""
    if subject is None:
        return []
    doers, everybody = [subject], [one for one in entities if one.kind == "species" and one.at < at]
    for one in reversed([other for other in everybody if other.at < doers[-1].at]):
        between = terms[one.at + 1 : doers[-1].at]
        joined = any(term.text in ("and", ",", "&") for term in between)
        if (
            one.action is not None
            or not joined
            or any(term.text in STRONG_MARKS or term.kind in ("action", "place") for term in between)
        ):
            break
        doers.append(one)
    return doers


# ------------------------------------------------------------------------------------------------------------- looking


def _previous(entities, at, kinds, terms, *, across=False, main_first=False, uncolored=False):
    """The nearest entity before `at` in its sentence (or in any, `across`)."""
    found = [
        one
        for one in entities
        if one.at < at and _is_one_of(one, kinds) and (across or not _sentence_ends(terms, one.at, at))
    ]
    if uncolored:
        found = [one for one in found if not one.color_given] or []
    if main_first:
        found = [one for one in found if one.main] or found
    if not found:
        return None
    nearest = max(found, key=lambda one: one.at)
    return nearest


def _next(entities, at, kind, terms, *, across=False):
    found = [
        one
        for one in entities
        if one.at > at and _is_one_of(one, (kind,)) and (across or not _sentence_ends(terms, at, one.at))
    ]
    return min(found, key=lambda one: one.at, default=None)


def _is_one_of(entity, kinds):
    return entity.kind.removeprefix("echo of ") in kinds


def _sentence_ends(terms, start, end):
    return any(term.text in STRONG_MARKS for term in terms[start:end])


def _at(terms, position):
    return terms[position] if 0 <= position < len(terms) else None

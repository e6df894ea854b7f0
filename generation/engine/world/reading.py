"""Reads a prompt into a scene: tokens, the camera's move, the longest known phrases, then who has what.

Everything is plain rules over the tables of `synonyms.py`: it takes a few milliseconds, the same prompt gives the same
scene, and what it did not understand it says. Nothing a person can type makes it raise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any

from generation.engine.request import CameraKey
from generation.engine.world import nearest, synonyms, vocabulary
from generation.engine.world.binding import LIMIT, Entity, bind
from generation.engine.world.description import describe
from generation.engine.world.film_language import read_camera
from generation.engine.world.lexicon import STOP_WORDS, STRONG_MARKS, Sense, Term, find_terms, tokenize, words
from generation.engine.world.scene import CameraMove, Character, Prop, Scene
from generation.engine.world.senses import settle

__all__ = ["Reading", "describe", "read"]

IN_PLACE, FAR, NEGATIONS = words(synonyms.IN_PLACE), words(synonyms.FAR), words(synonyms.NEGATIONS)
DETERMINERS, INTENSIFIERS = words(synonyms.DETERMINERS), words(synonyms.INTENSIFIERS)
PART_OF = words(
    "edge middle heart center centre depths outskirts floor shores shore bank banks corner side top foot surface "
    "midst border streets inside outside front rest kind sort bottom backdrop walls hills peaks sands"
)
IMAGINED = words(
    "dream dreams dreaming dreamt think thinks thinking remember remembers remembering memories memory picture "
    "painting postcard map photo photograph poster story book song longing miss missing far away"
)

# Place words that bring their own preposition.
SAYS_WHERE = words(
    "under underwater undersea beneath below among amid between through downtown indoors inside at bottom"
)

# Where somebody is at home, when the prompt names no place; everybody else is met in one of the gentle places.
HOMES = {
    "octopus": ("underwater",),
    "astronaut": ("moon",),
    "penguin": ("snow",),
    "dragon": ("mountains", "lava field", "castle"),
    "knight": ("castle", "meadow"),
    "wizard": ("castle", "night wood"),
    "turtle": ("beach", "lake"),
    "frog": ("lake", "garden"),
    "robot": ("city", "rooftop", "room"),
    "ghost": ("night wood", "castle"),
    "owl": ("forest", "night wood"),
}
GENTLE_PLACES = ("meadow", "forest", "beach", "city", "room", "mountains", "lake", "garden", "rooftop", "castle")


@dataclass(frozen=True)
class Reading:
    """What a prompt says, as the world can draw it.

    understood: all of it as JSON, with the prompt's own words, for the creator to see. ignored: the content words that
    changed nothing, lower case, in order. assumed: what was chosen because the prompt did not say. tagged: by the names
    of references, where each is in the scene: "character" or "object", and which of them, counted from 0.
    """

    scene: Scene
    understood: dict[str, Any]
    ignored: tuple[str, ...]
    assumed: dict[str, Any]
    tagged: dict[str, tuple[str, int]] = field(default_factory=dict)


def read(
    prompt: str,
    *,
    camera: str | None = None,
    path: tuple[CameraKey, ...] = (),
    seed: int = 0,
    named: Mapping[str, Sense | None] = MappingProxyType({}),
    neighbours: Callable[[], nearest.Neighbours | None] = nearest.installed,
) -> Reading:
    """Read `prompt` into a scene. `camera`, one of CAMERA_MOVES, wins over the prompt; so do the keys of a `path`.

    `named`: what “@name” is in the prompt, by the name in small letters; None for a place, which is only seen.
    `seed` chooses what was left open; `neighbours` is asked for the known word most like one that is not, and answers
    None where the optional package is missing. No prompt makes it raise; a `camera` that is no move raises ValueError.
    """
    tokens = tokenize(prompt)
    said_camera = read_camera(tokens)
    spoken = said_camera.positions if said_camera else frozenset()
    others = said_camera.others if said_camera else frozenset()
    terms = find_terms(["," if position in spoken else token for position, token in enumerate(tokens)], others, named)
    settle(terms)
    nearest.guess(terms, neighbours)
    characters, things = bind(terms)
    assumed: dict[str, Any] = {}

    characters, things = _at_most(LIMIT, characters, terms), _at_most(LIMIT, things, terms)
    if not characters and all(one.near for one in things):  # a thing only guessed at does not make a scene
        chance = Random(f"{seed} species")  # nosec B311  # the same seed, the same picture
        assumed["species"] = chance.choice(vocabulary.SPECIES)
        characters = [Entity("species", assumed["species"], at=-1, words=None, action=_first_action(terms))]
    place = _place(terms)
    weather = _weather(terms)
    time = _time(terms)
    look = next((term for term in terms if term.kind == "look" and not _is_negated(terms, term)), None)
    for said in filter(None, (place, weather, time, look)):
        for term in terms:
            term.used |= term.kind == said.kind and term.name == said.name
    place_name = place.name if place else _likely_place(characters, weather, seed)
    time_name = time.name if time else "night" if place_name == "night wood" else "day"
    if place and place.kind == "enchanted":
        place_name = "night wood" if time_name == "night" else "forest"
    weather_name, look_name = weather.name if weather else "clear", look.name if look else "clay"
    move = CameraMove.along(path) if path else _camera(said_camera, camera)

    for what, said, name in (
        ("place", place, place_name),
        ("time_of_day", time, time_name),
        ("weather", weather, weather_name),
        ("look", look, look_name),
        ("camera", said_camera or camera or path, move.move),
    ):
        if not said:
            assumed[what] = name
    if said_camera and said_camera.direction_assumed and move.move == said_camera.move.move:
        assumed["camera_direction"] = move.move.split()[-1]

    cast = [
        (one, Character(one.name, one.color, one.accessory, one.action or "stand", one.accessory_color))
        for one in characters
        for _ in range(one.count)
    ]
    props = [(one, Prop(one.name, one.color)) for one in things for _ in range(one.count)]
    scene = Scene(
        place=place_name,
        time_of_day=time_name,
        weather=weather_name,
        look=look_name,
        camera=move,
        characters=tuple(character for _, character in cast),
        props=tuple(prop for _, prop in props),
    )
    ignored = _ignored(terms)
    understood = {
        "characters": [
            {
                "species": who.species,
                "color": who.color,
                "accessory": who.accessory,
                "accessory_color": who.accessory_color,
                "action": who.action,
                "words": one.words,
            }
            for one, who in cast
        ],
        "objects": [{"name": prop.name, "color": prop.color, "words": one.words} for one, prop in props],
        "place": {"name": place_name, "words": place.text if place else None},
        "time_of_day": {"name": time_name, "words": time.text if time else None},
        "weather": {"name": weather_name, "words": weather.text if weather else None},
        "look": {"name": look_name, "words": look.text if look else None},
        "camera": move.as_json() | {"words": _camera_words(tokens, said_camera, move.move if path else camera)},
        "nearest": {term.text: term.name for term in terms if term.used and term.is_near},
        "sentence": describe(scene, without=assumed),
        "ignored": list(ignored),
        "assumed": assumed,
    }
    tagged = {
        one.tag: (role, index)
        for role, entities in (("object", props), ("character", cast))
        for index, (one, _) in reversed(list(enumerate(entities)))
        if one.tag
    }
    return Reading(scene, understood, ignored, assumed, tagged)


def _first_action(terms):
    """What somebody whom the world cannot draw does, for the one who stands in: "a girl walks"."""
    action = next((term for term in terms if term.kind == "action"), None)
    if action is None:
        return None
    action.used = True
    return action.name


def _at_most(limit: int, entities: Sequence[Entity], terms: list[Term]) -> list[Entity]:
    """As many as fit into the picture, in the order they were named; the others count as ignored."""
    kept, room = [], limit
    for entity in entities:
        entity.count = min(entity.count, room)
        room -= entity.count
        if entity.count:
            kept.append(entity)
        else:
            terms[entity.at].used = False
    return kept


# ------------------------------------------------------------------------------------------------- place, time, weather


def _place(terms):
    """The term that says where it happens: what stands after "in" or "on" beats what is only mentioned."""
    best, best_score = None, 0.0
    for at, term in enumerate(terms):
        if term.kind in ("place", "enchanted"):
            score = _place_score(terms, at)
            if score > best_score:
                best, best_score = term, score
    snow = [term for term in terms if term.kind == "place" and term.text in ("snow", "snows")]
    others = [term for term in terms if term.kind in ("place", "enchanted") and term not in snow]
    if best in snow and others:
        # "in the forest, in the snow": the forest is the place and snow falls on it
        best = max(others, key=lambda term: _place_score(terms, _position(terms, term)))
    if best not in snow:
        for term in snow:
            term.senses, term.kind = {"weather": Sense("weather", "snowfall")}, "weather"
    return best


def _place_score(terms, at):
    after = [term.text for term in terms[at + 1 : at + 6]]
    start = at
    while start > 0 and (
        terms[start - 1].kind in ("color", "tint", "word", "weather", "time", "place", "enchanted")
        or terms[start - 1].text in DETERMINERS | INTENSIFIERS
    ):
        start -= 1
    before = terms[start - 1] if start else None
    earlier = [term.text for term in terms[max(0, start - 5) : start]]
    if any(text in NEGATIONS for text in earlier[-3:]) or terms[start].text == "no":
        return 0.0
    score = 1.2
    if before is None or before.kind == "mark":
        score = 1.5
    elif before.text == "of":
        score = 2.0 if any(text in PART_OF for text in earlier[-3:]) else 0.9
    elif before.text in FAR | {"like", "to", "for", "and"}:
        score = {"to": 1.3, "and": 1.2, "behind": 1.0}.get(before.text, 0.4)
    elif before.text in IN_PLACE:
        score = 2.0
    if terms[at].text.split()[0] in SAYS_WHERE:
        score = max(score, 2.0)
    if any(text in IMAGINED for text in earlier):
        score *= 0.2
    if after[:3] in (["in", "the", "distance"], ["in", "the", "background"]) or after[:2] == ["far", "away"]:
        score *= 0.4
    if any(term.kind == "species" for term in _sentence(terms, at)):
        score += 0.2  # where somebody is says more than what is seen from there
    if terms[at].text in ("sea", "ocean"):
        score -= 0.1  # "in the sea, under water" is under water
    following = terms[at + 1].kind if at + 1 < len(terms) else "mark"
    if following in ("place", "enchanted", "species", "object", "accessory"):
        score *= 0.6  # only describes the word after it: "castle garden", "forest fox"
    return score


def _sentence(terms, at):
    start, end = at, at
    while start > 0 and terms[start - 1].text not in STRONG_MARKS:
        start -= 1
    while end < len(terms) and terms[end].text not in STRONG_MARKS:
        end += 1
    return terms[start:end]


def _time(terms):
    said = [term for term in terms if term.kind == "time" and not _is_negated(terms, term)]
    # "On a rainy day at dusk": a plain "day" says least, then what only hints at the hour (stars in the sky).
    return next((term for term in said if term.text not in ("day", "days", "stars", "moon")), None) or next(
        iter(said), None
    )


def _weather(terms):
    said = [term for term in terms if term.kind == "weather" and not _is_negated(terms, term)]
    # Rain falls from clouds: what falls says more than the sky it falls from.
    return next((term for term in said if term.name not in ("clear", "cloudy")), None) or next(iter(said), None)


def _is_negated(terms, term):
    at = _position(terms, term)
    for before in reversed(terms[max(0, at - 3) : at]):
        if before.text in NEGATIONS:
            return True
        if before.text in STRONG_MARKS or before.text == ",":
            return False
    return False


def _position(terms, term):
    return next(at for at, other in enumerate(terms) if other is term)


def _likely_place(characters, weather, seed):
    choice = Random(f"{seed} place")  # nosec B311  # the same seed, the same picture
    if weather is not None and weather.name == "snowfall":
        return "snow"
    if any(one.action == "swim" for one in characters):
        return choice.choice(("lake", "underwater"))
    for one in characters:
        if one.name in HOMES:
            return choice.choice(HOMES[one.name])
    return choice.choice(GENTLE_PLACES)


# -------------------------------------------------------------------------------------------------------------- camera


def _camera(said, asked):
    if asked is None:
        return said.move if said else CameraMove()
    return said.move if said and said.move.move == asked else CameraMove(asked)


def _camera_words(tokens, said, asked):
    if said is None or (asked is not None and said.move.move != asked):
        return None
    return " ".join(tokens[position] for position in sorted(said.positions))


def _ignored(terms):
    found = {}
    for term in terms:
        if not term.used and term.kind not in ("stop", "mark"):
            found.update(
                dict.fromkeys(word for word in term.text.split() if word not in STOP_WORDS and _says_something(word))
            )
    return tuple(found)


def _says_something(word):
    return any(letter.isalnum() for letter in word)

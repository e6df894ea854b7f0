"""A story in a few sentences as so many shots: by the rules that break a script down, or by the operator's language
model in other words."""

import re
from dataclasses import replace

from generation.engine.request import PROMPT_UNITS
from projects import suggesting
from projects.breakdown import Suggestion, suggestions_for
from projects.fountain import Element, ScriptScene
from projects.models import Scene
from projects.planning import ScenePlan

ENDS = re.compile(r"(?<=[.!?…;])\s+|,?\s+(?:and then|then)\s+|\n+", re.IGNORECASE)
JOINS = re.compile(r",?\s+(?:and|while|as|before|until)\s+", re.IGNORECASE)
# How the same is shown once more, where a story has fewer parts than shots: framing and move.
COVERAGE = (("", ""), ("Close-up", ""), ("Wide shot", "dolly in"), ("", "orbit right"), ("Wide shot", "dolly out"))


def shots_of(story: str, count: int) -> list[Suggestion]:
    """Exactly so many shots of a story, in its order. Asks the operator's language model where there is one, which may
    take a minute. Raises ValueError for a story of no words."""
    told = by_rules(story, count)
    if suggesting.model():
        plan = ScenePlan(Scene(text=story), _scene([one.text for one in told]), told)
        try:
            return suggesting.suggestions_of(plan, [])
        except suggesting.NoSuggestions:
            pass  # the rules' shots are there
    return told


def by_rules(story: str, count: int) -> list[Suggestion]:
    """The same by rules alone."""
    parts = _parts(story, count)
    if not parts:
        raise ValueError("There are no words in this story.")
    said = [_told(part) for part in parts]
    shots = []
    for number, one in enumerate(said):
        times = count // len(said) + (number < count % len(said))
        for framing, camera in COVERAGE[:times]:
            prompt = f"{framing}: {one.prompt[:1].lower()}{one.prompt[1:]}" if framing else one.prompt
            shots.append(replace(one, prompt=_within_limits(prompt), camera=camera or one.camera))
    return shots


def _parts(story, count):
    """At most so many texts, none of them empty: sentences, or what is said between two “and”s where they are few."""
    parts = [part.strip(" ,") for part in ENDS.split(story) if any(letter.isalnum() for letter in part)]
    while len(parts) < count:
        longest = max(parts, key=lambda part: len(JOINS.split(part)), default="")
        halves = JOINS.split(longest, maxsplit=1)
        if len(halves) < 2 or not all(len(half.split()) > 2 for half in halves):
            break
        at = parts.index(longest)
        parts[at : at + 1] = halves
    while len(parts) > count:  # the two shortest that follow each other become one
        at = min(range(len(parts) - 1), key=lambda n: len(parts[n]) + len(parts[n + 1]))
        parts[at : at + 2] = [f"{parts[at]} {parts[at + 1]}"]
    return parts


def _told(part):
    """The Suggestion of a part; where it is nothing but words of the camera, those are its prompt."""
    told = suggestions_for(_scene([part]))[0]
    return told if any(letter.isalnum() for letter in told.prompt) else replace(told, prompt=part)


def _within_limits(prompt):
    """As much of it as a prompt may have, counted as UTF-16."""
    return prompt.encode("utf-16-le")[: 2 * PROMPT_UNITS].decode("utf-16-le", "ignore")


def _scene(texts):
    elements = tuple(Element("action", text, n, n) for n, text in enumerate(texts))
    return ScriptScene("", "", 0, len(texts), elements)

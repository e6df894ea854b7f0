"""Whom a prompt calls by name, and what a run is given of them: pictures where its engine looks at some, else words."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop

from generation.engine.request import InvalidRequest
from generation.engine.tags import mentioned
from generation.models import Input


@dataclass(frozen=True)
class Spoken:
    """What a run is given of whom its prompt calls by name.

    inputs: rows, not saved, in the order of the prompt; first one view of each, then more. names: what those mean in
    words of whom no picture is given, (name, words) each. entities: all of them, in the order of the prompt.
    """

    inputs: list[Input] = field(default_factory=list)
    names: tuple[tuple[str, str], ...] = ()
    entities: tuple[Any, ...] = ()

    @property
    def asked(self) -> dict[str, Any]:
        """The fields of a VideoRequest that tell of them: `VideoRequest(prompt=…, **spoken.asked)`."""
        return {"reference_tags": tuple(given.tag for given in self.inputs), "names": self.names}


def spoken_in(project, prompt: str, card, *, given: Collection[str] = (), called: Collection[str] = (), first: int = 0):
    """The Spoken of a prompt, for the engine of a card. Two queries, none where `project.cast` was looked at before.

    `given`: what else the run is given (see `ModelCard.usable`). `called`: names that other references of the run have
    already; they are left to those. `first`: how many such references there are; the views come after them. Raises
    InvalidRequest for a name that nobody has, telling who there is.
    """
    others = {name.lower() for name in called}
    names = [name for name in mentioned(prompt) if name.lower() not in others]
    if not names:
        return Spoken()
    entities = [_called(name, project) for name in names]
    room = card.most_references - first if "references" in card.usable(given) else 0
    shown = [entity for entity in entities if entity.is_shown][: max(0, room)]
    room -= len(shown)
    inputs = [_input(entity, entity.sheet[0], tag=entity.tag) for entity in shown]
    if card.takes_more_views:
        for view, entity in sorted(_more_views(shown), key=lambda more: more[0])[: max(0, room)]:
            inputs.append(_input(entity, entity.sheet[view]))
    for position, row in enumerate(inputs, first):
        row.position = position
    told = tuple((entity.tag, entity.words) for entity in entities if entity not in shown)
    return Spoken(inputs, told, tuple(entities))


def references_of(project, prompt: str, card) -> list[Input]:
    """The views of whom a prompt calls by name, as rows for a run, not saved. Raises as `spoken_in` does."""
    return spoken_in(project, prompt, card).inputs


def _called(name, project):
    entity = next((entity for entity in project.cast if entity.tag.lower() == name.lower()), None)
    if entity is None:
        there = ", ".join(f"@{entity.tag}" for entity in project.cast)
        if not there:
            raise InvalidRequest(
                "prompt",
                gettext_noop("The prompt says @%(name)s, but no reference is called so. Name one, or leave out the @."),
                name=name,
            )
        raise InvalidRequest(
            "prompt",
            gettext_noop("Nobody in this film is called @%(name)s. There are: %(there)s."),
            name=name,
            there=there,
        )
    return entity


def _more_views(entities):
    """(which view, entity) of all but the first views."""
    return [(number, entity) for entity in entities for number in range(1, len(entity.sheet))]


def _input(entity, view, *, tag=""):
    return Input(
        role=Input.Role.REFERENCE, reference_role=entity.kind, asset=view.asset, tag=tag, words=entity.description
    )

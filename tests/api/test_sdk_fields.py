"""Every field of Runway's clients, by their types: known here, each of its values taken or told as not built."""

import importlib
import inspect
import typing

import pytest
from pydantic import ValidationError

from runwayweb.api import wire  # noqa: F401, by which every planner is known
from runwayweb.api.aliases import ALIASES
from runwayweb.api.errors import issue_of
from runwayweb.api.fields import NOT_BUILT
from runwayweb.api.planned import PLANNERS
from runwayweb.api.v1 import upscales

KINDS = sorted({kind for offers in ALIASES.values() for kind in offers if kind != "voices"})
# What has no effect without its model, or is not there yet; docs/api.md says which.
NOT_MADE = {"outputFormat": NOT_BUILT, "targetFramerate": upscales.NOT_BUILT}


def values_of(kind):
    """The values that a type names one by one; none of any other."""
    if typing.get_origin(kind) is typing.Literal:
        return list(typing.get_args(kind))
    return [value for part in typing.get_args(kind) for value in values_of(part)]


def fields_of(kind):
    """(model, field as it is sent, its values) of all that the client sends to an endpoint for a name we take there."""
    module = importlib.import_module(f"runwayml.types.{kind}_create_params")
    bodies = [one for one in vars(module).values() if inspect.isclass(one) and "model" in one.__annotations__]
    for body in bodies:
        hints = typing.get_type_hints(body, include_extras=True)
        for model in values_of(hints["model"]):
            if kind in ALIASES.get(model, {}):
                for name, hint in hints.items():
                    yield model, sent_as(name, hint), values_of(hint)


def sent_as(name, hint):
    """“promptText” of prompt_text, as the client's own note beside its type has it."""
    notes = [part for part in (hint, *typing.get_args(hint)) if hasattr(part, "__metadata__")]
    return next((note.alias for one in notes for note in one.__metadata__ if getattr(note, "alias", None)), name)


def issue_at(kind, field, value):
    """What is said of one value of a field, of a body that has nothing else; None where nothing is."""
    try:
        PLANNERS[kind].schema.model_validate({field: value})
    except ValidationError as error:
        issues = [issue_of(one, one["loc"], {field: value}) for one in error.errors()]
        return next((issue for issue in issues if issue.path[:1] == (field,)), None)
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_known_and_each_of_its_values_taken_or_told_as_not_built(kind):
    known = {field.alias for field in PLANNERS[kind].schema.model_fields.values()}
    found = list(fields_of(kind))
    assert found
    for model, field, values in found:
        assert field in known, f"{model} has {field}"
        if field in ("model", "ratio"):
            continue  # by the model's name: below
        for value in values:
            issue = issue_at(kind, field, value)
            if value in NOT_MADE.get(field, ()):
                assert issue.code == "not_built" and value in issue.message, (field, value)
            else:
                assert issue is None, (field, value, issue)
        if values and isinstance(values[0], str):
            issue = issue_at(kind, field, "nothing like this")
            assert issue.path == (field,) and f"'{values[0]}'" in issue.message
            assert not any(value in issue.message for value in NOT_MADE.get(field, ())), "only what is made is offered"


@pytest.mark.parametrize("kind", KINDS)
def test_the_frames_of_a_name_are_just_those_that_its_type_has(kind):
    for model, field, values in fields_of(kind):
        if field == "ratio":
            assert set(ALIASES[model][kind].ratios) == set(values), (model, kind)

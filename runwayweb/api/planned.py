"""From a body to what will be asked of an engine: one planner for each endpoint that makes work.

POST /v1/<kind> starts what a planner planned, POST /v1/quotes says what it would cost; a router chooses the model
first.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from generation import pricing
from generation.delivery import Delivery
from generation.engine.card import ModelCard
from generation.models import Generation, Input
from projects.models import Project

UNKEPT = re.compile("[\x00\ud800-\udfff]")  # NUL and halves of characters: no database takes all of them


class Body(BaseModel):
    """What is sent: camelCase, no guessing of types, fields that nobody knows left alone."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False, extra="ignore", strict=True)

    cleaned: ClassVar[tuple[str, ...]] = ()  # fields whose words are looked at elsewhere

    @field_validator("*")
    @classmethod
    def _can_be_kept(cls, value, info):
        if isinstance(value, str) and info.field_name not in cls.cleaned and UNKEPT.search(value):
            why = "It holds a NUL or half a character, which cannot be stored. Write it anew."
            raise PydanticCustomError("unkept", why)
        return value


@dataclass(frozen=True)
class Planned:
    """A run that could be asked for now. `model`: as the body names it; `asked`, `task`, `inputs`, `blocking_of`,
    `joins`, `delivery` are what Generation.request_run takes. `project` None: the workspace's own for its programs."""

    kind: str
    model: str
    card: ModelCard
    asked: Any
    task: str = ""
    inputs: Sequence[Input] = ()
    blocking_of: Generation | None = None
    joins: str = ""
    delivery: Delivery | None = None
    project: Project | None = None

    def quote(self, wallet):
        """What it would cost and take if it were queued now: pricing.Quote."""
        return pricing.quote([self.asked], self.card, wallet)


@dataclass(frozen=True)
class Planner:
    """`plan(body, caller)` returns a Planned. Raises Invalid, InvalidRequest, ApiError. It may fetch what the body
    names, so it is never called inside a transaction."""

    kind: str
    schema: type[BaseModel]
    plan: Callable[[Any, Any], Planned]
    summary: str


PLANNERS: dict[str, Planner] = {}


def planner(kind: str, schema: type[BaseModel], summary: str):
    """Register a function as the planner of an endpoint."""

    def register(plan):
        PLANNERS[kind] = Planner(kind, schema, plan, summary)
        return plan

    return register

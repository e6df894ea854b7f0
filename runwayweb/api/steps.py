"""What a task is made of that takes several runs: how each of them is begun, and what all of them may cost.

A planner returns a Chained in place of a Planned. Its steps name makers: functions that ask for the work of a step when
its turn comes, with what the steps before it made.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from generation import pricing
from generation.engine.card import ModelCard
from generation.history import expected
from generation.models import Generation
from projects.models import Export, Project

if TYPE_CHECKING:
    from .caller import Caller
    from .models import Step

MAKERS: dict[str, Callable[["Step"], Iterable[Generation | Export]]] = {}


class StepFailed(Exception):
    """A step cannot be: a sentence for whoever asked, and a code for their program."""

    def __init__(self, sentence, code):
        self.code = code
        super().__init__(sentence)


def maker(name):
    """Register a function that asks for the work of a step: `make(step)` returns or yields its runs or exports. It is
    called in a transaction. Raises StepFailed, Refused, InvalidRequest, ModelNotFound."""

    def register(make):
        MAKERS[name] = make
        return make

    return register


@dataclass(frozen=True)
class PlannedStep:
    """`asked` of `card` is what it will be asked for, or a sample of the same price and length; None for an export,
    which costs nothing. `most`: the credits that it may cost, where that is not the price of `asked`. `optional`: where
    it fails, the task goes on without it."""

    stage: int
    maker: str
    card: ModelCard | None = None
    asked: Any = None
    told: dict[str, Any] = field(default_factory=dict)
    most: int | None = None
    optional: bool = False

    @property
    def credits(self):
        if self.most is not None:
            return self.most
        return pricing.credits_for(self.card, self.asked) if self.card else 0


@dataclass(frozen=True)
class Chained:
    """What a Planned is, of several steps. `make_project(caller)` makes the film it stands in; None: the workspace's
    own for its programs."""

    kind: str
    model: str
    steps: Sequence[PlannedStep]
    make_project: Callable[["Caller"], Project] | None = None

    @property
    def credits(self):
        """The most that it may cost."""
        return sum(step.credits for step in self.steps)

    def quote(self, wallet):
        """What it would cost and take if it were queued now: pricing.Quote."""
        runs = [step for step in self.steps if step.card]
        first = pricing.quote([runs[0].asked], runs[0].card, wallet)
        takes = reduce(add, [expected(step.card, step.asked) for step in runs])
        return pricing.Quote(self.credits, takes, first.wait, wallet.available)

    def begin(self, task, caller):
        """Queue the first steps of a task, and hold everything that they may cost. In the caller's transaction. Raises
        Refused, InvalidRequest."""
        from .models import Chain

        project = self.make_project(caller) if self.make_project else caller.project()
        told = {"task": task, "project": project, "requested_by": caller.user, "cost": self.credits}
        Chain.objects.create(**told).begin(self.steps)

"""What a generation costs and how long it takes, said before it runs."""

import math
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from generation.engine import catalogue
from generation.history import Span, expected

if TYPE_CHECKING:
    from generation.waiting import Wait


@dataclass(frozen=True)
class Quote:
    """`credits` are binding: never more is charged. `takes` is an estimate, and so is what `wait` says: both by how it
    went here. `in_slow_lane`: it would cost nothing, and run when nobody waits who pays."""

    credits: int
    takes: Span
    wait: "Wait"
    available: int
    in_slow_lane: bool = False

    @property
    def affordable(self):
        return self.credits <= self.available

    @property
    def ready_in(self):
        """From now until it is there."""
        return self.wait.starts_in + self.takes


def quote(requests, card, wallet, *, slow_lane=False):
    """What `requests` on one model would cost and take if they were queued now."""
    from generation.waiting import Line

    takes = reduce(add, [expected(card, request) for request in requests])
    return Quote(
        credits=0 if slow_lane else sum(credits_for(card, request) for request in requests),
        takes=takes,
        wait=Line().wait_of_next(wallet.workspace_id, card.id, slow_lane=slow_lane),
        available=wallet.available,
        in_slow_lane=slow_lane,
    )


def credits_for(card, request):
    """Whole credits for a request on a model, or for what was really made of it, at least 1: a second has its price."""
    return credits_for_seconds(card, request.duration_seconds)


def credits_for_seconds(card, seconds):
    """Whole credits for so many seconds, at least 1."""
    return max(1, math.ceil(round(card.credits_per_second * seconds, 6)))  # 0.1 × 30 is a little more than 3


def credits_for_made(generation, made):
    """What is charged for what a run made: its share of the price that was held, or less where the model is cheaper."""
    share = made.duration_seconds / generation.asked().duration_seconds
    frozen = math.ceil(round(generation.cost * share, 6))
    return min(generation.cost, frozen, credits_for(catalogue.card(generation.model), made))

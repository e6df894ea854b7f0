"""Which of the installed models does what was asked for without naming one."""

from dataclasses import dataclass, field
from typing import Any

from generation import history, machines
from generation.engine import catalogue
from generation.engine.card import ModelCard
from generation.models import Generation
from generation.models.status import Status
from generation.pricing import credits_for
from runwayweb.subscriptions.models import Plan

from . import aliases

FILTERS = ("capability", "prompt_length", "input_support", "allow_deny", "price")
REASONS = {"cost": "lowest_cost", "latency": "best_latency", "quality": "best_quality"}
WORDS = {
    "cost": "It costs least: {credits} credits.",
    "latency": "It is there soonest: {seconds:.0f} s by the last runs here.",
    "quality": "It ranks highest among those that fit.",
}


@dataclass(frozen=True)
class Wanted:
    """What a router looks for: `task` of `tasks.TASKS` at an `endpoint`; `inputs`: of `request.INPUTS`, what it is
    given; `sample(card)`: a request like the one to come, for its price and its time."""

    modality: str
    endpoint: str
    task: str
    sample: Any
    inputs: frozenset[str] = frozenset()
    references: int = 0
    seconds: float = 0.0
    sound: bool = False  # of a clip, with it


@dataclass
class Choice:
    """`card` None: none is left; `emptied_by` says after which filter."""

    card: ModelCard | None = None
    credits: int = 0
    reason: str | None = None
    reason_code: str | None = None
    pipeline: list[dict] = field(default_factory=list)
    emptied_by: list[str] = field(default_factory=list)
    all_exhausted: bool | None = None

    @property
    def provider(self):
        return provider_of(self.card) if self.card else None


def provider_of(card):
    """Who made a model: the owner of its repository, or this project."""
    return card.repository.split("/")[0].lower() if card.repository else "runwayweb"


def choose(router, wanted, workspace):
    """Filter all that is installed, then rank what is left. A few queries for each of those."""
    plan = Plan.objects.of(workspace)
    choice = Choice()
    left = list(catalogue.cards())
    keeps = {
        "capability": lambda card: _can(card, wanted),
        "prompt_length": lambda card: True,  # all take what a body may hold
        "input_support": lambda card: _takes(card, wanted),
        "allow_deny": lambda card: plan.allows_model(card.id) and router.allows(_names(card, wanted)),
        "price": lambda card: _affordable(card, wanted, router),
    }
    for name in FILTERS:
        left = [card for card in left if keeps[name](card)]
        choice.pipeline.append({"type": "filter", "filter": name, "models": [card.id for card in left]})
        if not left:
            choice.emptied_by.append(name)
            return choice
    if router.falls_back:
        choice.all_exhausted = _all_places_taken(workspace, plan)
        if choice.all_exhausted:
            choice.pipeline.append({"type": "capacity", "allExhausted": True, "skipped": []})
    _rank(choice, left, router.optimize_for, wanted)
    return choice


def _can(card, wanted):
    return (
        wanted.task in card.tasks
        and not card.lacks
        and wanted.seconds <= card.max_seconds
        and (not wanted.sound or card.has_sound)
        and not machines.refusal(card)
    )


def _takes(card, wanted):
    return wanted.inputs <= card.usable(wanted.inputs) and wanted.references <= card.most_references


def _names(card, wanted):
    """What a model goes by: its id, and those names of Runway's that mean it here."""
    return {card.id} | {
        name
        for name, offers in aliases.ALIASES.items()
        if wanted.endpoint in offers and aliases.card_for(name, wanted.endpoint, wanted.task) == card
    }


def _affordable(card, wanted, router):
    ceiling = router.ceiling(wanted.modality)
    return ceiling is None or credits_for(card, wanted.sample(card)) <= ceiling


def _all_places_taken(workspace, plan):
    """The places of a workspace are for all models together: either one is free for each of them, or none is."""
    if plan.concurrency is None:
        return False
    busy = Generation.objects.filter(workspace=workspace, status__in=[Status.QUEUED, Status.RUNNING], slow_lane=False)
    return busy.count() >= plan.concurrency


def _rank(choice, left, optimize_for, wanted):
    told = {card: (credits_for(card, wanted.sample(card)), _seconds(card, wanted)) for card in left}
    by = {
        "cost": lambda card: (told[card][0], -card.rank),
        "latency": lambda card: (told[card][1], told[card][0]),
        "quality": lambda card: (-card.rank, told[card][0]),
    }
    choice.card = min(left, key=by[optimize_for])
    choice.credits, seconds = told[choice.card]
    if len(left) == 1:
        outcome, choice.reason_code, choice.reason = "single_candidate", "only_eligible_model", "No other model fits."
    else:
        outcome = "cost" if optimize_for == "cost" else "selected"
        choice.reason_code = REASONS[optimize_for]
        choice.reason = WORDS[optimize_for].format(credits=choice.credits, seconds=seconds)
    choice.pipeline.append({"type": "rank", "outcome": outcome})


def _seconds(card, wanted):
    return history.expected(card, wanted.sample(card)).usual

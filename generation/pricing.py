"""What a generation costs and how long it takes, said before it runs."""

import math
from dataclasses import dataclass
from statistics import median

from django.db.models import F

from generation.engine import catalogue

HISTORY = 20  # finished runs of the same model that an estimate goes by
MEGA = 1_000_000
SOUND_PACE = 0.5  # seconds for a second of sound: a first guess


@dataclass(frozen=True)
class Quote:
    """`credits` are binding: never more is charged. Times are estimates in seconds."""

    credits: int
    seconds: float
    wait_seconds: float
    available: int

    @property
    def affordable(self):
        return self.credits <= self.available


def quote(requests, card, wallet):
    """What `requests` on one model would cost and take if they were queued now. Two queries."""
    from generation.models import Generation

    ahead = Generation.objects.in_progress().count()
    each = [expected_seconds(card, request) for request in requests]
    return Quote(
        credits=sum(credits_for(card, request) for request in requests),
        seconds=sum(each),
        wait_seconds=ahead * each[0],
        available=wallet.available,
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


def expected_seconds(card, request):
    """How long a worker takes over a request, by the last runs of the model here, else by its card."""
    if card.is_of_sound:
        return request.duration_seconds * _pace(card, lambda _asked, seconds: seconds, SOUND_PACE)
    size = _megapixels(vars(request))
    return size * _pace(card, lambda asked, _seconds: _megapixels(asked), card.seconds_per_megapixel)


def _megapixels(asked):
    return asked["width"] * asked["height"] * asked["num_frames"] / MEGA


def _pace(card, size, otherwise):
    """Seconds for each `size(request, seconds of what was made)`: the median of the last runs, or what is used
    `otherwise`."""
    from generation.models import Generation

    runs = (
        Generation.objects.filter(model=card.id, status=Generation.Status.SUCCEEDED, copied_from=None)
        .exclude(started_at=None)
        .order_by("-finished_at")
        .values_list("request", "asset__duration_seconds", F("finished_at") - F("started_at"))[:HISTORY]
    )
    paces = [taken.total_seconds() / size(asked, seconds) for asked, seconds, taken in runs if size(asked, seconds)]
    return median(paces) if paces else otherwise

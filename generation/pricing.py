"""What a generation costs and how long it takes, said before it runs."""

import math
from dataclasses import dataclass
from statistics import median

from django.db.models import F

HISTORY = 20  # finished runs of the same model that an estimate goes by
MEGA = 1_000_000


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
    """Whole credits for a request on a model, at least 1."""
    return credits_for_run(card, request.num_frames, request.fps)


def credits_for_run(card, num_frames, fps):
    """Whole credits for so many frames at so many a second, at least 1."""
    return max(1, math.ceil(card.credits_per_second * num_frames / fps))


def credits_for_clip(card, clip):
    """Whole credits for what was really made."""
    return max(1, math.ceil(card.credits_per_second * clip.duration_seconds))


def expected_seconds(card, request):
    """How long a worker takes over a request, by the last runs of the model here, else by its card."""
    return _seconds_per_megapixel(card) * _megapixels(request)


def _megapixels(request):
    return request.width * request.height * request.num_frames / MEGA


def _seconds_per_megapixel(card):
    from generation.models import Generation

    runs = (
        Generation.objects.filter(model=card.id, status=Generation.Status.SUCCEEDED, copied_from=None)
        .exclude(started_at=None)
        .order_by("-finished_at")
        .values_list("request", F("finished_at") - F("started_at"))[:HISTORY]
    )
    paces = [
        taken.total_seconds() * MEGA / (request["width"] * request["height"] * request["num_frames"])
        for request, taken in runs
    ]
    return median(paces) if paces else card.seconds_per_megapixel

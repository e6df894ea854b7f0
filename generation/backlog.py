"""What waits and runs in the whole studio, counted: by model, by workspace."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from generation import machines
from generation.engine import catalogue
from generation.models import Generation
from generation.models.status import IN_PROGRESS, WAITING, Status


@dataclass(frozen=True)
class Backlog:
    """Of a model or a workspace (`of`: its id). `oldest`: when the one that waits longest was asked for, or None."""

    of: object
    queued: int
    throttled: int
    running: int
    oldest: datetime | None

    @property
    def waiting(self):
        return self.queued + self.throttled


def by(column):
    """The Backlog of each "model" or "workspace" that has something in progress, the most first. One query."""
    rows = Generation.objects.filter(status__in=IN_PROGRESS).order_by().values(column)
    counted = rows.annotate(
        queued=Count("pk", filter=Q(status=Status.QUEUED)),
        throttled=Count("pk", filter=Q(status=Status.THROTTLED)),
        running=Count("pk", filter=Q(status=Status.RUNNING)),
        oldest=Min("queued_at", filter=Q(status__in=WAITING)),
    )
    found = [Backlog(of=row.pop(column), **row) for row in counted]
    return sorted(found, key=lambda one: (-one.waiting, -one.running, str(one.of)))


def obstacle(model):
    """Why no run of a model begins, whatever its turn: a sentence, "" where nothing stands in its way."""
    try:
        return machines.refusal(catalogue.card(model))
    except catalogue.ModelNotFound as error:
        return str(error)

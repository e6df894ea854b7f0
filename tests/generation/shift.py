"""Workers that take what is next whenever they are free, by a clock that only the story moves."""

import heapq
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from generation.models import Generation, Turn
from generation.models.requested import REQUEST_FIELDS
from generation.models.status import Status
from tests.factories import make_request

LENGTH = 10.0  # seconds that every run takes


@dataclass
class Begun:
    """A run that a worker began, at a time of the clock."""

    at: float
    run: Generation


class Shift:
    """`machines` workers at work. Every run ends after LENGTH, as one that failed: that needs no file."""

    def __init__(self, worker, machines=1):
        self.worker = worker
        self.free_at = [0.0] * machines
        self.running = []  # (when it ends, number, run)
        self.begun = []

    @property
    def now(self):
        """When the next worker is free."""
        return min(self.free_at)

    def work(self, runs=10**6, until=None, watch=lambda: None):
        """Let so many runs begin, or those until `until(Begun)` says that it was enough; the Begun of this call."""
        before = len(self.begun)
        while len(self.begun) - before < runs:
            heapq.heapify(self.free_at)
            at = self.free_at[0]
            self._end_until(at)
            run = Generation.objects.claim_next(self.worker)
            if run is None:
                if not self.running:
                    break
                heapq.heapreplace(self.free_at, self.running[0][0])
                continue
            watch()
            heapq.heapreplace(self.free_at, at + LENGTH)
            heapq.heappush(self.running, (at + LENGTH, len(self.begun), run))
            self.begun.append(Begun(at, run))
            if until and until(self.begun[-1]):
                break
        return self.begun[before:]

    def finish(self):
        self._end_until(float("inf"))

    def _end_until(self, at):
        while self.running and self.running[0][0] <= at:
            _, _, run = heapq.heappop(self.running)
            assert run.fail(run.attempt, code="STORY", message="It ended.")


def queue_up(project, count, *, slow_lane=False, model="animatic", status=None):
    """So many runs of a workspace, as if asked for one after the other; those beyond its places wait for one."""
    base = timezone.now() - timedelta(hours=1)
    with transaction.atomic():
        turn = Turn.objects.lock(project.workspace_id, slow_lane)
    places = count if turn.places is None else turn.places
    asked = {name: value for name, value in make_request().as_recipe().items() if name in REQUEST_FIELDS}
    rows = [
        Generation(
            workspace_id=project.workspace_id,
            project=project,
            model=model,
            request=asked | {"seed": number},
            cost=0,
            slow_lane=slow_lane,
            status=status or (Status.QUEUED if number < places else Status.THROTTLED),
            queued_at=base + timedelta(milliseconds=number),
            created_at=base + timedelta(milliseconds=number),
        )
        for number in range(count)
    ]
    return Generation.objects.bulk_create(rows, batch_size=500)

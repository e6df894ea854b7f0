"""How a worker gets its next run: the fairest row that waits, by a conditional update."""

from generation.faults import fault_point

from .status import Status
from .turn import Turn

CANDIDATES = 8  # workspaces that are looked at before the line is looked at anew
AHEAD = 20  # runs of a workspace among which one of a loaded model is looked for


class Claiming:
    """The verbs of a queryset of generations for those who work on them."""

    def claim_next(self, worker, warm=()):
        """Take the fairest queued row for `worker`; None when there is nothing left. Two workers never get the same.

        `warm`: models that it has loaded. They go first where that passes over nobody: among the runs of one workspace,
        and among workspaces that are due at once.
        """
        while generation := next(self.next_in_line(warm), None):
            if generation._claim(worker):
                fault_point("after_claim")
                return generation
        return None

    def next_in_line(self, warm=()):
        """The queued rows to run next, the fairest first: the slow lane only where nothing else waits, else the
        workspace that is due first. A handful of queries, however many wait."""
        for slow_lane in (False, True):
            queued = self.filter(status=Status.QUEUED, slow_lane=slow_lane)
            turns = Turn.objects.filter(slow_lane=slow_lane, workspace__in=queued.order_by().values("workspace"))
            found = list(turns.order_by("due", "-priority", "since", "pk")[:CANDIDATES])
            for turn in found:
                oldest = _of(queued, turn).first()
                if oldest is None:
                    continue  # somebody just took it
                if warm and oldest.model not in warm:
                    at_once = [one for one in found if (one.due, one.priority) == (turn.due, turn.priority)]
                    yield from _of_loaded_models(queued, at_once, warm)
                yield oldest


def _of(queued, turn):
    return queued.filter(workspace=turn.workspace_id).order_by("queued_at", "created_at")


def _of_loaded_models(queued, turns, warm):
    for turn in turns:
        models = _of(queued, turn).values_list("pk", "model")[:AHEAD]
        found = next((pk for pk, model in models if model in warm), None)
        if found:
            yield from queued.filter(pk=found)

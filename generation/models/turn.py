"""Whose turn it is: what stands between workspaces that want the same machines.

Two things are kept apart. *Places*: how many runs of a workspace may stand in line or run at once, by its plan; what is
beyond them is accepted and THROTTLED until a place is free. *Turns*: of those in line, the workspace whose next run is
due first is served. That is start-time fair queuing (Goyal, Vin and Cheng 1996, doi:10.1145/248156.248171), with a
clock that no hand moves: each run costs its workspace TURN / weight of virtual time, and who comes to an empty place in
line begins where the clock stands. So shares follow the weights while several have work waiting, and a workspace with
one run goes before the next of one with 5,000, whatever both pay. Priority decides between those that are due at once;
as each of them is due later afterwards, everybody is passed over by another workspace once at most.
"""

from collections import Counter
from datetime import timedelta

from django.db import models, transaction
from django.db.models import Count, F, Max, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from runwayweb.subscriptions.models import Plan

from .event import Event
from .status import IN_PROGRESS, IN_WORK, WAITING, Status

TURN = 1_000_000  # of virtual time: what a run costs a workspace of weight 1
SLOW_LANE_PLACES = 1  # of a workspace, beside those of its plan: the slow lane takes nothing from what is paid for
BATCH = 100  # runs that get a place in one transaction


class TurnQuerySet(models.QuerySet):
    def lock(self, workspace, slow_lane, plan=None):
        """The turn of a workspace (its id) in a lane, as its plan is now. Locked until the transaction ends, so that
        places are given one after the other. `plan`: the one in force, where that was just looked up."""
        turn, made = self.select_for_update().get_or_create(workspace_id=workspace, slow_lane=slow_lane)
        turn.follow(plan or Plan.objects.of(workspace))
        if made:
            turn._stand_in_line(anew=True)
        return turn

    def give_places(self, workspace, slow_lane):
        """Give the free places of a workspace to those that wait for one; how many got one. One query where none do."""
        if not _rows(workspace, slow_lane).filter(status=Status.THROTTLED).exists():
            return 0
        given = 0
        while more := self._give_some(workspace, slow_lane):
            given += more
        return given

    def was_served(self, run):
        """A run of its workspace began."""
        self._of(run).update(began=F("due"), due=F("due") + TURN / F("weight"))

    def was_put_back(self, run):
        """One that began does not go on: the next is due when that one was."""
        self._of(run).update(due=F("due") - TURN / F("weight"))

    @transaction.atomic
    def put_first(self, run):
        """Let a run that waits be the next of its lane that begins; True if it waits still.

        Its workspace goes before the others for this one: it is due a turn earlier than whoever is due first.
        """
        if not _generations().select_for_update(skip_locked=True).filter(pk=run.pk, status__in=WAITING).first():
            return False  # a worker takes it this moment, and locks its row before its turn
        turn = self.lock(run.workspace_id, run.slow_lane)
        waiting = _rows(run.workspace_id, run.slow_lane).filter(status__in=WAITING)
        first = waiting.order_by("queued_at").values_list("queued_at", flat=True).first()
        if first is None or not waiting.filter(pk=run.pk).update(queued_at=first - timedelta(milliseconds=1)):
            return False
        queued = _generations().filter(status=Status.QUEUED, slow_lane=run.slow_lane).order_by().values("workspace")
        due = self.filter(slow_lane=run.slow_lane, workspace__in=queued).aggregate(first=Min("due"))["first"]
        if due is not None:
            self.filter(pk=turn.pk, due__gte=due).update(due=due - 1)
        return True

    def put_last(self, run):
        """Let a run that waits be the last of its workspace; True if it waits still."""
        rows = _generations().filter(pk=run.pk, status__in=WAITING)
        return bool(rows.update(queued_at=timezone.now()))

    def _of(self, run):
        return self.filter(workspace=run.workspace_id, slow_lane=run.slow_lane)

    @transaction.atomic
    def _give_some(self, workspace, slow_lane):
        return self.lock(workspace, slow_lane).give_places()

    def look_after(self):
        """What a lost process or another plan left behind: whoever waits stands in line, every free place is given and
        none beyond the plan. A few queries where all is well."""
        runs = _generations().filter(status__in=IN_PROGRESS).order_by()
        lanes = {
            (row["workspace"], row["slow_lane"]): row
            for row in runs.values("workspace", "slow_lane").annotate(
                in_work=Count("pk", filter=Q(status__in=IN_WORK)),
                throttled=Count("pk", filter=Q(status=Status.THROTTLED)),
            )
        }
        workspaces = {workspace for workspace, _lane in lanes}
        turns = {(turn.workspace_id, turn.slow_lane): turn for turn in self.filter(workspace__in=workspaces)}
        plans = Plan.objects.of_each(workspaces)
        for (workspace, slow_lane), counted in lanes.items():
            turn, plan = turns.get((workspace, slow_lane)), plans[workspace]
            places = places_of(plan, slow_lane)
            lacks = counted["throttled"] and (places is None or counted["in_work"] < places)
            beyond = places is not None and counted["in_work"] > places
            if turn is None or lacks or beyond or not turn.follows(plan):
                while self._give_some(workspace, slow_lane) > 0:
                    pass


class Turn(models.Model):
    """Of a workspace in one of the two lanes. `due`: virtual time of its next run, `began`: of its newest one."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="turns")
    slow_lane = models.BooleanField(default=False)
    weight = models.PositiveIntegerField(default=1)
    priority = models.IntegerField(default=0)
    due = models.BigIntegerField(default=0)
    began = models.BigIntegerField(default=0)
    since = models.DateTimeField(default=timezone.now)  # when it came to stand in line: the first of equals is served

    objects = TurnQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["slow_lane", "-began"], name="turn_clock")]
        constraints = [models.UniqueConstraint(fields=["workspace", "slow_lane"], name="turn_once_in_a_lane")]

    def __str__(self):
        return f"{self.workspace_id}{' (slow lane)' if self.slow_lane else ''}: {self.due}"

    # Questions

    def follows(self, plan):
        return (self.weight, self.priority) == (plan.weight, plan.priority)

    @property
    def cost(self):
        """What a run costs it, in virtual time."""
        return TURN // self.weight

    @property
    def free_places(self):
        """How many more runs may stand in line or run; None where its plan has no limit. Of a locked turn."""
        return None if self.places is None else self.places - self._rows.filter(status__in=IN_WORK).count()

    @property
    def _rows(self):
        return _rows(self.workspace_id, self.slow_lane)

    # Verbs of a locked turn

    def follow(self, plan):
        """Take what a plan says of places, weight and priority."""
        self.plan, self.places = plan, places_of(plan, self.slow_lane)
        if not self.follows(plan):
            self.weight, self.priority = plan.weight, plan.priority
            self.save(update_fields=["weight", "priority"])

    def take_place(self):
        """The status that one more run of it has: QUEUED, or THROTTLED behind others that wait for a place. One query,
        or three for the first in line."""
        rows = self._rows.filter(status__in=IN_PROGRESS).order_by().values_list("status")
        there = Counter(dict(rows.annotate(number=Count("pk"))))
        if not there:
            self._stand_in_line(anew=True)
            return Status.QUEUED
        free = None if self.places is None else self.places - sum(there[status] for status in IN_WORK)
        if there[Status.THROTTLED] or free is not None and free <= 0:
            if free is None or free > 0:  # they lost their promotion
                give_places_later(self.workspace_id, self.slow_lane)
            return Status.THROTTLED
        if not there[Status.QUEUED]:
            self._stand_in_line()
        return Status.QUEUED

    def give_places(self):
        """Let the oldest that wait have the free places, or the newest in line wait where they are too many; how many
        got one, or minus how many lost one."""
        free = self.free_places
        if free is not None and free < 0:
            return -self._move(Status.QUEUED, Status.THROTTLED, "-queued_at", most=-free)
        most = BATCH if free is None else min(free, BATCH)
        stood_in_line = self._rows.filter(status=Status.QUEUED).exists()
        given = self._move(Status.THROTTLED, Status.QUEUED, "queued_at", most=most) if most else 0
        if given and not stood_in_line:
            self._stand_in_line()
        return given

    def _stand_in_line(self, anew=False):
        """Begin where the clock stands; one that had nothing in progress (`anew`) owes nothing for what it had."""
        clock = Turn.objects.filter(slow_lane=self.slow_lane).aggregate(now=Max("began"))["now"] or 0
        self.due, self.since = (clock if anew else max(self.due, clock)), timezone.now()
        self.save(update_fields=["due", "since"])

    def _move(self, origin, to, order, *, most):
        """Move so many rows, and tell of each. Rows that somebody holds are passed over: whoever cancels several holds
        theirs while they wait for what is held here."""
        rows = self._rows.filter(status=origin).order_by(order, "created_at").select_for_update(skip_locked=True)
        moved = list(rows[:most])
        in_line_at = Now() if to == Status.QUEUED else None
        _generations().filter(pk__in=[run.pk for run in moved], status=origin).update(status=to, in_line_at=in_line_at)
        for run in moved:
            run.status = to
            Event.objects.record(f"generation.{to}", run)
            if to == Status.QUEUED:
                transaction.on_commit(run.wake_a_worker)
        return len(moved)


def places_of(plan, slow_lane):
    """How many runs of a workspace on this plan may be in work at once; None: as many as it likes."""
    return SLOW_LANE_PLACES if slow_lane else plan.concurrency


def give_places_later(workspace, slow_lane):
    """Once the transaction is through, for a place is free only then; what goes wrong is mended by the dispatcher."""
    transaction.on_commit(lambda: Turn.objects.give_places(workspace, slow_lane), robust=True)


def _rows(workspace, slow_lane):
    return _generations().filter(workspace=workspace, slow_lane=slow_lane)


def _generations():
    from .generation import Generation

    return Generation.objects

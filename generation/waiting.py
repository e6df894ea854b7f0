"""Why a run waits and when it should start: by what stands before it, and by how long such runs took here."""

import heapq
import math
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.conf import settings
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation import history, machines
from generation.engine import catalogue
from generation.history import Span, in_short
from generation.models import Generation, Turn, Worker
from generation.models.status import IN_PROGRESS, WAITING, Status
from generation.models.turn import places_of
from runwayweb.subscriptions.models import Plan

LOADED_GB_A_SECOND = 1.0  # of weights, from a disk as servers have them: a first guess
SWAP_SECONDS = 1.0  # a model that loads faster keeps nobody waiting


@dataclass(frozen=True)
class Wait:
    """So many runs of the same workspace and of others begin before it, its model is loaded, then it starts."""

    yours: int
    others: int
    swap_seconds: float  # 0 where a worker has its model loaded
    starts_in: Span
    places: int | None = None  # how many its workspace may have in work, where it waits for one of those places
    slow_lane: bool = False
    nowhere: bool = False  # no machine that works just now can run its model

    @property
    def ahead(self):
        return self.yours + self.others

    @property
    def reasons(self):
        """“2 of yours, 3 of others, model swap 40 s”; "" for one that is next."""
        told = []
        if self.yours:
            told.append(ngettext("%(n)d of yours", "%(n)d of yours", self.yours) % {"n": self.yours})
        if self.others:
            told.append(ngettext("%(n)d of others", "%(n)d of others", self.others) % {"n": self.others})
        if self.swap_seconds >= SWAP_SECONDS:
            told.append(_("model swap %(time)s") % {"time": in_short(self.swap_seconds)})
        return ", ".join(told)

    @property
    def words(self):
        """All of it, for a card."""
        told = []
        if self.places:
            at_once = ngettext("Your plan runs %(n)d at once", "Your plan runs %(n)d at once", self.places)
            told.append(at_once % {"n": self.places})
        elif self.slow_lane:
            told.append(_("Slow lane, behind all paid work"))
        else:
            told.append(_("Waiting") if self.reasons else _("Waiting: you are next"))
        if self.reasons:
            told[0] = _("%(what)s: %(reasons)s") % {"what": told[0], "reasons": self.reasons}
        if self.nowhere:
            return " · ".join([told[0], _("no machine that has this model works just now")])
        if self.starts_in.most >= 1:
            told.append(_("starts in %(time)s") % {"time": self.starts_in.words})
        return " · ".join(told)


class Line:
    """Everything that waits and runs, as it stood when first asked about: five queries, two for each model in it, and
    one for each run that is asked about.

    It goes by the rules of `Claiming.next_in_line`: who begins first there does here, as long as nobody comes.
    """

    def wait_of(self, run):
        """The Wait of a run; None for one that waits no longer."""
        if run.status not in WAITING:
            return None
        before = Q(queued_at__lt=run.queued_at) | Q(queued_at=run.queued_at, created_at__lt=run.created_at)
        rows = Generation.objects.filter(workspace=run.workspace_id, slow_lane=run.slow_lane, status__in=WAITING)
        lane = run.workspace_id, run.slow_lane
        return self._wait(
            lane, run.model, rows.filter(before).count(), throttled=run.status == Status.THROTTLED, stands=1
        )

    def wait_of_next(self, workspace, model, *, slow_lane=False):
        """The Wait of a run that somebody of a workspace (its id) would ask for now."""
        lane = workspace, slow_lane
        return self._wait(lane, model, self._waiting(lane), throttled=not self._has_place(lane))

    def _wait(self, lane, model, mine, *, throttled, stands=0):
        """`stands`: how many of those that wait are the one that is asked about."""
        workspace, slow_lane = lane
        others = self._others_before(lane, mine)
        yours = mine
        if slow_lane:  # all that is paid for goes first
            yours += self._waiting((workspace, False))
            others += sum(n for (other, slow), n in self._counts.items() if not slow and other != workspace)
        able = self._able(model)
        swap = 0.0 if any(model in self._loaded_by[worker] for worker in able) else self._loads(model)
        running = [run for run in self._running if not self._some_cannot(able) or run.worker_id in able]
        ahead = math.ceil((yours + others) * self._share_for(able, stands))
        starts = _free_in([self._left(run) for run in running], max(1, len(able)), ahead, self._usual_of_all)
        places = places_of(self._plan(workspace), slow_lane) if throttled else None
        if places:
            own = [self._left(run) for run in self._running if (run.workspace_id, run.slow_lane) == lane]
            starts = max(starts, _free_in(own, places, mine, self._usual(model)), key=lambda span: span.usual)
        return Wait(yours, others, swap, starts + Span(swap, swap), places, slow_lane, bool(self._workers and not able))

    def _others_before(self, lane, mine):
        """How many runs of other workspaces are due before the one behind `mine` of this one."""
        me, found = self._turn(lane), 0
        at = self._due(lane) + mine * me.cost
        for other, waiting in self._counts.items():
            if other[1] != lane[1] or other == lane or not waiting:
                continue
            turn = self._turn(other)
            turns = (at - self._due(other)) / turn.cost
            goes_first = (-turn.priority, turn.since) < (-me.priority, me.since)
            before = math.floor(turns) + 1 if goes_first else math.ceil(turns)
            found += min(waiting, max(0, before))
        return found

    # What stood there

    @cached_property
    def _mix(self):
        """A row for each workspace, lane, model and state."""
        runs = Generation.objects.filter(status__in=IN_PROGRESS).order_by()
        return list(runs.values("workspace", "slow_lane", "model", "status").annotate(n=Count("pk")))

    @cached_property
    def _counts(self):
        """{(workspace, lane): how many wait}, of all that have something in progress."""
        counts = {}
        for row in self._mix:
            lane = row["workspace"], row["slow_lane"]
            counts[lane] = counts.get(lane, 0) + (row["n"] if row["status"] in WAITING else 0)
        return counts

    @cached_property
    def _in_line(self):
        return {(row["workspace"], row["slow_lane"]) for row in self._mix if row["status"] == Status.QUEUED}

    def _waiting(self, lane):
        return self._counts.get(lane, 0)

    @cached_property
    def _running(self):
        columns = ("workspace", "slow_lane", "model", "started_at", "step", "steps", "worker")
        return list(Generation.objects.filter(status=Status.RUNNING).only(*columns))

    @cached_property
    def _workers(self):
        """Those that live, by their ids, each with the model that it ran last."""
        return {worker.pk: worker for worker in living_workers()}

    @cached_property
    def _loaded_by(self):
        """What each worker has loaded: what it says, and what it ran last."""
        return {pk: {*(worker.warm or ()), worker.ran_last} for pk, worker in self._workers.items()}

    @cached_property
    def _able_by_model(self):
        return {}

    def _able(self, model):
        """The ids of the workers that can run a model."""
        if model not in self._able_by_model:
            try:
                able = machines.able(self._workers.values(), catalogue.card(model))
            except catalogue.ModelNotFound:
                able = self._workers.values()
            self._able_by_model[model] = {worker.pk for worker in able}
        return self._able_by_model[model]

    def _some_cannot(self, able):
        return len(able) < len(self._workers)

    def _share_for(self, able, stands):
        """Of what waits, the part that some workers may be asked to run, too: the rest stands in nobody's way."""
        if not self._some_cannot(able):
            return 1.0
        waiting = [row for row in self._mix if row["status"] in WAITING]
        shared = sum(row["n"] for row in waiting if self._able(row["model"]) & able) - stands
        return max(0, shared) / max(1, sum(row["n"] for row in waiting) - stands)

    @cached_property
    def _turns(self):
        turns = Turn.objects.filter(workspace__in={workspace for workspace, _lane in self._counts})
        return {(turn.workspace_id, turn.slow_lane): turn for turn in turns}

    @cached_property
    def _clocks(self):
        clocks = Turn.objects.order_by().values_list("slow_lane").annotate(now=Max("began"))
        return dict(clocks)

    def _turn(self, lane):
        if lane not in self._turns:
            plan = self._plan(lane[0])
            anew = {"weight": plan.weight, "priority": plan.priority, "since": timezone.now()}
            self._turns[lane] = Turn(workspace_id=lane[0], slow_lane=lane[1], **anew)
        return self._turns[lane]

    def _due(self, lane):
        """When the next run of a workspace is due; one that stands in no line yet will be at the clock's time."""
        clock = self._clocks.get(lane[1], 0)
        if lane not in self._counts:
            return clock
        due = self._turn(lane).due
        return due if lane in self._in_line else max(clock, due)

    def _has_place(self, lane):
        places = places_of(self._plan(lane[0]), lane[1])
        return places is None or places > sum(
            row["n"] for row in self._mix if (row["workspace"], row["slow_lane"]) == lane
        )

    @cached_property
    def _plans(self):
        return {}

    def _plan(self, workspace):
        if workspace not in self._plans:
            self._plans[workspace] = Plan.objects.of(workspace)
        return self._plans[workspace]

    # How long it takes

    @cached_property
    def _spans(self):
        return {}

    def _usual(self, model):
        """How long runs of a model take here; before there were any, by its card and what is asked of it."""
        if model not in self._spans:
            self._spans[model] = history.usual_run(model) or self._first_guess(model)
        return self._spans[model]

    @cached_property
    def _load_seconds(self):
        return {}

    def _loads(self, model):
        """Seconds in which a model is loaded: as it went here, before it ever was by the size of its weights."""
        if model not in self._load_seconds:
            self._load_seconds[model] = history.load_seconds(model) or self._first_load(model)
        return self._load_seconds[model]

    def _first_load(self, model):
        try:
            needs = machines.known_needs(catalogue.card(model))
        except catalogue.ModelNotFound:
            return 0.0
        return (needs.denoiser + needs.encoders + needs.autoencoder) / LOADED_GB_A_SECOND if needs else 0.0

    def _first_guess(self, model):
        asked = Generation.objects.filter(model=model, status__in=IN_PROGRESS).first()
        try:
            return history.expected(catalogue.card(model), asked.asked())
        except (catalogue.ModelNotFound, AttributeError, KeyError, ValueError):  # nobody knows it, or none was asked
            return Span(history.UNKNOWN_SECONDS, history.UNKNOWN_SECONDS)

    @cached_property
    def _usual_of_all(self):
        """What a run in the line takes, by how many there are of each model."""
        waiting = [row for row in self._mix if row["status"] in WAITING]
        total = sum(row["n"] for row in waiting) or 1
        spans = [(self._usual(row["model"]), row["n"] / total) for row in waiting]
        return Span(sum(span.usual * part for span, part in spans), sum(span.most * part for span, part in spans))

    def _left(self, run):
        """Seconds that a running one still takes."""
        elapsed = max(0.0, (timezone.now() - run.started_at).total_seconds())
        if run.step:
            return elapsed / run.step * max(0, run.steps - run.step)
        return max(0.0, self._usual(run.model).usual - elapsed)


def living_workers():
    """Those of GPUs, each with the model that it ran last: its newest run is found by an index."""
    newest = Generation.objects.filter(worker=OuterRef("pk")).order_by("-started_at").values("model")[:1]
    lately = timedelta(seconds=3 * settings.BEAT_SECONDS + 5)
    return Worker.objects.beating(Worker.Kind.GPU, lately).at_work().annotate(ran_last=Subquery(newest))


def _free_in(left, machines, ahead, each):
    """When one of `machines` is free for the next, if `ahead` runs that take `each` go before; `left`: seconds that
    those still need that are at work."""
    free = sorted(left)[:machines] + [0.0] * max(0, machines - len(left))
    heapq.heapify(free)
    rounds, rest = divmod(ahead, machines)
    for _one in range(rest):
        heapq.heapreplace(free, free[0] + each.usual)
    # Every machine takes as many whole rounds, which are all alike.
    starts = free[0] + rounds * each.usual
    in_a_row = Span(each.usual, each.most).times(rounds + bool(rest) + bool(starts))
    return Span(starts, starts + in_a_row.most - in_a_row.usual)

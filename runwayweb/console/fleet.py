"""The worker processes of every host, as they stand now."""

from datetime import timedelta

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models import Generation, Wish, Worker

SILENT, RESTING, STOPPING, DRAINING, WORKING, WAITING = (
    "silent",
    "resting",
    "stopping",
    "draining",
    "working",
    "waiting",
)
WORDS = {
    SILENT: _("No sign of life"),
    STOPPING: _("Handing back"),
    DRAINING: _("Finishing its last"),
    WORKING: _("At work"),
    WAITING: _("Free"),
}
RUNS_WORK = (Worker.Kind.GPU, Worker.Kind.MEDIA)  # those that can rest: the others only look after rows


def fleet():
    """Every Worker on the list by host and kind, with `state`, `words`, `wish`, `run` (what it works on, or None),
    `last_model` and `cold` (ids of the models it has and has not loaded). Three queries."""
    newest = Generation.objects.filter(worker=OuterRef("pk")).order_by("-started_at").values("model")[:1]
    workers = list(Worker.objects.annotate(last_model=Subquery(newest)).order_by("host", "kind", "slot", "started_at"))
    running = Generation.objects.filter(status=Generation.Status.RUNNING, worker__in=workers)
    runs = {run.worker_id: run for run in running.select_related("workspace")}
    wishes = {(wish.host, wish.slot): wish for wish in Wish.objects.all()}
    late = timezone.now() - lately()
    for worker in workers:
        worker.run = runs.get(worker.pk)
        worker.wish = wishes.get((worker.host, worker.slot)) if worker.slot else None
        worker.can_rest = worker.kind in RUNS_WORK and bool(worker.slot)
        worker.cold = [model for model in worker.installed or () if model not in (worker.warm or ())]
        worker.state = _state(worker, late)
        worker.words = worker.wish.get_what_display() if worker.state == RESTING else WORDS[worker.state]
    return workers


def lately():
    """A worker that gave a sign of life within this timedelta is well."""
    return timedelta(seconds=3 * settings.BEAT_SECONDS + 5)


def _state(worker, late):
    if worker.beat_at < late:
        return SILENT
    if worker.wish and worker.run:
        return STOPPING if worker.wish.what == Wish.What.STOP else DRAINING
    if worker.wish:
        return RESTING
    return WORKING if worker.run else WAITING

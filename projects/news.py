"""What a film does when a run ended, and what the dispatcher looks after for it.

`ended` is called in the process in which a run ended, `look_after` by the dispatcher every few seconds, `look_back` by
a media worker every few minutes: jobs are hints that may be lost, the rows say what is still to be done.
"""

from django.db.models import Q

from generation import hooks, queues
from generation.models.status import IN_PROGRESS
from projects.models import Export, Invocation, Measurement, NodeRun, Pursuit, Sitting, Take
from projects.models.measurement import LATELY

BATCH = 50
MEASURE, SIT, EXPORT = "projects.jobs.measure_take", "projects.jobs.finish_sitting", "projects.jobs.run_export"
GO_ON = "projects.jobs.go_on_with_workflow"
EXPORT_SECONDS = 24 * 3600


def ended(generation):
    """A run ended: choose its take where none is, and measure it; or put it onto the sheet it was for."""
    take = Take.objects.filter(generation=generation).select_related("shot").first()
    if take and generation.status == generation.Status.SUCCEEDED and generation.is_to_be_seen:
        take.shot.choose_first(take)
    if take:
        measure_later(take.pk)
    sitting = Sitting.objects.unfinished().filter(generation=generation).first()
    if sitting:
        queues.enqueue_media(SIT, f"sitting-{sitting.pk}", sitting.pk)
    for run in NodeRun.objects.filter(generation=generation, status=NodeRun.Status.RUNNING):
        go_on_later(run.invocation_id)


def measure_later(take_id):
    """Leave a job that measures a take; False when Valkey is away."""
    return queues.enqueue_media(MEASURE, f"measure-{take_id}", take_id)


def export_later(export_id):
    """Leave a job that renders an export; False when Valkey is away."""
    return queues.enqueue_media(EXPORT, f"export-{export_id}", export_id, timeout=EXPORT_SECONDS)


def go_on_later(invocation_id):
    """Leave a job that goes on with a run of a workflow; False when Valkey is away."""
    return queues.enqueue_media(GO_ON, f"workflow-{invocation_id}", invocation_id)


def look_after():
    """Jobs for what is still to be done and lost its job, and pursuits whose take ended without a word."""
    waiting = None
    unmeasured = Measurement.wanted(Take.objects.live(), within=LATELY)
    for ids, later in (
        (list(unmeasured.values_list("pk", flat=True)[:BATCH]), "measure"),
        (list(Sitting.objects.unfinished().values_list("pk", flat=True)[:BATCH]), "sitting"),
    ):
        for pk in ids:
            waiting = queues.waiting_ids(queues.MEDIA) if waiting is None else waiting
            if f"{later}-{pk}" not in waiting:
                queues.enqueue_media(MEASURE if later == "measure" else SIT, f"{later}-{pk}", pk)
    for pk in Export.objects.waiting().values_list("pk", flat=True)[:BATCH]:
        waiting = queues.waiting_ids(queues.MEDIA) if waiting is None else waiting
        if f"export-{pk}" not in waiting:
            export_later(pk)
    for pk in Invocation.objects.to_go_on().values_list("pk", flat=True)[:BATCH]:
        waiting = queues.waiting_ids(queues.MEDIA) if waiting is None else waiting
        if f"workflow-{pk}" not in waiting:
            go_on_later(pk)
    over = Q(current=None) | ~Q(current__generation__status__in=IN_PROGRESS)
    # In any order: many that wait for a slow queue hide nobody.
    hooks.look_after_each(Pursuit.objects.running().filter(over).order_by("?")[:BATCH], Pursuit.go_on)


def look_back():
    """Jobs for takes that are not measured and ended before `look_after` looks: no media worker was there for long."""
    waiting = queues.waiting_ids(queues.MEDIA)
    for pk in Measurement.wanted(Take.objects.live()).values_list("pk", flat=True)[:BATCH]:
        if f"measure-{pk}" not in waiting:
            measure_later(pk)

"""What the media worker does for films. A job is a few lines: the verbs stand on the nouns."""

from generation import jobs, worker
from projects.export.run import Rendering
from projects.models import Export, Invocation, Measurement, Pursuit, Sitting, Take
from projects.models.score import measured
from projects.workflows import running
from runwayweb.assets.storage import StorageAway


def measure_take(take_id):
    """Measure a take against the sheets of its cast; then whoever waits for that goes on."""
    take = Take.objects.select_related("generation__asset", "shot__project").filter(pk=take_id).first()
    measurement = take and Measurement.claim(take)
    if measurement:
        try:
            measured(take)
        except StorageAway:
            measurement.put_off()
            raise
        measurement.finish()
    if take:
        go_on(take)


def go_on(take):
    """Whoever waits for a take looks at it."""
    for pursuit in Pursuit.objects.running().filter(current=take):
        pursuit.go_on()


def finish_sitting(sitting_id):
    """Put a view that was drawn onto its sheet."""
    sitting = Sitting.objects.unfinished().filter(pk=sitting_id).first()
    if sitting:
        sitting.finish()


def run_export(export_id):
    """Render a film; what somebody brings meanwhile does not wait for its end."""
    export = Export.objects.select_related("project").filter(pk=export_id).first()
    if export:
        Rendering(export, stopping=worker.hands_back, meanwhile=jobs.do_what_does_not_wait).run()


def go_on_with_workflow(invocation_id):
    """Take in what ended of a run of a workflow, and ask for what comes next."""
    rows = Invocation.objects.select_related("version__workflow", "project__workspace", "requested_by")
    invocation = rows.filter(pk=invocation_id).first()
    if invocation:
        running.go_on(invocation)

"""Taking away the films of a workspace."""

from generation.models import Input
from projects.models import Export, Invocation, Project, Take, View, Voice, Workflow


def erase(workspace):
    """Every film and every workflow, with their runs: they stand on each other, and go together."""
    for run in workspace.generations.in_progress():
        run.cancel()
    Export.objects.filter(project__workspace=workspace).delete()
    Invocation.objects.filter(project__workspace=workspace).delete()
    Workflow.objects.filter(workspace=workspace).delete()
    View.objects.filter(entity__project__workspace=workspace).delete()
    Take.objects.filter(shot__project__workspace=workspace).delete()
    Input.objects.filter(generation__workspace=workspace).delete()
    for review in workspace.reviews.filter(stills__gt=0):
        review.forget_stills()
    runs = workspace.generations.all()
    runs.update(blocking_of=None, joins="")
    runs.delete()
    Project.objects.filter(workspace=workspace).delete()
    Voice.objects.filter(workspace=workspace).delete()

"""Taking away the films of a workspace."""

from generation.models import Input
from projects.models import Export, Project, Take, View


def erase(workspace):
    """Every film, with its runs: they stand on each other, and go together."""
    for run in workspace.generations.in_progress():
        run.cancel()
    Export.objects.filter(project__workspace=workspace).delete()
    View.objects.filter(entity__project__workspace=workspace).delete()
    Take.objects.filter(shot__project__workspace=workspace).delete()
    Input.objects.filter(generation__workspace=workspace).delete()
    runs = workspace.generations.all()
    runs.update(blocking_of=None, joins="")
    runs.delete()
    Project.objects.filter(workspace=workspace).delete()

"""Taking away what was made in a workspace."""


def erase(workspace):
    """Stop what runs, giving its credits back, then forget every run and its events."""
    runs = workspace.generations.all()
    for run in runs.in_progress():
        run.cancel()
    runs.update(blocking_of=None, joins="")
    runs.all().delete()
    workspace.events.all().delete()

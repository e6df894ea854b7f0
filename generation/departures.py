"""Who may not make films in a workspace any more has nothing made there: what waits is cancelled and paid back."""

from generation.models import Generation
from generation.models.status import WAITING


def end_work_of(workspace, user):
    """Cancel the runs of `user` that wait there. One that is running already is finished: it is paid for, and the
    film's."""
    waiting = Generation.objects.filter(workspace=workspace, requested_by=user, status__in=WAITING)
    # All rows first, then the wallet: a worker that ends one of them locks in this order too.
    for run in waiting.select_for_update().order_by("pk"):
        run.cancel()

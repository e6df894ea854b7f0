"""Who may not make films in a workspace any more has nothing made there: what waits is cancelled and paid back."""

from django.db.models import Q

from generation.models import Generation
from generation.models.status import WAITING


def end_work_of(workspace, user):
    """Cancel the runs of `user` that wait there. One that is running already is finished: it is paid for, and the
    film's."""
    _cancel(Generation.objects.filter(workspace=workspace, requested_by=user, status__in=WAITING))


def stop_work_of(workspace, user):
    """Cancel whatever of `user`, or of everybody where that is None, waits or runs there, with its credits back."""
    asked = {"requested_by": user} if user else {}
    _cancel(Generation.objects.in_progress_of(workspace).filter(**asked))


def stop_the_suspended():
    """Cancel what began in the very moment in which somebody was suspended. One query where there is none."""
    suspended = Q(workspace__suspended_at__isnull=False) | Q(requested_by__suspended_at__isnull=False)
    for run in Generation.objects.in_progress().filter(suspended):
        run.cancel()


def _cancel(runs):
    """In a transaction. All rows first, then their films' budgets, then the wallet: a worker that ends one of them
    locks in this order, too."""
    locked = list(runs.select_for_update(of=("self",)).select_related("project").order_by("pk"))
    for project in sorted({run.project for run in locked}, key=lambda project: project.pk):
        project.lock_budget()
    for run in locked:
        run.cancel()

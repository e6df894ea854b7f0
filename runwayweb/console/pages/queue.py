"""What waits in the whole studio: how much of which model and whose, and why each run waits."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from generation import backlog
from generation.models import Generation, Turn, Worker
from generation.models.status import WAITING
from generation.waiting import Line
from runwayweb.accounts.models import AuditEntry, Workspace
from runwayweb.console.fleet import lately
from runwayweb.subscriptions.models import Plan

PAGE = 50
WORKSPACES = 20
MOVES = {"first": Turn.objects.put_first, "last": Turn.objects.put_last}


@require_safe
def queue(request):
    models = backlog.by("model")
    workspaces = backlog.by("workspace")[:WORKSPACES]
    ids = [one.of for one in workspaces]
    known, plans = Workspace.objects.in_bulk(ids), Plan.objects.of_each(ids)
    asked = {name: request.GET[name] for name in ("model", "workspace") if request.GET.get(name)}
    at_work = Worker.objects.beating(Worker.Kind.GPU, lately()).at_work().count()
    told = {
        "models": [(one, backlog.obstacle(one.of)) for one in models],
        "crowd": [(one, known.get(one.of), plans.get(one.of)) for one in workspaces],
        "page": _waiting(asked, request.GET.get("page")),
        "asked": urlencode(asked),
        "filters": asked,
        "at_work": at_work,
    }
    return render(request, "console/queue.html", told)


def _waiting(asked, number):
    """A page of the runs that wait, whoever was there first on top, each with its `wait`."""
    runs = Generation.objects.filter(status__in=WAITING).order_by("queued_at", "created_at")
    if "model" in asked:
        runs = runs.filter(model=asked["model"])
    if "workspace" in asked:
        runs = runs.filter(workspace__pk__startswith=asked["workspace"])
    page = Paginator(runs.select_related("workspace"), PAGE).get_page(number)
    line = Line()
    for run in page:
        run.wait = line.wait_of(run)
    return page


@require_POST
def queue_move(request, id):
    """`where`: "first" of all in its lane, or "last" of its workspace."""
    where = request.POST.get("where")
    if where not in MOVES:
        return HttpResponseBadRequest()
    run = get_object_or_404(Generation.objects.select_related("workspace"), pk=id)
    with transaction.atomic():
        moved = MOVES[where](run)
        if moved:
            told = (
                pgettext("place in the queue", "first") if where == "first" else pgettext("place in the queue", "last")
            )
            about = str(run.pk)[:8]
            AuditEntry.objects.record(run.workspace, request.user, "operator.run_moved", about=about, where=told)
    if moved:
        messages.success(request, _("The run is the next to begin.") if where == "first" else _("The run is the last."))
    else:
        messages.warning(request, _("The run waits no longer."))
    return redirect("console:queue")


urlpatterns = [
    path("queue/", queue, name="queue"),
    path("queue/<uuid:id>/place/", queue_move, name="queue-move"),
]

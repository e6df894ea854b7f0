"""The worker processes, and what an operator wants of them."""

from django.contrib import messages
from django.http import HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation.models import Wish, Worker
from runwayweb.console.fleet import RUNS_WORK, fleet


@require_safe
def workers(request):
    return render(request, "console/workers.html", {"workers": fleet()})


@require_POST
def worker_wish(request, id):
    """`what`: "drain", "stop", or nothing, to let it work again."""
    worker = get_object_or_404(Worker.objects.filter(kind__in=RUNS_WORK).exclude(slot=""), pk=id)
    what = request.POST.get("what", "")
    if what not in ("", *Wish.What.values):
        return HttpResponseBadRequest()
    Wish.objects.ask(worker, what, by=request.user)
    told = {
        "": _("%(worker)s works again."),
        Wish.What.DRAIN: _("%(worker)s finishes what it has and begins nothing."),
        Wish.What.STOP: _("%(worker)s hands back what it has and waits."),
    }
    messages.success(request, told[what] % {"worker": f"{worker.slot} · {worker.host}"})
    return redirect("console:workers")


urlpatterns = [
    path("workers/", workers, name="workers"),
    path("workers/<uuid:id>/wish/", worker_wish, name="worker-wish"),
]

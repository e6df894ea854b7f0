"""Every run of the studio: found, looked into, and what an operator can do about it.

Prompts are nobody's business: a page shows one only when an operator asks for it, and the workspace's log tells so.
"""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from generation import refunds
from generation.engine.catalogue import ModelNotFound
from generation.engine.request import InvalidRequest
from generation.models import Event, Generation
from generation.waiting import Line
from runwayweb.accounts.models import AuditEntry
from runwayweb.subscriptions.models import Entry
from runwayweb.subscriptions.refused import Refused

PAGE = 50
# What of a request says how it is to be drawn, and nothing of what is to be seen.
FACTS = ("width", "height", "num_frames", "fps", "duration_seconds", "num_inference_steps", "guidance_scale", "seed")


class DayInput(forms.DateInput):
    input_type = "date"


class Search(forms.Form):
    """Which runs are shown. Nonsense in it is left out."""

    id = forms.CharField(label=gettext_lazy("Run"), required=False, max_length=36)
    workspace = forms.CharField(label=gettext_lazy("Workspace"), required=False, max_length=100)
    model = forms.CharField(label=gettext_lazy("Model"), required=False, max_length=100)
    status = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    code = forms.CharField(label=gettext_lazy("Failure code"), required=False, max_length=64)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput())
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=DayInput())

    def __init__(self, values):
        super().__init__(values)
        self.fields["status"].choices = [("", _("Any")), *Generation.Status.choices]
        self.is_valid()

    @property
    def values(self):
        """What is asked for, as an address says it."""
        return {name: self.data[name] for name in self.fields if self.cleaned_data.get(name)}

    def runs(self):
        """The runs, newest first."""
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        runs = Generation.objects.order_by("-created_at", "-pk").select_related("workspace")
        if "id" in asked:
            runs = runs.filter(pk__startswith=asked["id"].strip().lower())
        if "workspace" in asked:
            told = asked["workspace"].strip()
            runs = runs.filter(Q(workspace__name__icontains=told) | Q(workspace__pk__startswith=told.lower()))
        if "model" in asked:
            runs = runs.filter(model__icontains=asked["model"].strip())
        if "status" in asked:
            runs = runs.filter(status=asked["status"])
        if "code" in asked:
            runs = runs.filter(failure_code__istartswith=asked["code"].strip())
        if "since" in asked:
            runs = runs.filter(created_at__date__gte=asked["since"])
        if "until" in asked:
            runs = runs.filter(created_at__date__lte=asked["until"])
        return runs


@require_safe
def generations(request):
    form = Search(request.GET)
    page = Paginator(form.runs(), PAGE).get_page(request.GET.get("page"))
    return render(request, "console/generations.html", {"form": form, "page": page, "asked": urlencode(form.values)})


@require_safe
def generation(request, id):
    return _page(request, _run(id))


@require_POST
def generation_prompt(request, id):
    """The same page with its words, which its workspace is told of."""
    run = _run(id)
    _write(request, run, "prompt_read")
    return _page(request, run, prompt=True)


@require_POST
def generation_cancellation(request, id):
    run = _run(id)
    with transaction.atomic():
        cancelled = run.cancel()
        if cancelled:
            _write(request, run, "run_cancelled")
    if cancelled:
        messages.success(request, _("The run is cancelled, and its credits are back."))
    else:
        messages.warning(request, _("The run has ended already."))
    return redirect("console:generation", run.pk)


@require_POST
def generation_retry(request, id):
    """Ask for it again, for whoever asked for it, at the price of today."""
    run = _run(id)
    try:
        with transaction.atomic():
            again = run.retry(by=run.requested_by)
            _write(request, run, "run_retried", again=str(again.pk)[:8])
    except (Refused, InvalidRequest, ModelNotFound) as error:
        messages.error(request, str(error))
        return redirect("console:generation", run.pk)
    messages.success(request, _("The run is asked for again: this is the new one."))
    return redirect("console:generation", again.pk)


@require_POST
def generation_refund(request, id):
    run = _run(id)
    with transaction.atomic():
        credits = refunds.refund(run)
        if credits:
            _write(request, run, "run_refunded", credits=credits)
    if credits:
        told = ngettext("%(n)d credit is back.", "%(n)d credits are back.", credits) % {"n": credits}
        messages.success(request, told)
    else:
        messages.warning(request, _("There is nothing to give back."))
    return redirect("console:generation", run.pk)


def _run(id):
    rows = Generation.objects.select_related("workspace", "project", "requested_by", "asset", "worker")
    return get_object_or_404(rows, pk=id)


def _write(request, run, deed, **details):
    AuditEntry.objects.record(run.workspace, request.user, f"operator.{deed}", about=str(run.pk)[:8], **details)


def _page(request, run, prompt=False):
    told = {
        "run": run,
        "facts": [(name, run.request[name]) for name in FACTS if run.request.get(name) not in (None, "")],
        "inputs": run.inputs.select_related("asset"),
        # They count from one in each workspace, so there is an index for them; and none is older than its run.
        "events": Event.objects.filter(workspace=run.workspace_id, generation_id=run.pk).order_by("sequence"),
        "entries": Entry.objects.filter(
            wallet__workspace=run.workspace_id, reference__in=[run.reference, refunds.reference_of(run)]
        ),
        "wait": Line().wait_of(run),
        "can_refund": bool(run.charged) and not run.in_progress and not refunds.was_refunded(run),
        "prompt": _words(run) if prompt else None,
    }
    return render(request, "console/generation.html", told)


def _words(run):
    """[(name, words)] of all that was asked for in words."""
    names = {"prompt": _("Prompt"), "negative_prompt": _("What to leave out"), "text": _("Text"), "lyrics": _("Lyrics")}
    return [(label, run.request[name]) for name, label in names.items() if run.request.get(name)]


urlpatterns = [
    path("generations/", generations, name="generations"),
    path("generations/<uuid:id>/", generation, name="generation"),
    path("generations/<uuid:id>/prompt/", generation_prompt, name="generation-prompt"),
    path("generations/<uuid:id>/cancellation/", generation_cancellation, name="generation-cancellation"),
    path("generations/<uuid:id>/retry/", generation_retry, name="generation-retry"),
    path("generations/<uuid:id>/refund/", generation_refund, name="generation-refund"),
]

"""The other rooms of the studio page: what is heard, and what is made over a video."""

import uuid

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from generation import pricing
from generation.engine.tasks import SOUNDS
from generation.models import Generation
from projects.cards import card_of
from projects.footage import FootageForm
from projects.models import Project
from projects.slow_lane import in_slow_lane
from projects.sounds import SoundForm
from projects.views.projects import feed_page
from runwayweb.accounts.doors import editable, visible
from runwayweb.subscriptions.models import Wallet
from runwayweb.subscriptions.refused import Refused

ROOMS = {"sound": SoundForm, "footage": FootageForm}


@login_required
@require_safe
def work(request, id, room):
    """The studio page with the request of a room, filled from the address; nonsense in it is left out."""
    project = visible(request, Project, pk=id)
    form = empty_form(room, request.GET, project)
    form.initial = {name: request.GET[name] for name in form.fields if name in request.GET}
    for name in ("clip", "asset"):
        if not is_uuid(form.initial.get(name)):
            form.initial.pop(name, None)
    return render(request, "projects/work.html", feed_page(request, project) | context_of(project, room, form))


@login_required
@require_POST
def work_new(request, id, room):
    """Queue one run of a room, with the file that came to be worked on."""
    project = editable(request, Project, pk=id)
    form = form_of(room, request.POST, project, request.FILES)
    if form.is_valid():
        task = form.task if form.task in SOUNDS else ""
        run = {"card": form.card, "project": project, "by": request.user, "task": task, "inputs": form.inputs()}
        run["slow_lane"] = in_slow_lane(form)
        try:
            made = Generation.request_run(form.cleaned_data["asked"], **run)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            if not request.htmx:
                return redirect(f"projects:{room}", project.pk)
            context = context_of(project, room, form) | {"generations": [card_of(made)]}
            return render(request, "projects/work.html#work_answer", context)
    context = context_of(project, room, form)
    if not request.htmx:
        return render(request, "projects/work.html", feed_page(request, project) | context, status=422)
    return render(request, "projects/work.html#work_form", context, status=422)


@login_required
@require_safe
def work_quote(request, id, room):
    """What the form as it stands would cost and take."""
    project = visible(request, Project, pk=id)
    form = form_of(room, {"prompt": "a quote needs no prompt"} | request.GET.dict(), project)
    form.is_valid()  # looks up the clip that was chosen
    return render(request, "projects/project.html#quote", context_of(project, room, form))


def form_of(room, values, project, files=None):
    return ROOMS[room](values, files, task=task_of(room, values), workspace=project.workspace)


def empty_form(room, values, project):
    return ROOMS[room](task=task_of(room, values), workspace=project.workspace)


def task_of(room, values):
    """What was asked for, or the first there is."""
    works = ROOMS[room].WORKS
    return values.get("task") if values.get("task") in works else next(iter(works))


def context_of(project, room, form):
    works = [(task, label, icon) for task, (label, icon, _names) in form.WORKS.items()]
    return {"project": project, "form": form, "works": works, "room": room, "quote": quote_for(project, form)}


def quote_for(project, form):
    """The quote for a form; None where it is not complete, or works on a file nobody has looked at yet."""
    if not form.cards:
        return None
    wallet = Wallet.objects.of(project.workspace)
    if form.takes_a_file:
        sample = form.sample()
        return sample and pricing.quote([sample], form.card, wallet, slow_lane=in_slow_lane(form))
    if form.is_bound and form.is_valid():
        return pricing.quote([form.cleaned_data["asked"]], form.card, wallet, slow_lane=in_slow_lane(form))
    if form.is_bound:
        return None
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    sample = type(form)(values | {"prompt": "a sound"}, task=form.task, workspace=project.workspace)
    return quote_for(project, sample) if sample.is_valid() else None


def is_uuid(value):
    try:
        return bool(value and uuid.UUID(value))
    except ValueError:
        return False

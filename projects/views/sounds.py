"""The other half of the studio page: what is heard."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from generation import pricing
from generation.models import Generation
from projects.cards import card_of
from projects.models import Project
from projects.sounds import WORKS, SoundForm
from projects.views.projects import feed_page
from runwayweb.subscriptions.models import InsufficientCredits, Wallet


@login_required
@require_safe
def sound(request, id):
    """The studio page with the request for a sound, filled from the address; nonsense in it is left out."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=id)
    form = SoundForm(task=task_of(request.GET), workspace=project.workspace)
    form.initial = {name: request.GET[name] for name in form.fields if name in request.GET}
    return render(request, "projects/sound.html", feed_page(request, project) | context_of(project, form))


@login_required
@require_POST
def sound_new(request, id):
    """Queue one sound, or the recording that came to be worked on."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=id)
    form = SoundForm(request.POST, request.FILES, task=task_of(request.POST), workspace=project.workspace)
    if form.is_valid():
        run = {"card": form.card, "project": project, "by": request.user, "task": form.task, "inputs": form.inputs()}
        try:
            made = Generation.request_run(form.cleaned_data["asked"], **run)
        except InsufficientCredits as error:
            form.add_error(None, str(error))
        else:
            if not request.htmx:
                return redirect("projects:sound", project.pk)
            context = context_of(project, form) | {"generations": [card_of(made)]}
            return render(request, "projects/sound.html#sound_answer", context)
    if not request.htmx:
        return render(
            request, "projects/sound.html", feed_page(request, project) | context_of(project, form), status=422
        )
    return render(request, "projects/sound.html#sound_form", context_of(project, form), status=422)


@login_required
@require_safe
def sound_quote(request, id):
    """What the form as it stands would cost and take."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=id)
    values = {"prompt": "a quote needs no prompt"} | request.GET.dict()
    form = SoundForm(values, task=task_of(request.GET), workspace=project.workspace)
    return render(request, "projects/project.html#quote", context_of(project, form))


def task_of(values):
    """What was asked for, or the first that can be done."""
    return values.get("task") if values.get("task") in WORKS else next(iter(WORKS))


def context_of(project, form):
    works = [(task, label, icon) for task, (label, icon, _names) in WORKS.items()]
    return {"project": project, "form": form, "works": works, "sounds": True, "quote": quote_for(project, form)}


def quote_for(project, form):
    """The quote for a form of words; None where it is not complete, or works on a recording nobody has heard yet."""
    if form.listens or not form.cards:
        return None
    wallet = Wallet.objects.of(project.workspace)
    if form.is_bound and form.is_valid():
        return pricing.quote([form.cleaned_data["asked"]], form.card, wallet)
    if form.is_bound:
        return None
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    sample = SoundForm(values | {"prompt": "a sound"}, task=form.task, workspace=project.workspace)
    return quote_for(project, sample) if sample.is_valid() else None

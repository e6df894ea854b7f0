"""What a creator gives to the next run: pictures, and what an earlier clip has to give."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generation.engine import catalogue
from generation.models import Generation
from generation.models.input import ReferenceRole
from generation.models.requested import Joins
from projects.forms import GenerationForm, form_values, prefilled_form
from projects.inputs import FRAMES, REFERENCES, SHARED_FRAME, InputsForm, engine_for, engine_to_join, free_name
from projects.models import Project
from projects.views.generations import told_instead
from projects.views.projects import quote_for
from runwayweb.accounts.doors import editable
from runwayweb.assets.pictures import UnreadableVideo
from runwayweb.assets.upload import BadPicture

UNREADABLE = (BadPicture, UnreadableVideo, OSError)


@login_required
@require_POST
def picture_new(request, id, name):
    """Keep a picture for the place called `name` in the form. The place comes back with it, or with what is wrong."""
    project = editable(request, Project, pk=id)
    if name not in FRAMES + REFERENCES:
        raise Http404
    form = InputsForm(request.POST, request.FILES, workspace=project.workspace)
    form.is_valid()
    slot = form.slot(name)
    status = 422 if slot.errors else 200
    return render(request, "projects/_picture.html", {"slot": slot, "project": project}, status=status)


@login_required
@require_POST
def continuation(request, id):
    """The form with the settings of a clip, to begin with its last frame: its shot goes on where an engine can."""
    return joining(request, find_clip(request, id), Joins.AFTER, "last")


@login_required
@require_POST
def lead_up(request, id):
    """The form with the settings of a clip, to end with its first frame: its shot comes about where an engine can."""
    return joining(request, find_clip(request, id), Joins.BEFORE, "first")


def joining(request, clip, joins, shared):
    """The form with the settings of a clip, for what comes before or after it and shares a frame with it."""
    try:
        frame = clip.still(shared)
    except UNREADABLE as error:
        return told_instead(request, clip, what_is_wrong(error))
    values = form_values(clip, seed=False)
    for name in (*FRAMES, "blocking", "joins"):
        values.pop(name, None)
    engine, same_shot = engine_to_join(clip, joins)
    if same_shot:
        # Its camera is at rest; a move asked for would begin or end elsewhere.
        values |= {"blocking": str(clip.pk), "joins": joins.value, "camera": "", "camera_path": ""}
    values |= {SHARED_FRAME[joins]: str(frame.pk), "model": engine}
    return filled_form(request, clip.project, values)


@login_required
@require_POST
def reference(request, id):
    """The form as it stands, with a whole frame of a clip as one reference more: a place."""
    clip = find_clip(request, id)
    return with_one_more(request, clip, ReferenceRole.PLACE, "place", lambda: clip.still("middle"))


@login_required
@require_POST
def cast_reference(request, id, number):
    """The form as it stands, with somebody or something of a clip, cut out, as one reference more."""
    clip = find_clip(request, id)
    if not 1 <= number <= len(clip.asset.cast):
        raise Http404
    one = clip.asset.cast[number - 1]
    return with_one_more(request, clip, one["role"], one["name"], lambda: clip.cast_picture(number))


def with_one_more(request, clip, role, what, picture):
    """The form as it stands, with what `picture()` gives in its next free place for a reference, named after `what` it
    shows."""
    values = as_it_stands(request.POST)
    card = catalogue.card(engine_for("references", prefer=[values.get("model"), clip.model]))
    free = next((name for name in REFERENCES[: card.most_references] if name not in values), None)
    if free is None:
        most = {"model": card.name, "most": card.most_references}
        return told_instead(request, clip, _("%(model)s takes at most %(most)d references. Remove one first.") % most)
    try:
        kept = picture()
    except UNREADABLE as error:
        return told_instead(request, clip, what_is_wrong(error))
    taken = [values.get(f"{name}_tag", "").removeprefix("@") for name in REFERENCES if name in values]
    values |= {free: str(kept.pk), f"{free}_role": role, f"{free}_tag": free_name(what, taken)}
    values |= {"model": card.id}
    return filled_form(request, clip.project, values)


def find_clip(request, id):
    """A generation that has a clip, to make something of it."""
    return editable(request, Generation.objects.exclude(asset=None).with_what_cards_show(), pk=id)


def as_it_stands(data):
    """What a form on the page holds, without the pictures that are to be removed."""
    names = (name for name in GenerationForm.base_fields if data.get(name) and f"{name}_remove" not in data)
    return {name: data[name] for name in names}


def filled_form(request, project, values):
    """The request form of a project, filled: itself for htmx, on its page for a plain form post."""
    values = {name: value for name, value in values.items() if value}
    if not request.htmx:
        return redirect(f"{reverse('projects:project', args=[project.pk])}?{urlencode(values)}")
    form = prefilled_form(values, project.workspace, project)
    context = {"project": project, "form": form, "quote": quote_for(form, project)}
    return render(request, "projects/project.html#request_form", context)


def what_is_wrong(error):
    return str(error) if isinstance(error, BadPicture) else _("The file of this clip cannot be read.")

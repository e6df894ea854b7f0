"""A cut on its way back from an editor's tool: looked at first, then taken."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from generation.models.requested import Joins
from projects.comebacks import ComebackForm
from projects.cut import BadCut
from projects.going_on import take_over, with_their_takes
from projects.models import Conflict, Project, Timeline
from projects.views.inputs import UNREADABLE, what_is_wrong
from runwayweb.accounts.doors import editable


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comeback(request, id):
    """A form for the file; then what it would make of the cut, with one button that takes it."""
    project = editable(request, Project, pk=id)
    timeline = Timeline.objects.of(project)
    form = ComebackForm(request.POST or None, request.FILES or None, timeline=timeline)
    context = {"project": project, "form": form, "timeline": timeline}
    if form.is_valid():
        context |= {
            "comeback": form.comeback,
            "clip_count": len(list(form.comeback.cut.clips())),
            "document": json.dumps(form.comeback.cut.as_document(), separators=(",", ":")),
            "longer": [
                (one.clip, take, one.frames / form.comeback.cut.fps)
                for one, take in with_their_takes(form.comeback.longer, project)
            ],
        }
    return render(request, "projects/comeback.html", context, status=422 if form.is_bound and form.errors else 200)


@login_required
@require_POST
def comeback_taken(request, id):
    """Put the cut that was looked at in the place of the film's, unless that was changed meanwhile."""
    project = editable(request, Project, pk=id)
    timeline = Timeline.objects.of(project)
    try:
        document, version = json.loads(request.POST["document"]), int(request.POST["version"])
        going_on = take_over(
            timeline, document, version=version, by=request.user, going_on=request.POST.getlist("going_on")
        )
    except UNREADABLE as error:
        messages.error(request, what_is_wrong(error))
        return redirect("projects:comeback", project.pk)
    except (KeyError, ValueError, RecursionError) as error:
        sentence = str(error) if isinstance(error, BadCut) else _("The cut did not arrive whole. Bring the file again.")
        messages.error(request, sentence)
        return redirect("projects:comeback", project.pk)
    except Conflict:
        messages.error(request, _("The cut was changed meanwhile, so nothing was taken over. Bring the file again."))
        return redirect("projects:comeback", project.pk)
    return _back(request, project, going_on)


def _back(request, project, going_on):
    """To the shots in which takes go on, where there are some, with what is to be done there."""
    if not going_on:
        messages.success(request, _("The cut came back."))
        return redirect("projects:exports", project.pk)
    if len(going_on) > 1:
        told = _("The cut came back. Takes go on in %(shots)s, laid in behind them: open each and press Generate.")
        numbers = ", ".join(one.shot.number for one in going_on)
        messages.success(request, told % {"shots": numbers})
        return redirect("projects:shots", project.pk)
    (one,) = going_on
    told = _("The cut came back. Shot %(shot)s is laid in behind the clip that goes on: press Generate to make it.")
    messages.success(request, told % {"shot": one.shot.number})
    joined = {"blocking": one.take.generation_id, "joins": Joins.AFTER.value} if one.of_the_shot else {}
    address = reverse("projects:shot", args=[one.shot.pk])
    return redirect(f"{address}?{urlencode(joined)}" if joined else address)

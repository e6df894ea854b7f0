"""A cut on its way back from an editor's tool: looked at first, then taken."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from projects.comebacks import ComebackForm
from projects.cut import BadCut, Source
from projects.models import Conflict, Project, Shot, Take, Timeline


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comeback(request, id):
    """A form for the file; then what it would make of the cut, with one button that takes it."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=id)
    timeline = Timeline.objects.of(project)
    form = ComebackForm(request.POST or None, request.FILES or None, timeline=timeline)
    context = {"project": project, "form": form, "timeline": timeline}
    if form.is_valid():
        context |= {
            "comeback": form.comeback,
            "clip_count": len(list(form.comeback.cut.clips())),
            "document": json.dumps(form.comeback.cut.as_document(), separators=(",", ":")),
            "longer": _with_their_takes(form.comeback.longer, project, form.comeback.cut.fps),
        }
    return render(request, "projects/comeback.html", context, status=422 if form.is_bound and form.errors else 200)


@login_required
@require_POST
def comeback_taken(request, id):
    """Put the cut that was looked at in the place of the film's, unless that was changed meanwhile."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=id)
    timeline = Timeline.objects.of(project)
    try:
        document, version = json.loads(request.POST["document"]), int(request.POST["version"])
        timeline.save_cut(document, version=version, by=request.user)
    except (KeyError, ValueError, RecursionError) as error:
        sentence = str(error) if isinstance(error, BadCut) else _("The cut did not arrive whole. Bring the file again.")
        messages.error(request, sentence)
        return redirect("projects:comeback", project.pk)
    except Conflict:
        messages.error(request, _("The cut was changed meanwhile, so nothing was taken over. Bring the file again."))
        return redirect("projects:comeback", project.pk)
    messages.success(request, _("The cut came back."))
    return redirect("projects:exports", project.pk)


def _with_their_takes(longer, project, fps):
    """[(take, seconds)] of the clips that want more of their takes than there is. Two queries."""
    sources = [one.clip.source for one in longer]
    shots = Shot.objects.filter(project=project, pk__in=[source.id for source in sources if source.kind == "shot"])
    takes = Take.objects.filter(
        shot__project=project, pk__in=[source.id for source in sources if source.kind == "take"]
    ).select_related("shot__scene", "generation__asset")
    found = {Source("take", str(take.pk)): take for take in takes}
    for shot in shots.select_related("scene", "chosen__shot__scene", "chosen__generation__asset"):
        found[Source("shot", str(shot.pk))] = shot.chosen
    return [(found[one.clip.source], one.frames / fps) for one in longer if found.get(one.clip.source)]

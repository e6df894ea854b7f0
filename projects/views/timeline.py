"""The timeline: the cut of the film, worked in the browser and kept here."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects import gaps
from projects.cut import CUT_RATES, BadCut
from projects.material import files_to_lay, material_of, takes_of, takes_to_lay
from projects.models import Conflict, Project, Shot, Timeline
from projects.planning import rewritten_shots
from projects.subtitles import BadSubtitles, read_subtitles
from projects.views.inputs import UNREADABLE, what_is_wrong
from runwayweb.accounts.doors import editable, visible
from runwayweb.assets.models import Asset
from runwayweb.assets.sandbox import Busy

SUBTITLE_BYTES = 1024 * 1024


@login_required
@require_safe
def timeline(request, id):
    """The room: what can be laid in, the stage, the clip that is chosen, and the tracks."""
    kept = _timeline(request, id)
    rewritten = rewritten_shots(kept.project)
    context = {
        "project": kept.project,
        "kept": _told(kept, rewritten),
        "rates": CUT_RATES,
        "takes": takes_to_lay(kept, rewritten),
        "files": files_to_lay(kept.project),
    }
    return render(request, "projects/timeline.html", context)


@login_required
@require_safe
def material(request, id):
    """The cut as it is kept and what its clips show today: for a page that was away."""
    kept = _timeline(request, id)
    return JsonResponse(_told(kept, rewritten_shots(kept.project)))


@login_required
@require_safe
def takes(request, id, shot):
    """The takes of one shot, each to be laid in for itself."""
    kept = _timeline(request, id)
    shots = Shot.objects.live().filter(project=kept.project)
    shot = get_object_or_404(shots.with_what_boards_show(), pk=shot)
    return render(request, "projects/timeline.html#shot_takes", {"takes": takes_of(kept, shot)})


@login_required
@require_safe
def shelf(request, id):
    """What a search in the library finds, to be laid in."""
    project = _project(request, id)
    files = files_to_lay(project, request.GET.get("q", "").replace("\x00", "").strip())
    return render(request, "projects/timeline.html#files", {"project": project, "files": files})


@login_required
@require_POST
def cut(request, id):
    """Keep a cut, JSON {"version", "cut"}: what it was made from, and what it is now."""
    kept = _timeline(request, id, editable)
    try:
        sent = json.loads(request.body)
        version, document = sent["version"], sent["cut"]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": _("The cut cannot be read. Load the page again.")}, status=422)
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        return JsonResponse({"error": _("The cut cannot be read. Load the page again.")}, status=422)
    try:
        kept.save_cut(document, version=version, by=request.user)
    except BadCut as error:
        return JsonResponse({"error": str(error)}, status=422)
    except Conflict:
        return _conflict(kept)
    return JsonResponse({"version": kept.version})


@login_required
@require_POST
def gap(request, id):
    """Plan a shot for the gap of `track` in which frame `at` lies, with the frames on both sides; its page opens.

    The page says, too, where a take cannot be just as long as the gap.
    """
    kept = _timeline(request, id, editable)
    at = request.POST.get("at", "")
    try:
        if not at.isdecimal() or len(at) > 9:
            raise BadCut(_("There is no gap here any more. Load the page again."))
        filled = gaps.fill(kept, request.POST.get("track", ""), int(at), by=request.user)
    except BadCut as error:
        return JsonResponse({"error": str(error)}, status=422)
    except Conflict:
        return _conflict(kept)
    except UNREADABLE as error:
        return JsonResponse({"error": what_is_wrong(error)}, status=422)
    if filled.length.told:
        messages.info(request, filled.length.told)
    return JsonResponse({"url": reverse("projects:shot", args=[filled.shot.pk])})


@login_required
@require_POST
def captions(request, id):
    """Read captions, from a posted file or from an asset of the library: JSON clips, counted from the file's start."""
    kept = _timeline(request, id, editable)
    try:
        said = read_subtitles(_words_of(request, kept.project), kept.cut.fps)
    except BadSubtitles as error:
        return JsonResponse({"error": str(error)}, status=422)
    except Busy:
        sentence = _("Too many files are looked through just now. Try again in a moment.")
        return JsonResponse({"error": sentence}, status=503, headers={"Retry-After": "5"})
    return JsonResponse({"clips": said})


def _words_of(request, project):
    """The bytes of what was posted. Raises BadSubtitles."""
    file = request.FILES.get("file")
    if file is None:
        assets = Asset.objects.ready().filter(workspace=project.workspace_id, media_type="text/vtt")
        try:
            asset = get_object_or_404(assets, pk=request.POST.get("asset"))
        except ValidationError:
            raise Http404 from None
        if asset.size_bytes > SUBTITLE_BYTES:
            raise BadSubtitles(_("Captions may be as large as 1 MiB."))
        with asset.file.open() as kept:
            return kept.read()
    if file.size > SUBTITLE_BYTES:
        raise BadSubtitles(_("Captions may be as large as 1 MiB."))
    return file.read()


def _conflict(kept):
    by = kept.saved_by
    return JsonResponse({"version": kept.version, "by": str(by) if by else ""}, status=409)


def _told(kept, rewritten):
    """What the page works with, as JSON."""
    cut = kept.cut
    return {"version": kept.version, "cut": cut.as_document(), "material": material_of(kept, cut.sources(), rewritten)}


def _timeline(request, id, door=visible):
    return Timeline.objects.of(_project(request, id, door))


def _project(request, id, door=visible):
    return door(request, Project.objects.select_related("workspace"), pk=id)

"""A film on its way out: asked for, watched, fetched."""

import io

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.export.formats import BUNDLE
from projects.exports import ExportForm, PosterForm
from projects.models import Conflict, Export, Project, Timeline
from projects.news import export_later
from projects.subtitles import as_srt, as_vtt
from runwayweb.accounts.doors import editable, opened, visible
from runwayweb.assets.pictures import UnreadableVideo
from runwayweb.subscriptions.models import Plan
from runwayweb.subscriptions.refused import Refused

SHOWN = 20
JPEG_QUALITY = 93
SUBTITLES = {"srt": (as_srt, "application/x-subrip"), "vtt": (as_vtt, "text/vtt")}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request, id):
    """What was rendered and what is; posted, one more."""
    project = opened(request, Project, pk=id)
    cut = Timeline.objects.of(project).cut
    plan = Plan.objects.of(project.workspace)
    initial = None if cut.frames else {"format": BUNDLE}
    form = ExportForm(request.POST or None, initial=initial, plan=plan, cut=cut)
    if form.is_valid():
        try:
            with transaction.atomic():
                export = Export.request_export(project, by=request.user, **form.cleaned_data)
                transaction.on_commit(lambda: export_later(export.pk))
        except Refused as refused:
            about_size = getattr(refused, "limit", "") == "largest_pixels"
            form.add_error("height" if about_size else None, str(refused))
        except ValueError:
            form.add_error(None, _("There is nothing in the cut yet. Lay some takes into it first."))
        else:
            return redirect("projects:exports", project.pk)
    context = {"project": project, "form": form, "cut": cut}
    context["exports"] = project.exports.select_related("asset")[:SHOWN]
    return render(request, "projects/exports.html", context, status=422 if form.is_bound else 200)


@login_required
@require_safe
def export(request, id):
    """The row of one export."""
    export = visible(request, Export.objects.select_related("asset"), pk=id)
    if not request.htmx:
        return redirect("projects:exports", export.project_id)
    return render(request, "projects/exports.html#export", {"export": export})


@login_required
@require_POST
def export_cancellation(request, id):
    export = editable(request, Export, pk=id)
    export.cancel()
    return redirect("projects:exports", export.project_id)


@login_required
@require_safe
def export_poster(request, id):
    """A picture of a finished film, as large as the film: at `at` seconds, or where its poster is."""
    export = visible(request, Export.objects.select_related("asset", "project"), pk=id)
    if not export.has_picture:
        raise Http404
    form = PosterForm(request.GET, film=export.asset)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["at"]))
        return redirect("projects:exports", export.project_id)
    picture = io.BytesIO()
    try:
        export.asset.frame_seen_at(form.cleaned_data["at"]).save(picture, "JPEG", quality=JPEG_QUALITY)
    except (UnreadableVideo, OSError):
        messages.error(request, _("This film’s file cannot be read."))
        return redirect("projects:exports", export.project_id)
    answer = HttpResponse(picture.getvalue(), content_type="image/jpeg")
    answer["Content-Disposition"] = content_disposition_header(True, f"{slugify(export.project.name) or 'film'}.jpg")
    return answer


@login_required
@require_POST
def assembly(request, id):
    """Lay the chosen takes of the storyboard into the cut, in order. `next`: "timeline" goes back there."""
    project = editable(request, Project, pk=id)
    try:
        if not Timeline.objects.of(project).assemble(by=request.user):
            messages.error(request, _("No shot has a chosen take yet. Make some on the storyboard first."))
    except Conflict:
        messages.error(request, _("The cut was changed meanwhile, so nothing was laid in. Try once more."))
    return redirect(f"projects:{'timeline' if request.POST.get('next') == 'timeline' else 'exports'}", project.pk)


@login_required
@require_safe
def subtitles(request, id, kind):
    """The captions of the film's cut."""
    project = visible(request, Project, pk=id)
    if kind not in SUBTITLES:
        raise Http404
    write, media_type = SUBTITLES[kind]
    answer = HttpResponse(write(Timeline.objects.of(project).cut), content_type=f"{media_type}; charset=utf-8")
    name = f"{slugify(project.name) or 'film'}.{kind}"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer

"""The film's world: who and what is in it, their reference sheets and voices."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.engine.catalogue import ModelNotFound
from generation.engine.request import InvalidRequest
from generation.models import Generation
from projects.cards import AssetView, card_of
from projects.inputs import told
from projects.models import Entity, Measurement, Project
from projects.models.entity import Kind
from projects.old_cast import takes_of_old_cast
from projects.sheets import sheets_of
from projects.views.inputs import UNREADABLE
from projects.voices import voice_called, voices_of
from projects.world_forms import EntityForm, LineForm
from runwayweb.accounts.doors import editable, opened, visible
from runwayweb.assets.models import Asset
from runwayweb.assets.upload import BadPicture, read_picture
from runwayweb.subscriptions.refused import Refused

OFFERED = 48  # pictures, and clips, to choose a view from
ICONS = {Kind.CHARACTER: "users", Kind.PLACE: "mountain", Kind.OBJECT: "box", Kind.STYLE: "palette"}
HEADINGS = {
    Kind.CHARACTER: (gettext_lazy("Characters"), gettext_lazy("Add a character")),
    Kind.PLACE: (gettext_lazy("Places"), gettext_lazy("Add a place")),
    Kind.OBJECT: (gettext_lazy("Objects"), gettext_lazy("Add an object")),
    Kind.STYLE: (gettext_lazy("Style"), gettext_lazy("Add a style")),
}
UNREADABLE_CHOICE = (Asset.DoesNotExist, Generation.DoesNotExist, ValidationError, ValueError, IndexError, *UNREADABLE)


@login_required
@require_safe
def world(request, id):
    """The cards of everybody, kind by kind."""
    project = find_project(request, id)
    old = takes_of_old_cast(project)
    speaking = any(entity.voice for entity in project.cast)
    voices = {voice.key: voice.name for voice in voices_of(project.workspace)} if speaking else {}
    for entity in project.cast:
        entity.old_takes = old.get(entity, [])
        entity.voice_name = voices.get(entity.voice, entity.voice)
    kinds = [
        {
            "kind": kind,
            "icon": ICONS[kind],
            "heading": HEADINGS[kind][0],
            "add": HEADINGS[kind][1],
            "entities": [entity for entity in project.cast if entity.kind == kind],
        }
        for kind in Kind
    ]
    gone = _just_deleted(request, project)
    return render(request, "projects/world.html", {"project": project, "kinds": kinds, "undo": gone})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entity_new(request, id):
    project = find_project(request, id, editable)
    kind = request.GET.get("kind")
    initial = {"kind": kind if kind in Kind.values else Kind.CHARACTER}
    form = EntityForm(request.POST or None, instance=Entity(project=project), initial=initial)
    if form.is_valid():
        entity = form.save(commit=False)
        with transaction.atomic():
            entity.save_new()
            refused = keep_views(entity, request.FILES.getlist("pictures"))
        for sentence in refused:
            messages.error(request, sentence)
        return redirect("projects:entity", entity.pk)
    context = {"project": project, "form": form}
    return render(request, "projects/entity_form.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entity(request, id):
    """Somebody: what is said of them, their sheet, their voice."""
    found = find(request, id, opened)
    form = EntityForm(request.POST or None, instance=found)
    if form.is_valid():
        form.instance.change(form.was)
        Measurement.forget(found)
        messages.success(request, _("@%(tag)s is saved.") % {"tag": found.tag})
        return redirect("projects:entity", found.pk)
    # A form that is wrong has written into its instance already: the page shows who they still are.
    return entity_page(request, find(request, id), form, status=422 if form.is_bound else 200)


def entity_page(request, found, form=None, *, status=200, **more):
    context = sheet_context(found) | {
        "form": form or EntityForm(instance=found),
        "old_takes": takes_of_old_cast(found.project).get(found, []),
        "speaks": voice_called(found.project.workspace, found.voice) is not None,
        "line_form": LineForm(),
    }
    return render(request, "projects/entity.html", context | more, status=status)


def sheet_context(found, **more):
    """What the sheet of an entity shows."""
    waiting = list(found.sittings.in_progress().select_related("generation"))
    failed = found.sittings.filter(generation__status="failed", finished=False, generation__deleted_at=None)
    coming = found.sittings.unfinished().exists()
    return {
        "project": found.project,
        "entity": found,
        "views": found.sheet,
        "waiting": waiting,
        "refreshes": bool(waiting) or coming,
        "failures": [sitting.generation.failure for sitting in failed.select_related("generation")[:1]],
        "sheets": [] if waiting else sheets_of(found),
    } | more


@login_required
@require_POST
def entity_deletion(request, id):
    found = find(request, id, editable)
    found.delete_softly()
    return redirect(f"{reverse('projects:world', args=[found.project_id])}?deleted={found.pk}")


@login_required
@require_POST
def entity_restoration(request, id):
    found = editable(request, Entity, deleted_too=True, pk=id)
    found.restore()
    messages.success(request, _("@%(tag)s is back.") % {"tag": found.tag})
    return redirect("projects:world", found.project_id)


@login_required
@require_POST
def entity_order(request, id):
    """The entities of one kind in a new order: `id` of each, first to last."""
    project = find_project(request, id, editable)
    project.entities.live().put_in_order(request.POST.getlist("id"))
    return HttpResponse(status=204) if request.htmx else redirect("projects:world", project.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request, id):
    """The sheet by itself, as it stands; posted, pictures that came are put onto it."""
    found = find(request, id, opened)
    refused = []
    if request.method == "POST":
        refused = keep_views(found, request.FILES.getlist("pictures"))
        changed(found)
    return answer(request, found, refused)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def view_choice(request, id):
    """The film's pictures and whoever is in its clips, to choose a view from; posted, the chosen one is put on."""
    found = find(request, id, editable)
    if request.method == "POST":
        refused = (
            [] if choose_view(found, request.POST.get("choice", "")) else [_("This picture is not there any more.")]
        )
        changed(found)
        for sentence in refused:
            messages.error(request, sentence)
        return redirect("projects:entity", found.pk)
    workspace = found.project.workspace
    pictures = Asset.objects.live().pictures().filter(workspace=workspace).order_by("-created_at")[:OFFERED]
    clips = (
        Generation.objects.finished_well()
        .filter(project=found.project, asset__media_type__in=("video/mp4", "image/png"))
        .select_related("asset")
        .order_by("-created_at")[:OFFERED]
    )
    cast = [
        (f"{clip.pk}:{number}", one["name"], AssetView(clip.asset).cast_url(number))
        for clip in clips
        for number, one in enumerate(clip.asset.cast, 1)
    ]
    frames = [(f"{clip.pk}:0", clip.words, AssetView(clip.asset).poster_url) for clip in clips if clip.asset.poster]
    kept = [(str(picture.pk), picture.name, AssetView(picture).poster_url) for picture in pictures]
    groups = [(_("Cut out of the film's clips"), cast), (_("Pictures"), kept), (_("Whole frames"), frames)]
    if found.kind in (Kind.PLACE, Kind.STYLE):
        groups = groups[::-1]
    context = {"project": found.project, "entity": found, "groups": [group for group in groups if group[1]]}
    return render(request, "projects/view_choice.html", context)


@login_required
@require_POST
def view_order(request, id):
    found = find(request, id, editable)
    found.order_views(request.POST.getlist("id"))
    changed(found)
    return answer(request, found)


@login_required
@require_POST
def view_label(request, id, view):
    """What a view shows: “from the front”."""
    found = find(request, id, editable)
    picture = get_object_or_404(found.views, pk=view)
    picture.label = request.POST.get("label", "").strip()[:40]
    picture.save(update_fields=["label"])
    return answer(request, found)


@login_required
@require_POST
def view_deletion(request, id, view):
    """Take a view off the sheet; its picture stays in the library."""
    found = find(request, id, editable)
    get_object_or_404(found.views, pk=view).delete()
    changed(found)
    return answer(request, found)


@login_required
@require_POST
def sheet_drawing(request, id):
    """Queue the views of a sheet from words or from a picture."""
    found = find(request, id, editable)
    refused = []
    try:
        wanted = next((one for one in sheets_of(found) if one.source == request.POST.get("source")), None)
        if wanted is None:
            raise Http404
        if found.sittings.in_progress().exists():
            refused = [_("Its sheet is being drawn already.")]
        else:
            wanted.request(found, by=request.user)
    except Refused as error:
        refused = [str(error)]
    except InvalidRequest as error:
        refused = [told(error)]
    return answer(request, found, refused)


@login_required
@require_POST
def renewal(request, id):
    """Take again the takes that show somebody as they were."""
    found = find(request, id, editable)
    old = takes_of_old_cast(found.project).get(found, [])
    made = 0
    try:
        with transaction.atomic():
            for take in old:
                take.again(by=request.user)
                made += 1
    except Refused as error:
        messages.error(request, str(error))
    except (InvalidRequest, ModelNotFound) as error:
        messages.error(request, told(error) if isinstance(error, InvalidRequest) else str(error))
    else:
        said = ngettext("%(n)d shot is being taken again.", "%(n)d shots are being taken again.", made) % {"n": made}
        messages.success(request, said)
    return redirect("projects:entity", found.pk)


@login_required
@require_POST
def line(request, id):
    """Let somebody say a line."""
    found = find(request, id, editable)
    form = LineForm(request.POST)
    voice = voice_called(found.project.workspace, found.voice)
    if voice is None:
        raise Http404
    spoken = None
    if form.is_valid():
        try:
            run = {"card": voice.card, "project": found.project, "by": request.user, "task": "text_to_speech"}
            spoken = Generation.request_run(form.request(voice), **run)
        except Refused as error:
            form.add_error("line", str(error))
        except InvalidRequest as error:
            form.add_error("line", told(error))
    context = {"entity": found, "project": found.project, "line_form": form, "spoken": spoken and card_of(spoken)}
    status = 200 if spoken else 422
    if request.htmx:
        return render(request, "projects/entity.html#line", context | {"speaks": True}, status=status)
    if spoken:
        return redirect("projects:generation", spoken.pk)
    return entity_page(request, found, line_form=form, status=422)


@login_required
@require_safe
def spoken_line(request, id, generation):
    """A line as far as it is."""
    found = find(request, id)
    runs = Generation.objects.visible_to(request.user).filter(project=found.project, task="text_to_speech")
    run = get_object_or_404(runs.with_what_cards_show(), pk=generation)
    context = {"entity": found, "project": found.project, "spoken": card_of(run)}
    return render(request, "projects/entity.html#spoken", context)


def keep_views(found, files):
    """Put uploaded pictures onto a sheet; a sentence for each that cannot be."""
    refused = []
    for file in files:
        try:
            asset = Asset.objects.keep_picture(
                read_picture(file),
                workspace=found.project.workspace,
                name=file.name,
                origin=Asset.Origin.UPLOADED,
                came_as=file,
            )
        except BadPicture as error:
            refused.append(f"{file.name}: {error}" if len(files) > 1 else str(error))
            continue
        if found.add_view(asset) is None:
            refused.append(_("%(name)s is on the sheet already, or the sheet is full.") % {"name": file.name})
    return refused


def choose_view(found, choice):
    """Put a picture of the workspace, somebody of a clip (“clip:number”), or a whole frame (“clip:0”) onto a sheet."""
    clip_id, colon, number = choice.partition(":")
    try:
        if not colon:
            pictures = Asset.objects.live().pictures().filter(workspace=found.project.workspace)
            asset = pictures.get(pk=clip_id)
            label = ""
        else:
            clips = Generation.objects.finished_well().filter(project=found.project).select_related("asset")
            clip = clips.get(pk=clip_id)
            asset = clip.cast_picture(int(number)) if int(number) > 0 else clip.still("middle")
            label = clip.asset.cast[int(number) - 1]["name"] if int(number) > 0 else ""
    except UNREADABLE_CHOICE:
        return None
    return found.add_view(asset, label)


def changed(found):
    """Its sheet is another: what was measured against it is measured anew, and what was fetched is fetched anew."""
    Measurement.forget(found)
    found._prefetched_objects_cache = {}


def answer(request, found, refused=()):
    """The sheet for htmx; for a plain form the page it stands on."""
    found._prefetched_objects_cache = {}
    if request.htmx:
        context = sheet_context(found, refused=refused)
        return render(request, "projects/entity.html#sheet", context, status=422 if refused else 200)
    for sentence in refused:
        messages.error(request, sentence)
    return redirect("projects:entity", found.pk)


def find_project(request, id, door=visible):
    return door(request, Project, pk=id)


def find(request, id, door=visible):
    return door(request, Entity.objects.select_related("project__workspace").with_sheets(), pk=id)


def _just_deleted(request, project):
    try:
        deleted = uuid.UUID(request.GET.get("deleted", ""))
    except ValueError:
        return None
    return project.entities.exclude(deleted_at=None).filter(pk=deleted).first()

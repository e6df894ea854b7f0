"""The library: finding files, putting them in order, taking them out."""

import uuid
from datetime import datetime

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import close_old_connections
from django.http import Http404, HttpResponseBadRequest, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url

from projects import library as shelves
from projects.trash import bring_back, delete_for_good
from projects.uses import told, uses_of
from runwayweb.accounts.doors import editable, visible, workspace_in_use
from runwayweb.accounts.models import Right
from runwayweb.assets import archive
from runwayweb.assets.models import Asset, Favourite, Folder, FolderRefused, Tag, TagRefused, Tree
from runwayweb.assets.models.tag import names_in
from runwayweb.redirects import next_address

TOLD = 3  # files that a message names


@login_required
@require_safe
@vary_on_headers("HX-Request")
def library(request):
    """The page; for htmx the files alone."""
    workspace_in_use(request, Right.SEE)
    shelf = shelves.Shelf(request.user, request.GET)
    partial = request.htmx and not request.htmx.history_restore_request
    template = "projects/library.html#results" if partial else "projects/library.html"
    answer = render(request, template, {"shelf": shelf, "form": shelf.form, "undo": _undo(request)})
    # What is asked for now has an address; more of the same has not.
    return push_url(answer, shelf.form.address()) if partial and shelf.cursor is None else answer


@login_required
@require_safe
@vary_on_headers("HX-Request")
def asset(request, id):
    """One file: in a sheet beside the others for htmx, else a page of its own."""
    return sheet(request, find(request, id))


@login_required
@require_POST
def name(request, id):
    found = find(request, id, editable)
    name = " ".join(request.POST.get("name", "").replace("\x00", "").split())[:200]
    if not name:
        return sheet(request, found, status=422, error=_("Give the file a name."))
    found.rename(name)
    return sheet(request, found)


@login_required
@require_POST
def tags(request, id):
    """Let a file have these tags and no others."""
    found = find(request, id, editable)
    try:
        Tag.objects.settle(found, names_in(request.POST.get("tags", "").replace("\x00", "")))
    except TagRefused as error:
        return sheet(request, found, status=422, error=str(error))
    return sheet(request, found)


@login_required
@require_POST
def favourite(request, id):
    """Mark a file, or unmark it."""
    found = find(request, id, editable)
    act = Favourite.objects.mark if request.POST.get("on") == "1" else Favourite.objects.unmark
    act([found], by=request.user)
    return sheet(request, found)


@login_required
@require_POST
def selection(request):
    """Do something with every file that is ticked."""
    workspace_in_use(request, Right.MAKE)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return HttpResponseBadRequest()
    chosen = shelves.Selection(request.user, request.POST)
    if not chosen.assets:
        messages.warning(request, _("Nothing is selected. Tick some files first."))
        return back(request)
    return act(request, chosen) or back(request)


@login_required
@require_POST
async def archived(request):
    """The ticked files as one ZIP, streamed."""
    await sync_to_async(workspace_in_use)(request, Right.SEE)
    chosen = await sync_to_async(shelves.Selection)(request.user, request.POST)
    assets = await sync_to_async(lambda: chosen.assets)()
    if not assets:
        raise Http404
    await sync_to_async(close_old_connections)()  # as media does: whoever downloads takes their time
    response = StreamingHttpResponse(archive.pieces(assets), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="library {timezone.now():%Y-%m-%d %H.%M}.zip"'
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def undo(request):
    """Bring back what was put into the trash together, at one moment."""
    workspace = workspace_in_use(request, Right.MAKE)
    moment = _moment(request.POST.get("at", ""))
    if moment is None:
        raise Http404
    n = Asset.objects.filter(workspace=workspace, trashed_at=moment).bring_back()
    messages.success(request, ngettext("%(n)d file is back.", "%(n)d files are back.", n) % {"n": n})
    return back(request)


@login_required
@require_POST
def folder_new(request):
    workspace = workspace_in_use(request, Right.MAKE)
    try:
        folder = Folder.objects.make(_name(request), workspace=workspace, parent=_parent(request, workspace))
    except FolderRefused as error:
        messages.error(request, str(error))
        return back(request)
    return redirect(f"{reverse('projects:library')}?{urlencode({'folder': folder.pk})}")


@login_required
@require_POST
def folder_name(request, id):
    folder = editable(request, Folder, pk=id)
    return _tried(request, lambda: folder.rename(_name(request)))


@login_required
@require_POST
def folder_parent(request, id):
    """Put a folder into another, or to the top."""
    folder = editable(request, Folder, pk=id)
    return _tried(request, lambda: folder.move(_parent(request, folder.workspace)))


@login_required
@require_POST
def folder_deletion(request, id):
    folder = editable(request, Folder, pk=id)
    parent = folder.parent_id
    folder.dissolve()
    messages.success(request, _("“%(name)s” is deleted. Nothing that was in it is.") % {"name": folder.name})
    return redirect(f"{reverse('projects:library')}{f'?folder={parent}' if parent else ''}")


def find(request, id, door=visible):
    return door(request, Asset, deleted_too=True, pk=id, purged_at=None)


def sheet(request, asset, *, status=200, error=""):
    """A file with all that is known of it; a plain form post goes back to its page."""
    if request.method == "POST" and not request.htmx and status == 200:
        return redirect("projects:library-asset", asset.pk)
    (tile,) = shelves.tiles_of([asset], request.user)
    run = tile.generation
    sources = [given.asset for given in run.inputs.select_related("asset")] if run else []
    if run and run.blocking_of and run.blocking_of.asset:
        sources.append(run.blocking_of.asset)
    if asset.made_of:
        sources.append(asset.made_of)
    made = list(
        asset.workspace.assets.filter(shelves.made_from(asset.pk), deleted_at=None, purged_at=None).newest_first()[
            : shelves.NEAR + 1
        ]
    )
    context = {
        "tile": tile,
        "error": error,
        "tags": list(asset.tags.all()),
        "uses": uses_of([asset])[asset.pk],
        "made_from": shelves.tiles_of(unlike(sources, asset), request.user),
        "made_here": shelves.tiles_of(unlike(made, asset)[: shelves.NEAR], request.user),
        "more_made": len(made) > shelves.NEAR,
        "folder_choices": shelves.paths_of(Tree(Folder.objects.filter(workspace=asset.workspace_id))),
    }
    template = "projects/library_asset.html#sheet" if request.htmx else "projects/library_asset.html"
    return render(request, template, context, status=status)


def unlike(assets, asset):
    """Assets that can be shown, each once, without one."""
    shown = {one.pk: one for one in assets if one.purged_at is None and one.deleted_at is None}
    shown.pop(asset.pk, None)
    return list(shown.values())


def back(request, **values):
    """To where the form was posted from, if that is a page of ours."""
    address = next_address(request, reverse("projects:library"))
    if values:
        address = f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"
    return redirect(address)


def _move(request, chosen):
    try:
        folder = chosen.folder
    except Folder.DoesNotExist:
        messages.error(request, _("Choose a folder to put them into."))
        return
    n = chosen.queryset.update(folder=folder)
    if folder is None:
        told = ngettext("%(n)d file is in no folder now.", "%(n)d files are in no folder now.", n) % {"n": n}
    else:
        told = ngettext("%(n)d file is in “%(folder)s” now.", "%(n)d files are in “%(folder)s” now.", n)
        told = told % {"n": n, "folder": folder}
    messages.success(request, told)


def _tag(request, chosen):
    _with_tags(request, chosen, Tag.objects.put_on, _("Tagged."))


def _untag(request, chosen):
    _with_tags(request, chosen, Tag.objects.take_off, _("The tags are taken off."))


def _with_tags(request, chosen, act, done):
    try:
        names = names_in(request.POST.get("tags", "").replace("\x00", ""))
        if not names:
            raise TagRefused(_("Write one or more tags, with commas between them."))
        act(chosen.assets, names, workspace=request.user.open_workspace())
    except TagRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)


def _mark(request, chosen):
    Favourite.objects.mark(chosen.assets, by=request.user)
    messages.success(request, _("Marked as favourites."))


def _unmark(request, chosen):
    Favourite.objects.unmark(chosen.assets, by=request.user)
    messages.success(request, _("No favourites any more."))


def _trash(request, chosen):
    """Into the trash, with a word about what goes on showing them."""
    uses = uses_of(chosen.assets)
    moment = chosen.queryset.in_library().trash()
    used = [told(asset, uses[asset.pk]) for asset in chosen.assets if uses[asset.pk]]
    if used:
        messages.warning(request, " ".join([*_few(used), _("It goes on playing there; nothing is lost.")]))
    return back(request, trashed=moment.isoformat())


def _restore(request, chosen):
    n = bring_back(chosen.assets)
    messages.success(request, ngettext("%(n)d file is back.", "%(n)d files are back.", n) % {"n": n})


def _delete(request, chosen):
    n, kept = delete_for_good(chosen.assets)
    if n:
        done = ngettext("%(n)d file is deleted for good.", "%(n)d files are deleted for good.", n)
        messages.success(request, done % {"n": n})
    if kept:
        messages.warning(request, " ".join([*_few(kept), _("Take it out there first; it stays in the trash.")]))


ACTS = {
    "move": _move,
    "tag": _tag,
    "untag": _untag,
    "favourite": _mark,
    "unfavourite": _unmark,
    "trash": _trash,
    "restore": _restore,
    "delete": _delete,
}


def _few(sentences):
    more = len(sentences) - TOLD
    rest = [ngettext("So is %(n)d more.", "So are %(n)d more.", more) % {"n": more}] if more > 0 else []
    return [*sentences[:TOLD], *rest]


def _tried(request, act):
    """Back where it was asked for, with what was wrong if something was."""
    try:
        act()
    except FolderRefused as error:
        messages.error(request, str(error))
    return back(request)


def _name(request):
    return request.POST.get("name", "").replace("\x00", "")[:60]


def _parent(request, workspace):
    """The folder that is named as `parent`, or None for the top. 404 for one of another workspace."""
    id = request.POST.get("parent")
    if not id:
        return None
    try:
        return editable(request, Folder, workspace=workspace, pk=uuid.UUID(id))
    except ValueError:
        raise Http404 from None


def _undo(request):
    """(how many, the moment) of what was just put into the trash, to be brought back."""
    moment = _moment(request.GET.get("trashed", ""))
    if moment is None:
        return None
    n = Asset.objects.filter(workspace=request.user.open_workspace(), trashed_at=moment).count()
    return {"n": n, "at": moment.isoformat()} if n else None


def _moment(text):
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if isinstance(moment, datetime) and moment.tzinfo else None

"""Doors for files: piece by piece by the tus protocol, as a plain form, or by an address; and what became of them.

tus 1.0.0: https://tus.io/protocols/resumable-upload
"""

import base64
import binascii
import json

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from runwayweb.accounts.doors import visible, workspace_in_use
from runwayweb.accounts.models import Right
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.models.upload import Elsewhere, Refused
from runwayweb.assets.storage import bucket
from runwayweb.redirects import next_address

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
PIECE_BYTES = 64 * 1024**2  # at most in one request; our own page sends 8 MiB
FORM_UPLOAD_BYTES = 100 * 1024**2  # of a file in a plain form, which begins anew whenever it is cut off
LISTED = 40


def uploads(request):
    """tus: OPTIONS tells what is possible, POST begins an upload and answers with its address."""
    if request.method == "OPTIONS":
        return _tus(204)
    if refusal := _refusal(request, "POST"):
        return refusal
    if bucket():  # pieces of one file might come to several machines
        return _tus(501, _("Files are sent to the studio's storage directly here. Load this page again."))
    try:
        workspace = workspace_in_use(request, Right.MAKE)
    except PermissionDenied as why:
        return _tus(403, str(why))
    length = request.headers.get("Upload-Length", "")
    if not (length.isdigit() and len(length) < 19):
        return _tus(400, _("The length of the file is missing."))
    try:
        name = _metadata(request.headers.get("Upload-Metadata", "")).get("filename", "")
        upload = Upload.objects.begin(workspace=workspace, by=request.user, name=name, size_bytes=int(length))
    except (binascii.Error, UnicodeDecodeError):
        return _tus(400, _("The name of the file cannot be read."))
    except Refused as why:
        return _tus(why.status, str(why))
    answer = _tus(201, upload=upload)
    answer["Location"] = reverse("assets:upload", args=[upload.pk])
    return answer


def upload(request, id):
    """tus: HEAD tells how much is here, PATCH adds what follows, DELETE forgets it."""
    if request.method == "OPTIONS":
        return _tus(204)
    if refusal := _refusal(request, "HEAD", "PATCH", "DELETE"):
        return refusal
    found = Upload.objects.of(request.user).filter(pk=id, url="").first()
    if found is None or (not found.in_progress and found.offset_bytes != found.size_bytes):
        return _tus(404, _("This upload is not there any more. Send the file again."))
    act = {"HEAD": _tell_offset, "PATCH": _add, "DELETE": _forget}[request.method]
    return act(request, found)


def _tell_offset(request, upload):
    answer = _tus(200, upload=upload)
    answer["Upload-Length"] = str(upload.size_bytes)
    return answer


def _add(request, upload):
    if request.content_type != "application/offset+octet-stream":
        return _tus(415, _("A piece of a file is expected here."))
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isdigit() and len(offset) < 19):
        return _tus(400, _("Where this piece belongs is missing."))
    try:
        upload.receive(int(offset), request)
    except Elsewhere:
        return _tus(409, _("This piece does not belong here: ask how much is here already."))
    except Refused as why:
        return _tus(why.status, str(why))
    return _tus(204, upload=upload)


def _forget(request, upload):
    upload.cancel()
    return _tus(204)


@login_required
@never_cache
@require_safe
def upload_new(request):
    """A page where files come in."""
    workspace_in_use(request, Right.MAKE)
    return render(request, "assets/upload_new.html", {"uploads": _coming(request.user)})


@login_required
@require_POST
def upload_form(request):
    """A file in a plain form, for whoever has no JavaScript."""
    workspace = workspace_in_use(request, Right.MAKE)
    file = request.FILES.get("file")
    if file is None:
        return _back(request, _("Choose a file."), messages.ERROR)
    if file.size > FORM_UPLOAD_BYTES:
        sentence = _("Without JavaScript a file may have %(most)d MB. Turn it on for larger ones.")
        return _back(request, sentence % {"most": FORM_UPLOAD_BYTES // 1024**2}, messages.ERROR)
    try:
        upload = Upload.objects.begin(workspace=workspace, by=request.user, name=file.name, size_bytes=file.size)
        upload.receive(0, file)
    except Refused as why:
        return _back(request, str(why), messages.ERROR)
    return _back(request, _("“%(name)s” is here and being prepared.") % {"name": upload.name}, messages.SUCCESS)


@login_required
@require_POST
def import_new(request):
    """A file from an address. For htmx the row that tells of it; else back to the page."""
    workspace = workspace_in_use(request, Right.MAKE)
    url = request.POST.get("url", "")
    try:
        upload = Upload.objects.fetch(url, workspace=workspace, by=request.user)
    except Refused as why:
        if request.htmx:
            return render(request, "assets/_import.html", {"url": url, "why": why}, status=422)
        return _back(request, str(why), messages.ERROR)
    if request.htmx:
        answer = render(request, "assets/_import.html", {"upload": upload})
        return _with_news(answer, upload)
    return _back(request, _("“%(name)s” is being fetched.") % {"name": upload.name}, messages.SUCCESS)


@login_required
@never_cache
@require_safe
def arrivals(request):
    """Rows of everything that this person has on its way."""
    return render(request, "assets/_arrivals.html", {"uploads": _coming(request.user)})


@login_required
@never_cache
@require_safe
def arrival(request, id):
    """The row of one upload: how far it is, or what became of it."""
    upload = get_object_or_404(Upload.objects.of(request.user).select_related("asset"), pk=id)
    answer = render(request, "assets/_arrival.html", {"upload": upload})
    return answer if upload.in_progress else _with_news(answer, upload)


@login_required
@require_POST
def cancellation(request, id):
    """End an upload, wherever it is; its row goes."""
    upload = get_object_or_404(Upload.objects.of(request.user), pk=id)
    upload.cancel()
    if request.htmx:
        return _with_news(HttpResponse(), upload)
    return _back(request, _("“%(name)s” does not come in.") % {"name": upload.name}, messages.SUCCESS)


@login_required
@never_cache
@require_safe
def state(request, id):
    """How far an asset is that is on its way in; once it is here, the page hears of it."""
    asset = visible(request, Asset, pk=id)
    answer = render(request, "assets/_state.html", {"asset": asset})
    return answer if asset.on_its_way else _with_news(answer, asset=asset)


def _coming(user):
    return Upload.objects.of(user).on_their_way().order_by("created_at").select_related("asset")[:LISTED]


def _with_news(answer, upload=None, asset=None):
    """Tells the page, by the event "assets-changed", that the library has something new to show."""
    asset_id = asset.pk if asset else upload.asset_id
    answer["HX-Trigger"] = json.dumps({"assets-changed": {"asset": str(asset_id) if asset_id else None}})
    return answer


def _back(request, sentence, level):
    messages.add_message(request, level, sentence)
    return redirect(next_address(request, settings.LOGIN_REDIRECT_URL))


def _refusal(request, *methods):
    """What speaks against answering at all, as an answer; None where nothing does."""
    if request.method not in methods:
        answer = _tus(405, _("This cannot be asked here."))
        answer["Allow"] = ", ".join(["OPTIONS", *methods])
        return answer
    if not request.user.is_authenticated:
        return _tus(401, _("You are signed out here. Sign in and choose the file again."))
    if request.headers.get("Tus-Resumable") != VERSION:
        return _tus(412, _("Files come in by version 1.0.0 of the tus protocol."))
    return None


def _tus(status, sentence="", upload=None):
    answer = HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    answer["Tus-Resumable"] = VERSION
    answer["Cache-Control"] = "no-store"
    if status in (204, 412):
        answer["Tus-Version"] = VERSION
        answer["Tus-Extension"] = EXTENSIONS
        answer["Tus-Max-Size"] = str(settings.UPLOAD_LIMIT_BYTES)
    if status == 429:
        answer["Retry-After"] = "60"
    if upload is not None:
        answer["Upload-Offset"] = str(upload.offset_bytes)
        if upload.status == Upload.Status.COMING:
            answer["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return answer


def _metadata(header):
    """What Upload-Metadata holds: names, each with its value. Raises binascii.Error, UnicodeDecodeError."""
    pairs = (pair.strip().partition(" ") for pair in header.split(",") if pair.strip())
    return {name: base64.b64decode(value, validate=True).decode() for name, _space, value in pairs}

"""Doors for files that a browser sends to the bucket by itself, in parts: begin, ask where they go, say that all came.

Nothing of them passes through here. What a part may hold is in the signature of its address, and what came is asked of
the bucket, not of the browser.
"""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from runwayweb.accounts.doors import workspace_in_use
from runwayweb.accounts.models import Right
from runwayweb.assets.models import Upload
from runwayweb.assets.models.upload import Elsewhere, Refused, storage_away
from runwayweb.assets.storage import StorageAway, bucket

AT_ONCE = 8  # parts that one answer tells the addresses of


def told_as_json(view):
    """What speaks against it as {"told": sentence}, with the status of HTTP for it."""

    @never_cache
    @wraps(view)
    def door(request, *arguments, **named):
        if not request.user.is_authenticated:
            return _no(401, _("You are signed out here. Sign in and choose the file again."))
        if not bucket():
            return _no(404, _("Files are not sent there here. Load this page again."))
        try:
            return view(request, *arguments, **named)
        except PermissionDenied as why:
            return _no(403, str(why))
        except Refused as why:
            return _no(why.status, str(why))
        except Elsewhere:
            return _no(410, _("This upload is not there any more. Send the file again."))
        except StorageAway:
            return _no(503, storage_away())

    return door


@told_as_json
@require_POST
def uploads(request):
    """Begin one: of what `name`, of how many bytes `size`. 201 and its address."""
    workspace = workspace_in_use(request, Right.MAKE)
    size = request.POST.get("size", "")
    if not (size.isdigit() and len(size) < 19):
        return _no(400, _("The length of the file is missing."))
    name = request.POST.get("name", "")
    upload = Upload.objects.begin_direct(workspace=workspace, by=request.user, name=name, size_bytes=int(size))
    return JsonResponse({"url": reverse("assets:upload", args=[upload.pk])}, status=201)


@told_as_json
@require_GET
def parts(request, id):
    """{"came": bytes, "partBytes", "parts": [{"number", "address"}]}: how much is there, and where the next ones go."""
    upload = _mine(request, id)
    missing = upload.missing_parts()[:AT_ONCE]
    told = [{"number": number, "address": upload.address_of_part(number, size)} for number, size in missing]
    return JsonResponse({"came": upload.offset_bytes, "partBytes": upload.part_bytes, "parts": told})


@told_as_json
@require_POST
def completion(request, id):
    """All parts came. 200; 409 where some did not."""
    upload = _mine(request, id)
    if upload.status == Upload.Status.COMING and not upload.complete_direct():
        return _no(409, _("Some of this file is missing yet."))
    return JsonResponse({"url": reverse("assets:upload", args=[upload.pk])})


def _mine(request, id):
    upload = Upload.objects.of(request.user).filter(pk=id).exclude(parts_id="").first()
    if upload is None or (upload.status == Upload.Status.ENDED and upload.asset_id is None):
        raise Elsewhere
    return upload


def _no(status, sentence):
    return JsonResponse({"told": sentence}, status=status)

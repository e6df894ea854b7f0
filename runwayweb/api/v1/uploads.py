"""Uploads: a file is announced, and sent to a signed address after that.

Where files are kept in a bucket of S3 that is an address of its own (a POST policy), and nobody tells us that the file
came: whether it has is looked at when it is used. Programs see no difference.
"""

from typing import Literal
from urllib.parse import parse_qs

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from ninja import Router, Schema
from pydantic import Field

from runwayweb.api.caller import GENERATE
from runwayweb.api.errors import ApiError, answer
from runwayweb.api.media import UPLOADED
from runwayweb.api.planned import Body
from runwayweb.assets.models import Ephemeral
from runwayweb.assets.models.ephemeral import is_awaited
from runwayweb.assets.models.upload import Refused
from runwayweb.assets.storage import bucket

from .answers import ERRORS

router = Router(tags=["Uploads"])

RETRY_SECONDS = 60
STATUSES = {400: 400, 413: 413, 429: 429, 507: 503}  # of a Refused, as the wire has them


class Announced(Body):
    cleaned = ("filename",)

    filename: str = Field(min_length=1, max_length=4096, description="What the file is called.")
    type: Literal["ephemeral"] = Field(description="It is kept for a day.")


class UploadStarted(Schema):
    """Send `fields` and then the file, as `file`, to `uploadUrl`: a multipart POST, within an hour, once. From then on
    `runwayUri` can be named wherever media are taken, for 24 hours."""

    uploadUrl: str
    fields: dict[str, str]
    runwayUri: str


@router.post(
    "/uploads",
    auth=GENERATE,
    response={200: UploadStarted} | ERRORS,
    operation_id="create_upload",
    summary="Announce a file",
)
def create_upload(request, body: Announced):
    """Up to 200 MB. Where the storage of your plan is full the answer is 413; with too many on their way, 429."""
    try:
        ephemeral = Ephemeral.objects.announce(workspace=request.auth.workspace, name=body.filename)
    except Refused as why:
        raise _told(why) from why
    runway_uri = f"{UPLOADED}{ephemeral.pk}"
    if bucket():
        address, fields = ephemeral.form()
        return {"uploadUrl": address, "fields": fields, "runwayUri": runway_uri}
    path = reverse("api-upload", args=[ephemeral.pk])
    signed = urlencode({"signature": ephemeral.signature})
    return {
        "uploadUrl": request.build_absolute_uri(f"{path}?{signed}"),
        "fields": {"key": str(ephemeral.pk)},
        "runwayUri": runway_uri,
    }


@csrf_exempt
@require_POST
def receive(request, id):
    """The file itself, from whoever has the address it is awaited at. 204."""
    try:
        _receive(request, id)
    except ApiError as error:
        return answer(error.status, error.sentence, headers=error.headers)
    return HttpResponse(status=204)


def _receive(request, id):
    if not is_awaited(id, request.GET.get("signature", "")):
        raise ApiError(401, "This address is not signed, or its time is over. Announce the file again.")
    try:
        key, file = request.POST.get("key"), request.FILES.get("file")
    except RequestDataTooBig:
        raise ApiError(413, "What comes beside the file is too large.") from None
    except (MultiPartParserError, SuspiciousOperation):
        raise ApiError(400, "The body must be multipart/form-data.") from None
    if key != str(id) or file is None:
        raise ApiError(400, "Send all `fields` of the announcement, and then the file as `file`.")
    ephemeral = Ephemeral.objects.select_related("workspace").filter(pk=id).first()
    try:
        if ephemeral is None or not ephemeral.receive(file):
            raise ApiError(409, "This file was sent already. Announce another.")
    except Refused as why:
        raise _told(why) from why


def is_awaited_there(scope):
    """Whether an ASGI request brings a file to the signed address where it is awaited. Asks no database."""
    id = scope["path"].split("/")[3]
    signature = parse_qs(scope["query_string"].decode("latin-1")).get("signature", [""])[0]
    return is_awaited(id, signature)


def _told(refused):
    status = STATUSES.get(refused.status, 400)
    headers = {"Retry_After": RETRY_SECONDS} if status in (429, 503) else {}
    return ApiError(status, str(refused), **headers)

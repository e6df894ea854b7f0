"""Files of the workspace's library: found, brought in, taken out."""

from typing import Literal

from django.db import transaction
from django.http import Http404, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from projects.trash import delete_for_good
from runwayweb.api import media
from runwayweb.api.caller import GENERATE, READ
from runwayweb.api.errors import ApiError, Invalid
from runwayweb.api.finding import found
from runwayweb.api.paging import Page, page_of
from runwayweb.api.planned import Body
from runwayweb.assets.models import KINDS, Asset, Upload
from runwayweb.assets.models.upload import Refused
from runwayweb.assets.signing import signed_path

from .answers import ERRORS, READING, Failure

router = Router(tags=["Assets"])

# The wire's word → the library's.
TYPES = {"image": "picture", "video": "clip", "audio": "sound", "captions": "captions"}
Type = Literal["image", "video", "audio", "captions"]
Origin = Literal["made", "uploaded", "imported", "api"]


class ToldAsset(Schema):
    id: str
    createdAt: str
    name: str
    state: Literal["arriving", "preparing", "ready", "refused"]
    refusal: str | None = Field(None, description="Why it was refused: a sentence.")
    origin: Origin
    type: Type | None = Field(None, description="Known once it is ready, like all below.")
    mediaType: str | None = None
    sizeBytes: int | None = None
    width: int | None = None
    height: int | None = None
    durationSeconds: float | None = None
    fps: float | None = None
    hasSound: bool | None = None
    url: str | None = Field(None, description="Its file; good for 24 hours. Ask again for a fresh one.")
    posterUrl: str | None = None


class ListedAssets(Page):
    data: list[ToldAsset]


class Brought(Body):
    uri: str = Field(
        min_length=1, description="An https:// URL, a runway:// upload or a data: URI with base64 of a file."
    )
    name: str | None = Field(None, min_length=1, max_length=200, description="What it is called in the library.")


def told(asset, request):
    """An asset as JSON; what is not known of it yet, or never, is left out."""
    fields = {
        "id": str(asset.pk),
        "createdAt": asset.created_at.isoformat(timespec="milliseconds"),
        "name": asset.name,
        "state": asset.state,
        "origin": asset.origin,
    }
    if asset.refusal:
        fields["refusal"] = asset.refusal
    if not asset.is_ready:
        return fields
    kind = next((wire for wire, kind in TYPES.items() if asset.media_type.startswith(KINDS[kind])), None)
    fields |= {"type": kind, "mediaType": asset.media_type, "sizeBytes": asset.size_bytes}
    if asset.width and asset.height:
        fields |= {"width": asset.width, "height": asset.height}
    if asset.duration_seconds:
        fields |= {"durationSeconds": asset.duration_seconds, "hasSound": asset.is_sound or asset.has_sound}
    if asset.fps:
        fields["fps"] = asset.fps
    fields["url"] = request.build_absolute_uri(signed_path(asset))
    if asset.poster:
        fields["posterUrl"] = request.build_absolute_uri(signed_path(asset, name="poster.webp"))
    return fields


def assets_of(caller):
    """Those that a program may find: neither in the trash nor deleted for good."""
    return Asset.objects.live().filter(workspace=caller.workspace, trashed_at=None, purged_at=None)


@router.get(
    "/assets",
    auth=READ,
    response={200: ListedAssets} | READING,
    exclude_none=True,
    operation_id="list_assets",
    summary="Files of the library",
)
def list_assets(
    request, type: Type | None = None, origin: Origin | None = None, q: str = "", cursor: str = "", limit: int = 20
):
    """The newest first, those on their way too. `q` searches as the library does. `origin`: "api" is what programs gave
    to runs."""
    assets = assets_of(request.auth)
    if type:
        assets = assets.of_kind(TYPES[type])
    if origin:
        assets = assets.filter(origin=origin)
    if q:
        assets = assets.said(q[:200].replace("\x00", ""))
    page = page_of(assets, cursor, limit)
    return {"data": [told(asset, request) for asset in page.rows], "nextCursor": page.next_cursor}


@router.get(
    "/assets/{id}",
    auth=READ,
    response={200: ToldAsset} | READING,
    exclude_none=True,
    operation_id="get_asset",
    summary="One file",
)
def get_asset(request, id: str):
    """With fresh addresses. Of a file that turned out to be there already, that one: its `id` is another then."""
    return told(_find(request.auth, id), request)


@router.post(
    "/assets",
    auth=GENERATE,
    response={200: ToldAsset} | ERRORS,
    exclude_none=True,
    operation_id="create_asset",
    summary="Bring a file in",
)
def create_asset(request, body: Brought):
    """Into the library, as people do. It is fetched and looked through after the answer: ask for it until its `state`
    is `ready` or `refused`."""
    caller = request.auth
    if caller.user is None:
        raise ApiError(403, "The account that made this key is gone. Use a key of somebody who is here.")
    try:
        upload = media.bring_in(caller, body.uri, ("uri",), name=body.name)
    except Refused as why:
        if why.status == 429:
            raise ApiError(429, str(why), Retry_After=60) from why
        raise Invalid.at("uri", str(why), media.CODE if why.status == 422 else "storage") from why
    return told(upload.asset, request)


@router.delete(
    "/assets/{id}",
    auth=GENERATE,
    response={204: None, 409: Failure} | READING,
    operation_id="delete_asset",
    summary="Delete a file",
)
def delete_asset(request, id: str):
    """For good, with the clip's card in the studio. What something else was made of, or a film shows, stays: 409."""
    asset = _find(request.auth, id)
    if asset.on_its_way:
        for upload in Upload.objects.filter(asset=asset):
            upload.cancel()
        return HttpResponse(status=204)
    with transaction.atomic():
        rows = Asset.objects.filter(pk=asset.pk)
        rows.trash()
        _gone, kept = delete_for_good(list(rows))
        if kept:
            raise ApiError(409, kept[0])
    return HttpResponse(status=204)


def _find(caller, id):
    """An asset by its id, or by the one it was told to have while it came in."""
    try:
        return found(assets_of(caller), id)
    except Http404:
        upload = found(Upload.objects.filter(workspace=caller.workspace).exclude(asset=None), id)
        return found(assets_of(caller), upload.asset_id)

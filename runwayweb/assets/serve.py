"""Media files over HTTP: permission or signature, ETag, one range (RFC 9110), in pieces.

An async view with an async iterator: under ASGI Django reads a synchronous FileResponse whole into memory. Where files
are kept in a bucket, whoever may have one is led there instead, by an address that is good for a while.
"""

import re
from pathlib import Path
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import close_old_connections
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header, http_date

from runwayweb.accounts.doors import visible
from runwayweb.assets.bare import patched, patches_of
from runwayweb.assets.kinds import CLIP, KINDS, PICTURE, SOUND
from runwayweb.assets.models import Asset
from runwayweb.assets.signing import is_signed
from runwayweb.assets.storage import bucket

PIECE_BYTES = 256 * 1024
# The name in the address → (the field that holds the file, its media type)
FILES = {kind.file_name: ("file", media_type) for media_type, kind in KINDS.items()} | {
    "proxy.mp4": ("proxy", CLIP),
    "proxy.m4a": ("proxy", SOUND),
    "poster.webp": ("poster", PICTURE),
    "sprite.webp": ("sprite", PICTURE),
    "waveform.json": ("waveform", "application/json"),
    "master.mov": ("master", "video/quicktime"),
    "master.zip": ("master", "application/zip"),
    "master.wav": ("master_sound", "audio/wav"),
}
CAST = re.compile(r"cast-([1-9])\.webp")  # of whoever is that many-th in a clip's cast
# For a tab of its own: the browser wraps a player around the file, which loads it as this origin. Nothing may run.
POLICY = "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin"
ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


async def file(request, id, name):
    """GET or HEAD one file of an asset. 404 for whatever this visitor may not see."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if name not in FILES and not CAST.fullmatch(name):
        raise Http404
    return await send(request, await _find(request, id, name), name)


async def send(request, asset, name, bare=False):
    """A file of an asset that whoever asks may have, `bare`: without what it says of how it was asked for. Raises
    Http404 for one that it has not."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if name not in FILES and not CAST.fullmatch(name):
        raise Http404
    stored, part, media_type = stored_as(asset, name)
    if stored and bucket() and request.method == "GET" and not bare:
        return await _lead_there(request, asset, stored, name, media_type)
    if not stored or not await sync_to_async(default_storage.exists)(stored):
        raise Http404
    size = await sync_to_async(default_storage.size)(stored)
    etag = f'"{asset.sha256[:32]}-{part}-{size}{"-bare" if bare else ""}"'
    if _matches(request.headers.get("If-None-Match"), etag):
        return _with_headers(HttpResponseNotModified(), asset, etag)

    if settings.X_ACCEL and not bucket() and not bare:
        # The proxy sends it, in ranges as they are asked for, with an ETag of its own.
        response = HttpResponse(content_type=media_type)
        response["X-Accel-Redirect"] = settings.X_ACCEL + quote(stored)
        if disposition := _disposition(request, asset, name):
            response["Content-Disposition"] = disposition
        return _with_headers(response, asset)

    wanted = request.headers.get("Range")
    if wanted and request.headers.get("If-Range", etag) != etag:
        wanted = None  # the file changed since the first part was fetched: send it whole
    try:
        start, end = _range(wanted, size)
    except ValueError:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{size}"
        return _with_headers(refused, asset, etag)

    partial = wanted is not None and wanted.startswith("bytes=")
    if request.method == "HEAD":
        response = HttpResponse(status=206 if partial else 200)
    else:
        # Whoever watches takes their time. The database has few connections and nothing more to say here.
        await sync_to_async(close_old_connections)()
        pieces = _pieces(stored, start, end, media_type if bare else "")
        response = StreamingHttpResponse(pieces, status=206 if partial else 200)
    response["Content-Type"] = media_type
    response["Content-Length"] = str(end - start)
    if partial:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if disposition := _disposition(request, asset, name):
        response["Content-Disposition"] = disposition
    return _with_headers(response, asset, etag)


async def _lead_there(request, asset, stored, name, media_type):
    """To the bucket, which knows ranges and what the browser has already.

    The browser may remember the way for half as long as it is good: a player that asks for part after part does not
    come here for each, and what is at one address can be kept.
    """
    told = {"media_type": media_type, "disposition": _disposition(request, asset, name)}
    address = await sync_to_async(bucket().address_of)(stored, **told)
    response = HttpResponseRedirect(address)
    if "signature" in request.GET:  # whoever holds that may be told no longer than it is good
        response["Cache-Control"] = "private, no-store"
    else:
        response["Cache-Control"] = f"private, max-age={settings.S3.link_seconds // 2}"
    return response


def _disposition(request, asset, name):
    """Of a file that is to be saved, under which name; None of one that is looked at."""
    if not request.GET.get("download"):
        return None
    called = f"{Path(asset.name).stem}{Path(name).suffix}" if name.startswith("master.") else asset.name
    return content_disposition_header(True, called)


async def _find(request, id, name):
    """The asset, for who sees films in its workspace or for the bearer of a signature."""
    if "signature" not in request.GET:
        await request.auser()  # read now, where it can be awaited
        return await sync_to_async(visible)(request, Asset, pk=id)
    if not is_signed(id, name, request.GET.get("expires"), request.GET["signature"]):
        raise Http404
    asset = await Asset.objects.for_bearers().filter(pk=id).afirst()
    if asset is None:
        raise Http404
    return asset


def stored_as(asset, name):
    """(name in the storage or None, which part of the asset it is, media type) of what an address names."""
    if cast := CAST.fullmatch(name):
        number = int(cast[1])
        return asset.cast[number - 1]["file"] if number <= len(asset.cast) else None, f"cast{number}", "image/webp"
    field, media_type = FILES[name]
    if field == "file" and asset.media_type != media_type:
        return None, field, media_type  # a clip is no picture
    if field.startswith("master") and name not in asset.handed_over:
        return None, field, media_type  # it is the other kind
    if field == "proxy" and name != asset.playing:
        return None, field, media_type  # a sound has no pictures
    return getattr(asset, field).name, field, media_type


def _range(header, size):
    """(start, end) in bytes, end exclusive, of the one range asked for; the whole file for no or an unknown unit.

    Raises ValueError for a range that cannot be satisfied, and for several: one file is never sent twice in one answer.
    """
    if header is None or not header.startswith("bytes="):
        return 0, size
    match = ONE_RANGE.fullmatch(header.strip())
    if match is None:
        raise ValueError(header)
    first, last = match.groups()
    if first:
        start, end = int(first), min(int(last) + 1 if last else size, size)
    elif last:
        start, end = max(0, size - int(last)), size
    else:
        raise ValueError(header)
    if start >= end:
        raise ValueError(header)
    return start, end


def _matches(header, etag):
    if header is None:
        return False
    return header.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in header.split(",")]


def _with_headers(response, asset, etag=None):
    if etag:
        response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Last-Modified"] = http_date(asset.created_at.timestamp())
    response["Cache-Control"] = "private, max-age=0, must-revalidate"
    response["Content-Security-Policy"] = POLICY
    return response


async def _pieces(name, start, end, bare=""):
    """The bytes from `start` to `end`, piece by piece, read in a thread; of a file of the type that is to be `bare`
    without what it says of itself."""
    opened = await sync_to_async(default_storage.open)(name)
    try:
        patches = await sync_to_async(patches_of)(opened, bare) if bare else []
        await sync_to_async(opened.seek)(start)
        left = end - start
        while left:
            piece = await sync_to_async(opened.read)(min(PIECE_BYTES, left))
            if not piece:
                break
            yield patched(piece, end - left, patches) if patches else piece
            left -= len(piece)
    finally:
        await sync_to_async(opened.close)()

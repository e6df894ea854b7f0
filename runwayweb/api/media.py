"""Media that a body names, as assets of the caller's workspace: fetched from an address, unpacked from a data: URI, or
brought before by POST /v1/uploads. The address of something that was made here, as a task tells it, is not fetched: its
signature says who may have it, and the file is here.

Each is looked through before anything is asked for, so that a file that cannot be used is a fault of the body with its
sentence. What was given before is not kept twice. An asset that is given back says as `came_as` what the file itself
was: "width", "height"; of a clip "fps", "duration_seconds" and "has_sound", too.
"""

import base64
import binascii
import re
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connection
from django.http.request import validate_host
from django.utils.module_loading import import_string

from runwayweb.assets.decoding import SIDE_MULTIPLE
from runwayweb.assets.guarded import Address, Unfetchable
from runwayweb.assets.kinds import CLIP
from runwayweb.assets.models import Asset, Ephemeral, Given, Upload
from runwayweb.assets.models.given import Clip, Picture, Sound, Unfit
from runwayweb.assets.models.upload import Refused
from runwayweb.assets.pixels import LEAST_SIDE, MOST_PIXELS
from runwayweb.assets.serve import FILES, stored_as
from runwayweb.assets.signing import is_signed
from runwayweb.assets.storage import local_copy

from .errors import ApiError, Invalid

MEGABYTE = 1024**2
FETCH_SECONDS = 15  # of one file
IN_ALL_SECONDS = 40  # of all that a body names, with what is done to it; programs give up after 60
EVEN_SECONDS = 0.5  # after which it is said that an address cannot be reached, whatever the reason
CODE = "invalid_media"
UPLOADED = "runway://"
DATA = "data:"
OURS = re.compile(r"/media/(?P<id>[0-9a-f-]{36})/(?P<name>[a-z0-9.-]+)")
FACTS = ("width", "height", "fps", "duration_seconds", "has_sound")


@dataclass(frozen=True)
class Kind:
    """What a field wants. `types`: how a media type may begin; bytes at most by URL, and as data: once decoded."""

    name: str
    types: tuple[str, ...]
    most_fetched: int
    most_data: int
    formats: str


IMAGE = Kind("image", ("image/",), 16 * MEGABYTE, 5 * MEGABYTE, "use PNG, JPEG or WebP")
VIDEO = Kind(
    "video",
    ("video/", "application/mp4"),
    32 * MEGABYTE,
    16 * MEGABYTE,
    "use MP4, MOV, MKV or WebM with H.264, H.265, VP8, VP9, AV1 or ProRes",
)
AUDIO = Kind(
    "audio",
    ("audio/", "video/", "application/mp4", "application/ogg"),
    32 * MEGABYTE,
    16 * MEGABYTE,
    "use MP3, WAV, FLAC, Ogg, AAC, M4A or a video that has sound",
)


ANYTHING = Kind("file", ("image/", *AUDIO.types), 0, 16 * MEGABYTE, "")


def picture(caller, uri, path):
    """The asset of a picture."""
    return _asset(caller, uri, path, IMAGE, Picture())


def clip(caller, uri, path, *, card=None, fps=0, most_pixels=0, most_seconds=0, longest_seconds=60):
    """The asset of a clip as an engine takes it, without its sound: of `card` no more frames a second, pixels and
    seconds than it knows; else so many, and 0 is as it came. One that lasts longer than `longest_seconds` is refused.
    """
    if card is not None:
        fps, most_pixels = fps or card.fps, most_pixels or card.max_pixels
        most_seconds = most_seconds or card.max_seconds
    return _asset(caller, uri, path, VIDEO, Clip(fps, most_pixels, most_seconds, longest_seconds))


def made_here(caller, uri):
    """The asset of a clip that was made in the caller's workspace, as it is, where this is the address of one of its
    outputs; else None. One query."""
    ours = _ours(uri)
    if ours is None or ours.stored not in (ours.asset.file.name, ours.asset.master.name):
        return None
    asset = ours.asset
    if (asset.workspace_id, asset.media_type, asset.origin) != (caller.workspace.pk, CLIP, Asset.Origin.MADE):
        return None
    asset.came_as = {name: getattr(asset, name) for name in FACTS}
    return asset


def sound(caller, uri, path, *, longest_seconds=600):
    """The asset of what is heard in a sound or a clip. One that lasts longer than `longest_seconds` is refused."""
    return _asset(caller, uri, path, AUDIO, Sound(longest_seconds))


def bring_in(caller, uri, path, name=None):
    """An Upload into the library, as people bring files in: it is fetched and looked through by a media worker.

    Raises Invalid, or Refused where the workspace brings too much.
    """
    if uri.startswith(UPLOADED) or uri[: len(DATA)].lower() == DATA:
        try:
            with _brought(caller, uri, ANYTHING, None) as (file, called), file.open("rb") as opened:
                size_bytes = file.stat().st_size
                upload = Upload.objects.begin(
                    workspace=caller.workspace, by=caller.user, name=name or called, size_bytes=size_bytes
                )
                upload.receive(0, opened)
                return upload
        except _Wrong as why:
            raise Invalid.at(path, str(why), CODE) from why
        except _TooLarge as why:
            raise _too_large(path, why) from why
    try:
        _address(uri)
    except Unfetchable as why:
        raise Invalid.at(path, _unfetchable(why, ANYTHING), CODE) from why
    return Upload.objects.fetch(uri, workspace=caller.workspace, by=caller.user, name=name)


def _asset(caller, uri, path, kind, shape):
    ours = _ours(uri)
    if ours and _is_given_as_it_is(ours.asset, caller, shape):
        ours.asset.came_as = {name: getattr(ours.asset, name) for name in FACTS}
        return ours.asset
    try:
        with _brought(caller, uri, kind, ours) as (file, name):
            given = Given.objects.keep(file, shape, workspace=caller.workspace, name=name)
    except Unfetchable as why:
        raise Invalid.at(path, _unfetchable(why, kind), CODE) from why
    except Unfit as why:
        raise Invalid.at(path, _unfit(why, kind, shape), CODE) from why
    except _Wrong as why:
        raise Invalid.at(path, str(why), CODE) from why
    except _TooLarge as why:
        raise _too_large(path, why) from why
    except Refused as why:
        raise Invalid.at(path, str(why), "storage") from why
    given.asset.came_as = given.came_as
    return given.asset


class _Wrong(Exception):
    """A URI that names nothing; the message says why."""


class _TooLarge(Exception):
    """A data: URI holds more than one may; the message says how much that is."""


@dataclass(frozen=True)
class Ours:
    """A file of ours: the asset it belongs to, and its name in the storage."""

    asset: Asset
    stored: str


def _ours(uri):
    """The file that is at this address, where that is one of ours and signed; else None. At most one query."""
    try:
        parts = urlsplit(uri)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    at = OURS.fullmatch(parts.path)
    if at is None or parts.scheme not in ("http", "https") or not validate_host(host, settings.ALLOWED_HOSTS):
        return None
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if not is_signed(at["id"], at["name"], given.get("expires"), given.get("signature", "")):
        return None
    asset = Asset.objects.for_bearers().ready().filter(pk=at["id"]).first()
    stored = asset and at["name"] in FILES and stored_as(asset, at["name"])[0]
    return Ours(asset, stored) if stored else None


def _is_given_as_it_is(asset, caller, shape):
    """Whether a run takes it without its being written anew: a clip of the workspace that was made here and fits."""
    return (
        isinstance(shape, Clip)
        and (asset.workspace_id, asset.media_type, asset.origin) == (caller.workspace.pk, CLIP, Asset.Origin.MADE)
        and asset.width % SIDE_MULTIPLE == asset.height % SIDE_MULTIPLE == 0
        and shape.fps in (0, asset.fps)
        and not 0 < shape.most_pixels < asset.width * asset.height
        and not 0 < shape.most_seconds < asset.duration_seconds
        and asset.duration_seconds <= shape.longest_seconds
    )


@contextmanager
def _brought(caller, uri, kind, ours):
    """The local file that a URI names, and what it is called. Raises _Wrong, _TooLarge, Unfetchable."""
    if uri.startswith(UPLOADED):
        with _uploaded(caller, uri) as found:
            yield found
        return
    if ours:
        with local_copy(ours.stored) as path:
            yield path, ours.asset.name
        return
    with tempfile.TemporaryDirectory(prefix="media-") as folder:
        file = Path(folder) / "given"
        if uri[: len(DATA)].lower() == DATA:
            yield file, _unpacked(uri, file, kind)
            return
        address = _address(uri)
        seconds = min(FETCH_SECONDS, caller.began_at + IN_ALL_SECONDS - time.monotonic())
        if seconds < 1:
            raise _Wrong(f"What this body names did not come within {IN_ALL_SECONDS} seconds. Bring it by uploads.")
        if not connection.in_atomic_block:  # as it is in tests alone
            close_old_connections()  # the other side takes its time, and the database has few of them
        fetcher = import_string(settings.MEDIA_FETCHER)(most_seconds=seconds, even_seconds=EVEN_SECONDS)
        fetcher.fetch(address, file, kind.most_fetched, kinds=kind.types)
        yield file, address.file_name


def _address(uri):
    """The Address. Raises Unfetchable: of one in here no sooner than of one that does not answer."""
    try:
        return Address(uri)
    except Unfetchable as why:
        if why.why == "inside":
            time.sleep(EVEN_SECONDS)
        raise


@contextmanager
def _uploaded(caller, uri):
    gone = _Wrong("This upload cannot be used: nothing came of it, it has expired, or it belongs to somebody else.")
    try:
        id = UUID(uri.removeprefix(UPLOADED).strip("/"))
    except ValueError:
        raise gone from None
    ephemeral = Ephemeral.objects.find(caller.workspace, id)
    if ephemeral is None:
        raise gone
    with ExitStack() as stack:
        try:
            path = stack.enter_context(ephemeral.opened())
        except FileNotFoundError:
            raise gone from None
        yield path, ephemeral.name


def _unpacked(uri, file, kind):
    """Write what a data: URI (RFC 2397) holds; what it is called. Raises _Wrong, _TooLarge."""
    head, comma, packed = uri.partition(",")
    media_type, *parameters = [part.strip().lower() for part in head[len(DATA) :].split(";")]
    if not comma or "base64" not in parameters:
        raise _Wrong("A data: URI must hold base64: data:image/png;base64,…")
    if not media_type.startswith(kind.types):
        raise _Wrong(f"This data: URI says that it is {media_type[:60] or 'text/plain'}; {_a(kind)} is expected here.")
    too_large = _TooLarge(
        f"This data: URI holds more than {kind.most_data // MEGABYTE} MB. Upload the file by POST /v1/uploads instead."
    )
    if len(packed) > kind.most_data * 4 // 3 + 4:
        raise too_large
    try:
        data = base64.b64decode(packed.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise _Wrong("What this data: URI holds is not base64.") from None
    if len(data) > kind.most_data:
        raise too_large
    file.write_bytes(data)
    return f"{kind.name}.{media_type.partition('/')[2].partition('+')[0][:20]}"


def _too_large(path, why):
    """413 like any body that is too large; in the sentence the place of the field."""
    place = ".".join(str(part) for part in (path if isinstance(path, tuple) else (path,)))
    return ApiError(413, f"{place}: {why}")


def _a(kind):
    return f"{'an' if kind.name[0] in 'ai' else 'a'} {kind.name}"


def _unfetchable(error, kind):
    return {
        "address": "Must be an HTTPS URL with a domain name, a runway:// upload URI or a data: URI.",
        "unreachable": "URL cannot be reached.",
        "inside": "URL cannot be reached.",
        "redirect": "Redirects are not followed. Name the address that it leads to.",
        "missing": "The server at this URL answers that there is no such file.",
        "packed": "The server at this URL sends packed files only (Content-Encoding).",
        "page": "This is the URL of a page, not of a file.",
        "kind": f"The server at this URL says that it is no {kind.name} (Content-Type).",
        "large": f"The file at this URL is larger than {kind.most_fetched // MEGABYTE} MB.",
        "cut_off": "The server at this URL stopped before the file was whole.",
        "slow": f"The file at this URL did not come within {FETCH_SECONDS} seconds.",
    }.get(error.why, str(error))


def _unfit(unfit, kind, shape):
    """What is wrong with a file, in one sentence."""
    unknown = f"This file is not a supported {kind.name}: {kind.formats}."
    if kind is IMAGE:
        return {
            "pixels": f"Image is larger than {MOST_PIXELS // 1_000_000} megapixels.",
            "small": "Image is {width} × {height} pixels; each side needs at least {least}.".format(
                **{"width": 0, "height": 0} | unfit.values, least=LEAST_SIDE
            ),
            "damaged": "This image is damaged or not whole.",
            "memory": "This image takes more to read than one may.",
        }.get(unfit.why, unknown)
    return {
        "empty": "This file is empty.",
        "streams": "This file holds too many tracks.",
        "sides": "Each side of this video needs 64 to 8192 pixels, 36 megapixels in all.",
        "format": "Each side of this video needs 64 to 8192 pixels."
        if kind is VIDEO
        else "This audio has more than 8 channels or an unusual sample rate.",
        "sound_format": "Its audio has more than 8 channels or an unusual sample rate.",
        "long": f"This file is longer than {shape.longest_seconds:g} seconds.",
        "cut_off": "This file is not whole: its end is missing.",
        "rate": "This video has more than 240 frames a second.",
        "locked": "This file is encrypted.",
        "blind": f"There is no video in this file. {unknown}",
        "silent": "There is no audio in this file.",
        "damaged": f"This {kind.name} is damaged or not whole.",
        "memory": f"This {kind.name} takes more to read than one may. Send a shorter or smaller one.",
    }.get(unfit.why, unknown)

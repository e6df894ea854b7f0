"""The public page that says of a file what its Content Credentials say."""

import hashlib
import tempfile
from pathlib import Path

from allauth.core import ratelimit
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from projects.provenance import known_steps
from runwayweb.assets.credentials import READ, Unreadable, read

VERIFIED_BYTES = 256 * 1024**2


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request):
    """Choose a file; posted, what it says of itself and whether that is still true. Nothing of it is kept."""
    if request.method != "POST":
        return page(request)
    if not ratelimit.consume(request, action="verify"):
        return page(request, status=429, error=_("That were many files in a short time. Wait a minute, please."))
    file = request.FILES.get("file")
    if file is None:
        return page(request, status=422, error=_("Choose a file first."))
    suffix = Path(file.name).suffix.lower()
    if suffix not in READ:
        return page(
            request,
            status=422,
            error=_("Files of this kind cannot be looked into: %(kinds)s can.") % {"kinds": ", ".join(sorted(READ))},
        )
    if file.size > VERIFIED_BYTES:
        return page(
            request,
            status=422,
            error=_("A file may be as large as %(most)d MiB here.") % {"most": VERIFIED_BYTES >> 20},
        )
    with tempfile.NamedTemporaryFile(suffix=suffix) as copy:
        digest = hashlib.sha256()
        for piece in file.chunks():
            digest.update(piece)
            copy.write(piece)
        copy.flush()
        try:
            told = read(Path(copy.name), suffix)
        except Unreadable:
            return page(request, status=422, error=_("This file is damaged, or is not what its name says."))
    return page(request, name=file.name, told=told, steps=known_steps(digest.hexdigest()))


def page(request, *, status=200, **context):
    return render(request, "projects/verify.html", context | {"most": VERIFIED_BYTES >> 20}, status=status)

"""Addresses of media that work without signing in, until they expire."""

import time

from django.core import signing
from django.urls import reverse

SALT = "runwayweb.assets"
DAY = 24 * 60 * 60


def signed_path(asset, expires_in=DAY, name=None):
    """The path of an asset's file, or of `name` beside it, with a signature that is good for `expires_in` seconds."""
    name = name or asset.file_name
    expires_at = int(time.time() + expires_in)
    signature = signing.Signer(salt=SALT).signature(f"{asset.pk}/{name}/{expires_at}")
    return f"{reverse('assets:file', args=[asset.pk, name])}?expires={expires_at}&signature={signature}"


def is_signed(asset_id, name, expires, signature):
    """Whether a signature belongs to this file and has not expired."""
    try:
        in_time = int(expires) >= time.time()
        signing.Signer(salt=SALT).unsign(f"{asset_id}/{name}/{int(expires)}:{signature}")
    except (signing.BadSignature, TypeError, ValueError):
        return False
    return in_time

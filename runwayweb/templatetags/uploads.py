"""`{% upload_limits as limits %}`: what may come in, for whichever page lets files in."""

from django import template
from django.conf import settings

from runwayweb.assets.models.upload import size
from runwayweb.assets.storage import bucket
from runwayweb.assets.views.uploads import FORM_UPLOAD_BYTES

register = template.Library()


@register.simple_tag
def upload_limits():
    """`most_bytes` and `most` (in words) of a file, `minutes` of a video; `form_megabytes` without JavaScript; whether
    files go `direct` to a bucket."""
    return {
        "direct": bucket() is not None,
        "most_bytes": settings.UPLOAD_LIMIT_BYTES,
        "most": size(settings.UPLOAD_LIMIT_BYTES),
        "minutes": round(settings.UPLOAD_MINUTES),
        "form_megabytes": FORM_UPLOAD_BYTES // 1024**2,
    }

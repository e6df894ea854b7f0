"""Clearing away what programs gave and nobody needs any more."""

from projects.uses import uses_of
from runwayweb.assets.models import Given

AT_ONCE = 200  # the next round goes on


def clear_given():
    """What nobody gave again for a month, and nothing was made of or is planned with."""
    for given in Given.objects.forgotten().order_by("wanted_at")[:AT_ONCE]:
        given.forget(lambda asset: bool(uses_of([asset])[asset.pk]))

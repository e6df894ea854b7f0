"""How much may leave: an export costs no credits, so how many there are and how long each is has a bound of its own."""

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.cut import Cut
from runwayweb.subscriptions.refused import Refused


class TooMany(Refused):
    """So many of a workspace wait already, or are being made. A program is told 429, and when to come back."""

    status, headers = 429, {"Retry-After": "60"}


class TooLong(Refused):
    """The last clip of a cut ends later than a film may."""


def check_number(in_progress: int):
    """Raise TooMany where one more than `in_progress` may not be."""
    most = settings.EXPORTS_AT_ONCE
    if most and in_progress >= most:
        raise TooMany(
            ngettext(
                "%(n)d export is being made already. Wait until it is ready, or stop it.",
                "%(n)d exports are being made already. Wait until one of them is ready, or stop one.",
                in_progress,
            )
            % {"n": in_progress}
        )


def check_length(cut: Cut):
    """Raise TooLong for a cut that may not be rendered."""
    hours = cut.duration_seconds / 3600
    if hours > settings.EXPORT_HOURS:
        told = {"most": number_format(f"{settings.EXPORT_HOURS:g}"), "hours": number_format(f"{hours:.1f}")}
        raise TooLong(
            _(
                "This film is %(hours)s hours long, up to the end of its last clip; %(most)s may be rendered. Look for "
                "a clip that lies far behind the others."
            )
            % told
        )

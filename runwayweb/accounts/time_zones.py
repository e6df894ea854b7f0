"""The time zones of the world, as the IANA lists them, for whoever chooses one."""

import zoneinfo
from functools import cache

from django.conf import settings


@cache
def names():
    """Those that places are called by: "Europe/Paris", and "UTC". The rest of the list is old names of the same."""
    parts = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return ["UTC", *sorted(name for name in zoneinfo.available_timezones() if name.partition("/")[0] in parts)]


def choices():
    """For a form: under each part of the world its places, as people write them."""
    parts: dict[str, list] = {}
    for name in names()[1:]:
        part, _, place = name.partition("/")
        parts.setdefault(part, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return [("UTC", "UTC"), *parts.items()]


def zone_of(name):
    """The zone of that name; the studio's where there is none such (any more)."""
    try:
        return zoneinfo.ZoneInfo(name or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)

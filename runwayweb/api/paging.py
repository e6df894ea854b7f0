"""Pages of rows, newest first, by a cursor that stays true while rows come and go."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from ninja import Schema

from .errors import Invalid

LIMITS = (1, 100)


class Page(Schema):
    """`nextCursor`: for the page after this one; not there on the last."""

    nextCursor: str | None = None


@dataclass(frozen=True)
class PageOfRows:
    rows: list[Any]
    next_cursor: str | None


def page_of(rows, cursor, limit):
    """`limit` of `rows` that come after `cursor`, by `created_at` and `pk`. Raises Invalid. One query."""
    lowest, highest = LIMITS
    if not lowest <= limit <= highest:
        raise Invalid.at("limit", f"limit must be from {lowest} to {highest}.")
    if cursor:
        at, pk = _read(cursor)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
    found = list(rows.order_by("-created_at", "-pk")[: limit + 1])
    return PageOfRows(found[:limit], _written(found[limit - 1]) if len(found) > limit else None)


def _written(row):
    return base64.urlsafe_b64encode(f"{row.created_at.isoformat()} {row.pk}".encode()).decode()


def _read(cursor):
    try:
        at, pk = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
        return moment.astimezone(UTC), UUID(pk)
    except (ValueError, OverflowError, binascii.Error):
        raise Invalid.at("cursor", "This is no cursor of a page before. Begin without one.") from None

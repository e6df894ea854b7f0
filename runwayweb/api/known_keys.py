"""Keys that this process let in a moment ago: a program asks again and again, and looking its key up anew, with whom it
belongs to and the plan in force, was more than half of what a short answer cost.

What is revoked, suspended or changed meanwhile is so for every process after KEPT_SECONDS.
"""

import time
from copy import copy
from dataclasses import dataclass

from runwayweb.subscriptions.models import Plan

from .keys import digest_of
from .models import Key

KEPT_SECONDS = 2.0
MOST = 1000

_kept: dict[str, "Known"] = {}


@dataclass(frozen=True)
class Known:
    """`since` is of the monotonic clock, in seconds."""

    key: Key
    plan: Plan
    since: float


def recall(plain):
    """The key that reads so and its plan, as rows that are the caller's own; None for one that was not here lately."""
    known = _kept.get(digest_of(plain))
    if known is None or time.monotonic() - known.since >= KEPT_SECONDS or known.key.has_expired:
        return None
    return _own(known.key, known.plan, known.since)


def remember(plain, key, plan):
    """Let it in for KEPT_SECONDS. It was good, of a workspace that is not suspended and has the API by its plan."""
    if len(_kept) >= MOST:
        forget()
    _kept[digest_of(plain)] = _own(key, plan, time.monotonic())


def forget():
    """Look every key up anew."""
    _kept.clear()


def _own(key, plan, since):
    """Rows are changed, and keep what they looked up, by whoever has them: nobody shares them. Django's copies have a
    cache of their own."""
    key, workspace, maker = copy(key), copy(key.workspace), copy(key.created_by)
    key.workspace, key.created_by = workspace, maker
    return Known(key, copy(plan), since)

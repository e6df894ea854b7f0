"""What the API keeps for a while, put away when its time is over."""

import time

from .models import Answer, Decision

EVERY_SECONDS = 3600.0
_swept_at = -EVERY_SECONDS  # by this process's own clock


def look_after():
    """Called on each round of the dispatcher; does something once an hour."""
    global _swept_at
    if time.monotonic() - _swept_at < EVERY_SECONDS:
        return
    Answer.objects.sweep()
    Decision.objects.sweep()
    _swept_at = time.monotonic()

"""A circuit breaker for Valkey: after a failure it is left alone for a moment, so that one outage is waited for once.

Everything sent there is a hint (wake-ups, hints to browsers, previews), so skipping it loses nothing that the
dispatcher or a page's own look at the database would not bring back.
"""

import time

REST_SECONDS = 3


class CircuitBreaker:
    """`is_open()`: do not try now. `trip()` after a failure."""

    def __init__(self, rest_seconds):
        self.rest_seconds = rest_seconds
        self._closed_again_at = 0.0

    def is_open(self):
        return time.monotonic() < self._closed_again_at

    def trip(self):
        self._closed_again_at = time.monotonic() + self.rest_seconds

    def reset(self):
        self._closed_again_at = 0.0


valkey = CircuitBreaker(REST_SECONDS)

"""How often a key may ask, counted in Valkey a minute at a time, and with it how often it did.

Valkey carries hints: while it is away reads are let through, and what makes work is counted in the database.
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import redis
from django.conf import settings
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from generation import circuit
from runwayweb.subscriptions import limits

from .errors import ApiError
from .models import Task, Use
from .models.use import REQUESTS

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
TAKE_IN_SECONDS = 10  # how often what was counted goes into the database
PATIENCE_SECONDS = 1  # a Valkey that takes longer is away
READS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Rate:
    """Where a key stands in the window in use. `reset`: seconds until the next one begins."""

    limit: int
    used: int
    reset: int

    @property
    def headers(self):
        left = max(0, self.limit - self.used)
        return {"X-RateLimit-Limit": self.limit, "X-RateLimit-Remaining": left, "X-RateLimit-Reset": self.reset}


def count(request, key, plan):
    """Count a request of `key`; its Rate, or None where `plan` has no limit. Raises ApiError 429.

    One round trip to Valkey; one query instead for what is no read while that is away.
    """
    now = time.time()
    limit, reset = plan.requests_a_minute, WINDOW_SECONDS - int(now % WINDOW_SECONDS)
    used = _count(key, int(now // WINDOW_SECONDS))
    if limit is None:
        return None
    if used is None:
        used = 0 if request.method in READS else _tasks_lately(key) + 1
    rate = Rate(limit, used, reset)
    request.rate_headers = rate.headers  # of the answer, also where it is a refusal
    if used > limit:
        raise ApiError(429, str(limits.reached_by_api("requests_a_minute", plan)), Retry_After=reset)
    return rate


def _count(key, window):
    """The requests of a key in this window, this one among them; None while Valkey is away."""
    if circuit.valkey.is_open():
        return None
    name = f"api:rate:{key.pk}:{window}"
    try:
        pipeline = valkey().pipeline(transaction=False)
        pipeline.incr(name)
        pipeline.expire(name, 2 * WINDOW_SECONDS)
        pipeline.hincrby(REQUESTS, f"{datetime.now(UTC).date()}/{key.pk}", 1)
        return pipeline.execute()[0]
    except (RedisError, OSError) as error:
        circuit.valkey.trip()
        logger.warning("Requests are not counted, Valkey cannot be reached: %s", error)
        return None


def _tasks_lately(key):
    return Task.objects.filter(key=key, created_at__gt=timezone.now() - timedelta(seconds=WINDOW_SECONDS)).count()


@cache
def valkey():
    """One client for this process; its connections are shared by all threads."""
    return redis.from_url(
        settings.VALKEY_URL,
        socket_connect_timeout=PATIENCE_SECONDS,
        socket_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def take_in_requests():
    """Bring what was counted into the database, where it is time again: at the rounds of the dispatcher."""
    if time.monotonic() < _next_take_in[0] or circuit.valkey.is_open():
        return
    _next_take_in[0] = time.monotonic() + TAKE_IN_SECONDS
    try:
        Use.objects.take_in(valkey())
    except (RedisError, OSError) as error:
        circuit.valkey.trip()
        logger.warning("Requests stay uncounted for now, Valkey cannot be reached: %s", error)


_next_take_in = [0.0]

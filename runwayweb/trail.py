"""Which HTTP request, which run and which attempt at it the work at hand belongs to: every line of the log says so."""

import logging
import re
import time
import uuid
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings

from runwayweb import telemetry

request_id: ContextVar[str] = ContextVar("request_id", default="")
generation_id: ContextVar[str] = ContextVar("generation_id", default="")
attempt: ContextVar[int] = ContextVar("attempt", default=0)

GIVEN = re.compile(r"[0-9A-Za-z-]{16,32}")  # an id that a proxy may give a request
logger = logging.getLogger("runwayweb.requests")


@contextmanager
def working_on(generation):
    """What is done inside belongs to the running attempt at a generation, and to the request that asked for it."""
    kept = request_id.get(), generation_id.get(), attempt.get()
    _set(generation.request_id, str(generation.pk), generation.attempt)
    try:
        yield
    finally:
        _set(*kept)


def _set(request, generation, number):
    # By value, where a token could only be given back in the context it was made in: under ASGI that is another one.
    request_id.set(request)
    generation_id.set(generation)
    attempt.set(number)


class TrailFilter(logging.Filter):
    """Lets every record through, with the ids as they stand where it is written."""

    def filter(self, record):
        record.request_id, record.generation_id = request_id.get(), generation_id.get()
        record.attempt = attempt.get()
        return True


class TrailMiddleware:
    """Outermost: gives each request an id, or keeps the one that a trusted proxy gave, and tells it in the answer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get("X-Request-Id", "") if settings.SECURE_PROXY_SSL_HEADER else ""
        request.request_id = given if GIVEN.fullmatch(given) else uuid.uuid4().hex
        _set(request.request_id, "", 0)
        began_at = time.monotonic()
        try:
            with telemetry.span("request", **{"request.id": request.request_id}) as span:
                response = self.get_response(request)
                route = request.resolver_match.route if request.resolver_match else "none"
                span.update_name(f"{request.method} {route}")
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", response.status_code)
            response.setdefault("X-Request-Id", request.request_id)
            if settings.LOG_FORMAT == "json":
                # The template of the route: addresses hold tokens.
                took = round(1000 * (time.monotonic() - began_at))
                logger.info("%s %s %s in %s ms", request.method, route, response.status_code, took)
            return response
        finally:
            _set("", "", 0)

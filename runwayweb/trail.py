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
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")  # as Caddy and others write theirs
logger = logging.getLogger("runwayweb.requests")


def id_of_request(given):
    """The id that a trusted proxy gave, else one of ours. A UUID goes without its dashes: runs keep 32 characters."""
    if settings.SECURE_PROXY_SSL_HEADER and UUID.fullmatch(given):
        return given.replace("-", "")
    return given if settings.SECURE_PROXY_SSL_HEADER and GIVEN.fullmatch(given) else uuid.uuid4().hex


@contextmanager
def answering(request):
    """What is done inside belongs to the request with this id."""
    _set(request, "", 0)
    try:
        yield
    finally:
        _set("", "", 0)


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
        request.request_id = id_of_request(request.headers.get("X-Request-Id", ""))
        began_at = time.monotonic()
        with answering(request.request_id):
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

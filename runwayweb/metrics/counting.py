"""Counts what comes in: HTTP requests by the template of their route, and open websockets."""

import time

from runwayweb.metrics import kept

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}  # any word may be sent as one

NO_ROUTE = "none"


def count_request(method, route, status):
    kept.requests.labels(method if method in METHODS else "other", route, status).inc()


class CountedMiddleware:
    """Outermost but for the request's id. Of an answer in pieces the time to its first one counts."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began_at = time.monotonic()
        response = self.get_response(request)
        # The template, never the address: addresses hold ids and tokens, and there are endlessly many.
        route = request.resolver_match.route if request.resolver_match else NO_ROUTE
        count_request(request.method, route or "/", response.status_code)
        kept.request_seconds.labels(route or "/").observe(time.monotonic() - began_at)
        return response


def counted_sockets(application):
    """An ASGI application of websockets, each of which counts for as long as it lasts."""

    async def counted(scope, receive, send):
        kept.sockets.inc()
        try:
            return await application(scope, receive, send)
        finally:
            kept.sockets.dec()

    return counted

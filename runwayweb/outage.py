"""What a visitor is told while a neighbour of this site is away."""

import logging
import sqlite3

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import TimeoutError as ValkeyTimeoutError

logger = logging.getLogger(__name__)


class OutageMiddleware:
    """Turns a database or Valkey that cannot be reached into a 503 with Retry-After instead of a 500."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, (ValkeyConnectionError, ValkeyTimeoutError, OperationalError, InterfaceError)):
            return None
        if isinstance(exception.__cause__, sqlite3.OperationalError) and "no such" in str(exception):
            return None  # a missing table is a defect of ours, not an outage
        logger.error("503 for %s: %s", request.path, exception)
        # Without the request: what every page shows besides its own would ask the database again.
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})

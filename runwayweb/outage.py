"""What a visitor is told while a neighbour of this site is away."""

import logging
import sqlite3

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import TimeoutError as ValkeyTimeoutError

from runwayweb.assets.storage import StorageAway

logger = logging.getLogger(__name__)


def is_outage(exception):
    """Whether a neighbour could not be reached, and it is no defect of ours."""
    neighbours = (ValkeyConnectionError, ValkeyTimeoutError, OperationalError, InterfaceError, StorageAway)
    if not isinstance(exception, neighbours):
        return False
    # A missing table is one.
    return not (isinstance(exception.__cause__, sqlite3.OperationalError) and "no such" in str(exception))


class OutageMiddleware:
    """Turns a database, Valkey or storage that cannot be reached into a 503 with Retry-After instead of a 500."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not is_outage(exception):
            return None
        logger.error("503 for %s: %s", request.path, exception)
        # Without the request: what every page shows besides its own would ask the database again.
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})

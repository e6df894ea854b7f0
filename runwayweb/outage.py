"""What a visitor is told while a neighbour of this site is away, its disk full, or too many bring files."""

import logging
import sqlite3
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import TimeoutError as ValkeyTimeoutError

from runwayweb.assets.sandbox import Busy
from runwayweb.assets.storage import StorageAway
from runwayweb.disks import is_full

logger = logging.getLogger(__name__)


def is_outage(exception):
    """Whether a neighbour could not be reached, and it is no defect of ours."""
    neighbours = (ValkeyConnectionError, ValkeyTimeoutError, OperationalError, InterfaceError, StorageAway)
    if not isinstance(exception, neighbours):
        return False
    # A missing table is one.
    return not (isinstance(exception.__cause__, sqlite3.OperationalError) and "no such" in str(exception))


class OutageMiddleware:
    """Turns a database, Valkey or storage that cannot be reached into a 503 with Retry-After instead of a 500, so many
    files at once that there is no place to look through one more, too, and a full disk into a 507."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return _answer(request, exception)


def unexpected(request):
    """The page of what failed outside any view, as a form does whose files find no room when they are read."""
    return _answer(request, sys.exc_info()[1]) or server_error(request)


def _answer(request, exception):
    if isinstance(exception, Busy):
        logger.warning("503 for %s: too many files are looked through", request.path)
        return HttpResponse(render_to_string("busy.html"), status=503, headers={"Retry-After": "5"})
    status = 507 if is_full(exception) else 503 if is_outage(exception) else None
    if status is None:
        return None
    logger.error("%d for %s: %s", status, request.path, exception)
    # Without the request: what every page shows besides its own would ask the database again.
    return HttpResponse(render_to_string(f"{status}.html"), status=status, headers={"Retry-After": "5"})

"""How much one request may bring along. Django writes a whole body to disk before it asks who sent it."""

import asyncio
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import DatabaseError, InterfaceError
from django.http.cookie import parse_cookie
from django.utils.translation import gettext as _

from runwayweb import trail
from runwayweb.disks import is_full
from runwayweb.metrics.counting import NO_ROUTE, count_request

BODY_SECONDS = 60  # in which a body comes, and a second more for each SLOWEST_BYTES of it; never a longer pause
SLOWEST_BYTES = 16 * 1024
PLACE_SECONDS = 5.0  # to wait for one at a door where only so many are at once
logger = logging.getLogger("runwayweb.requests")


class TooMuch(Exception):
    """The body went on beyond the limit."""


class TooSlow(Exception):
    """The body came in drops: a line that is held like this is missing elsewhere."""


def is_signed_in(scope):
    """Whether the request carries the session of somebody. One query, for a visitor without a cookie none."""
    cookies = parse_cookie(header(scope, b"cookie").decode("latin-1"))
    session = import_module(settings.SESSION_ENGINE).SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    return SESSION_KEY in session


def anybody(scope):
    return True


@dataclass(frozen=True)
class Door:
    """Where files come in: up to `limit` bytes of this kind that whoever is `known` sends to a path, `at_once` so many
    bodies in one web process, where that has a limit."""

    path: re.Pattern[str]
    limit: int
    method: str = "POST"
    kind: bytes = b"multipart/form-data"
    known: Callable[[dict], bool] = is_signed_in
    at_once: int | None = None

    async def admits(self, scope):
        return (
            scope["method"] == self.method
            and header(scope, b"content-type").startswith(self.kind)
            and self.path.fullmatch(scope["path"]) is not None
            and await database_sync_to_async(self.known)(scope)
        )


class LimitedBodies:
    """An ASGI application over `application` that answers 413 to a body of more than `limit` bytes, said or sent.

    At its `doors` more may come in. One that takes its time for it is answered 408, one that finds no room on the disk
    507 (503 where programs ask). Where a path begins with one of `programs`, the answer is JSON.
    """

    def __init__(self, application, limit, doors, programs=()):
        self.application = application
        self.limit = limit
        self.doors = doors
        self.programs = tuple(programs)
        self._inside: Counter[Any] = Counter()

    async def __call__(self, scope, receive, send):
        said = _said_length(scope)
        small = said is not None and said <= self.limit  # which spares the question who that is
        try:
            door = None if small else await self._door_of(scope)
        except (DatabaseError, InterfaceError):  # nobody can say who that is
            await self._refuse(scope, send, 503, _("A part of this studio is away just now. Try again shortly."))
            return
        if door is None or door.at_once is None:
            await self._take(scope, receive, send, said, door.limit if door else self.limit)
            return
        address = (scope.get("client") or [""])[0]
        if not await self._has_place(door, address):
            await self._refuse(scope, send, 503, _("Many bring files here just now. Try again in a minute."))
            return
        self._inside[door] += 1
        self._inside[door, address] += 1
        try:
            await self._take(scope, receive, send, said, door.limit)
        finally:
            self._inside[door] -= 1
            self._inside[door, address] -= 1
            if not self._inside[door, address]:
                del self._inside[door, address]

    async def _has_place(self, door, address):
        """Whether there is one for one body more within PLACE_SECONDS. Half of a door's are for others than those who
        come from one address: somebody who brings theirs in drops keeps nobody else out."""
        until = time.monotonic() + PLACE_SECONDS
        while self._inside[door] >= door.at_once or self._inside.get((door, address), 0) >= max(1, door.at_once // 2):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(PLACE_SECONDS / 100)
        return True

    async def _take(self, scope, receive, send, said, limit):
        """Let the application answer a request that said so many bytes of its body, and brings at most `limit`."""
        left = limit
        until = time.monotonic() + BODY_SECONDS
        more, answered = True, False

        async def send_on(message):
            nonlocal answered
            answered = True
            await send(message)

        async def receive_within_limit():
            nonlocal left, more, until
            if not more:
                return await receive()
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                raise TooSlow from None
            more = message.get("more_body", False)
            came = len(message.get("body", b""))
            left -= came
            # What came fast buys no hours of silence, in which the disk would hold what is there already.
            until = min(until + came / SLOWEST_BYTES, time.monotonic() + BODY_SECONDS)
            if left < 0:
                raise TooMuch
            return message

        try:
            if said is not None and said > limit:
                raise TooMuch
            await self.application(scope, receive_within_limit, send_on)
        except TooMuch:  # the body is read before anything is answered, so this is the first answer
            most = {"most": limit // 1024}
            sentence = _("That is more than a form can hold: %(most)d KiB are allowed.")
            if scope["path"].startswith(self.programs):
                sentence = "This body is too large: %(most)d KiB are taken here. Bring files by POST /v1/uploads."
            await self._refuse(scope, send, 413, sentence % most)
        except TooSlow:
            await self._refuse(scope, send, 408, _("That came too slowly. Look at your connection and try again."))
        except OSError as error:  # what a view does not find room for has been answered by OutageMiddleware
            if answered or not is_full(error):
                raise
            status = 503 if scope["path"].startswith(self.programs) else 507
            sentence = _("The disk of this studio is full just now. Nothing came in; try again later.")
            await self._refuse(scope, send, status, sentence)

    async def _door_of(self, scope):
        for door in self.doors:
            if await door.admits(scope):
                return door
        return None

    async def _refuse(self, scope, send, status, sentence):
        kind = b"text/plain; charset=utf-8"
        if scope["path"].startswith(self.programs):
            kind, sentence = b"application/json", json.dumps({"error": sentence})
        request_id = trail.id_of_request(header(scope, b"x-request-id").decode("latin-1"))
        self._tell(scope["method"], status, request_id)
        headers = [(b"content-type", kind), (b"connection", b"close"), (b"x-request-id", request_id.encode())]
        if status in (503, 507):
            headers.append((b"retry-after", b"5"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": sentence.encode()})

    def _tell(self, method, status, request_id):
        """What never reaches the middleware that counts requests and logs them is counted and logged here."""
        count_request(method, NO_ROUTE, status)
        if settings.LOG_FORMAT == "json":
            with trail.answering(request_id):
                logger.info("%s %s %s, refused on its way in", method, NO_ROUTE, status)


def _said_length(scope):
    """Bytes by the Content-Length header; None where it says nothing that can be believed."""
    said = header(scope, b"content-length")
    return int(said) if said.isdigit() and len(said) < 20 else None


def header(scope, name):
    """A header of an ASGI request, in bytes."""
    return dict(scope["headers"]).get(name, b"")

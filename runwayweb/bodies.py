"""How much one request may bring along. Django writes a whole body to disk before it asks who sent it."""

import asyncio
import re
import time
from dataclasses import dataclass
from importlib import import_module

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http.cookie import parse_cookie
from django.utils.translation import gettext as _

BODY_SECONDS = 60  # in which a body comes, and a second more for each SLOWEST_BYTES of it
SLOWEST_BYTES = 16 * 1024


class TooMuch(Exception):
    """The body went on beyond the limit."""


class TooSlow(Exception):
    """The body came in drops: a line that is held like this is missing elsewhere."""


@dataclass(frozen=True)
class Door:
    """Where files come in: up to `limit` bytes of this kind that somebody signed in, or anybody, sends to a path."""

    path: re.Pattern[str]
    limit: int
    method: str = "POST"
    kind: bytes = b"multipart/form-data"
    for_anybody: bool = False

    async def admits(self, scope):
        return (
            scope["method"] == self.method
            and _header(scope, b"content-type").startswith(self.kind)
            and self.path.fullmatch(scope["path"]) is not None
            and (self.for_anybody or await database_sync_to_async(_is_signed_in)(scope))
        )


class LimitedBodies:
    """An ASGI application over `application` that answers 413 to a body of more than `limit` bytes, said or sent.

    At its `doors` more may come in. One that takes its time for it is answered 408.
    """

    def __init__(self, application, limit, doors):
        self.application = application
        self.limit = limit
        self.doors = doors

    async def __call__(self, scope, receive, send):
        said = _said_length(scope)
        small = said is not None and said <= self.limit  # which spares the question who that is
        limit = left = self.limit if small else await self._limit_of(scope)
        until = time.monotonic() + BODY_SECONDS
        more = True

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
            until += came / SLOWEST_BYTES
            if left < 0:
                raise TooMuch
            return message

        try:
            if said is not None and said > limit:
                raise TooMuch
            await self.application(scope, receive_within_limit, send)
        except TooMuch:  # the body is read before anything is answered, so this is the first answer
            most = {"most": limit // 1024}
            await self._refuse(send, 413, _("That is more than a form can hold: %(most)d KiB are allowed.") % most)
        except TooSlow:
            await self._refuse(send, 408, _("That came too slowly. Look at your connection and try again."))

    async def _limit_of(self, scope):
        for door in self.doors:
            if await door.admits(scope):
                return door.limit
        return self.limit

    async def _refuse(self, send, status, sentence):
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": sentence.encode()})


def _said_length(scope):
    """Bytes by the Content-Length header; None where it says nothing that can be believed."""
    said = _header(scope, b"content-length")
    return int(said) if said.isdigit() and len(said) < 20 else None


def _header(scope, name):
    return dict(scope["headers"]).get(name, b"")


def _is_signed_in(scope):
    """Whether the request carries the session of somebody. One query, for a visitor without a cookie none."""
    cookies = parse_cookie(_header(scope, b"cookie").decode("latin-1"))
    session = import_module(settings.SESSION_ENGINE).SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    return SESSION_KEY in session

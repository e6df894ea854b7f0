"""How much one request may bring along. Django writes a whole body to disk before it asks who sent it."""

import re
from dataclasses import dataclass
from importlib import import_module

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http.cookie import parse_cookie
from django.utils.translation import gettext as _


class TooMuch(Exception):
    """The body went on beyond the limit."""


@dataclass(frozen=True)
class Door:
    """Where files come in: up to `limit` bytes in a multipart form that somebody signed in posts to such a path."""

    path: re.Pattern[str]
    limit: int

    async def admits(self, scope):
        return (
            scope["method"] == "POST"
            and _header(scope, b"content-type").startswith(b"multipart/form-data")
            and self.path.fullmatch(scope["path"]) is not None
            and await database_sync_to_async(_is_signed_in)(scope)
        )


class LimitedBodies:
    """An ASGI application over `application` that answers 413 to a body of more than `limit` bytes, said or sent.

    At its `door` more may come in.
    """

    def __init__(self, application, limit, door):
        self.application = application
        self.limit = limit
        self.door = door

    async def __call__(self, scope, receive, send):
        said = _said_length(scope)
        small = said is not None and said <= self.limit  # which spares the question who that is
        limit = left = self.door.limit if not small and await self.door.admits(scope) else self.limit

        async def receive_within_limit():
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooMuch
            return message

        try:
            if said is not None and said > limit:
                raise TooMuch
            await self.application(scope, receive_within_limit, send)
        except TooMuch:  # the body is read before anything is answered, so this is the first answer
            await self._refuse(send, limit)

    async def _refuse(self, send, limit):
        sentence = _("That is more than a form can hold: %(most)d KiB are allowed.") % {"most": limit // 1024}
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
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

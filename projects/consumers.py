"""The live line of a page: what happened in a workspace, as it happens. One rendering path: it says where to look,
the page fetches what it shows by HTTP."""

import asyncio
import contextlib
import json
import logging
import time
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user
from django.db import DatabaseError
from django.http import HttpRequest
from redis.exceptions import RedisError

from generation import hints
from generation.models import Event
from projects.standing import standing
from runwayweb.accounts.models import Right, Workspace

logger = logging.getLogger(__name__)

REPLAY = 200  # more news than this is cheaper to fetch as a page
MESSAGES_A_SECOND = 20
MESSAGE_LETTERS = 1024
ARRIVAL_SECONDS = 0.05  # lines that come together, as all do when a server was started again, are looked at together
RECHECK_SECONDS = 3.5  # how soon a sign-out or a lost right closes the line, besides `standing.GATHER_SECONDS`
SEND_SECONDS = 10  # a client that does not read for so long is let go

SIGNED_OUT, NOT_YOURS = 4401, 4403
UNSUPPORTED, POLICY, TOO_BIG = 1003, 1008, 1009


class WorkspaceConsumer(AsyncWebsocketConsumer):
    """`/ws/workspaces/<id>/?since=<sequence>`: first the events after `since`, then events and hints as they come."""

    group = None
    watch = None
    closing = False
    told = 0  # the page has heard of every event up to this one

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Also after a line that broke, of which `disconnect` never hears.
            if self.watch:
                self.watch.cancel()

    async def connect(self):
        self.workspace_id = self.scope["url_route"]["kwargs"]["id"]
        self.window, self.received = time.monotonic(), 0
        await self.accept()  # a close code reaches the page only on an open line
        may_listen, last = await standing(self.scope["session"].session_key, self.workspace_id, ARRIVAL_SECONDS)
        refusal = None if may_listen else await self._refusal()
        if refusal:
            await self.close(code=refusal)
            return
        group = hints.group_of(self.workspace_id)
        await self.channel_layer.group_add(group, self.channel_name)
        self.group = group
        await self._replay(last)
        self.watch = asyncio.create_task(self._recheck())

    async def disconnect(self, code):
        if self.group:
            # With Valkey away there is nothing left to leave.
            with contextlib.suppress(OSError, RedisError):
                await self.channel_layer.group_discard(self.group, self.channel_name)

    async def close(self, code=None, reason=None):
        """End the line, once: the server takes nothing more after that."""
        if not self.closing:
            self.closing = True
            await super().close(code, reason)

    async def receive(self, text_data=None, bytes_data=None):
        """Only pings come this way; whatever else is sent ends the line with the reason in its code."""
        if self.closing:
            return
        if bytes_data is not None:
            await self.close(code=UNSUPPORTED)
            return
        now = time.monotonic()
        if now - self.window >= 1:
            self.window, self.received = now, 0
        self.received += 1
        if len(text_data) > MESSAGE_LETTERS:
            await self.close(code=TOO_BIG)
        elif self.received > MESSAGES_A_SECOND:
            await self.close(code=POLICY)
        else:
            try:
                message = json.loads(text_data)
            except ValueError:
                message = None
            if isinstance(message, dict) and message.get("type") == "ping":
                await self._say({"type": "pong"})
            else:
                await self.close(code=UNSUPPORTED)

    async def hint(self, event):
        """From the channel layer: one message for the page."""
        if event["message"].get("sequence") == self.told + 1:
            self.told += 1
        await self._say(event["message"])

    async def _replay(self, last):
        """`last`: the newest sequence, a moment ago. What came since, before this line listened, is found at once when
        it looks again; what comes twice the page drops."""
        since = _number(parse_qs(self.scope["query_string"].decode("latin-1")).get("since", [""])[0])
        if since is None or since == last:
            self.told = last
        else:
            await self._tell_events_after(since)
        await self._say({"type": "ready", "sequence": self.told})

    async def _tell_events_after(self, since):
        self.told, events = await database_sync_to_async(self._events_after)(since)
        if events is None:
            await self._say({"type": "reload"})
        else:
            for event in events:
                await self._say(event.as_message())

    def _events_after(self, since):
        """(newest sequence, the events after `since` or None when they are too many)."""
        last = Event.objects.last_sequence(self.workspace_id)
        if since == last:
            return last, []
        if since > last or last - since > REPLAY:
            return last, None
        events = Event.objects.filter(workspace=self.workspace_id, sequence__gt=since, sequence__lte=last)
        return last, list(events.order_by("sequence"))

    async def _recheck(self):
        """Every few seconds: may they still listen, and was a hint lost? After the last one no other would tell."""
        pause = 0.0  # the first time, for what happened while it began to listen
        while True:
            await asyncio.sleep(pause)
            pause = RECHECK_SECONDS
            try:
                may_listen, last = await standing(self.scope["session"].session_key, self.workspace_id)
                refusal = None if may_listen else await self._refusal()
                if refusal:
                    await self.close(code=refusal)
                    return
                if last != self.told:
                    await self._tell_events_after(self.told)
            except DatabaseError as error:
                logger.warning("Nobody can tell now who may listen to %s: %s", self.workspace_id, error)
            except StopConsumer:
                return  # a client that does not read: its next message ends the line

    @database_sync_to_async
    def _refusal(self):
        """The close code for somebody who may not listen here (any more); None for who may see films."""
        request = HttpRequest()
        # A fresh store: the one in the scope keeps what it read at the handshake.
        session = self.scope["session"]
        request.session = type(session._wrapped)(session.session_key) if session.session_key else session
        user = get_user(request)
        if not user.is_authenticated or not user.is_active:
            return SIGNED_OUT
        if not Workspace.objects.where(user, Right.SEE).filter(pk=self.workspace_id).exists():
            return NOT_YOURS
        return None

    async def _say(self, message):
        if self.closing:
            return
        try:
            await asyncio.wait_for(self.send(text_data=json.dumps(message)), SEND_SECONDS)
        except TimeoutError:
            raise StopConsumer from None


def _number(text):
    """The whole number `text` says; None when it says none that a sequence could have."""
    return int(text) if text.isdecimal() and len(text) < 20 else None

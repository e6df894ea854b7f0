"""The events of a task as a stream (server-sent events), from where a client that was away left off.

What is told is read from the database; the channel layer only says when to look again, so a hint that is lost costs a
few seconds and nothing else.
"""

import asyncio
import contextlib
import json
import time
from collections import Counter

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError, close_old_connections
from redis.exceptions import RedisError

from generation import hints
from generation.models import Event

from .errors import ApiError
from .models import Key, Task

LOOK_SECONDS = 4  # without a hint; also how soon a key that was revoked ends the stream
PROGRESS_SECONDS = 0.5  # between two tellings of how far it is
MOST_SECONDS = 3600  # a client connects again after that
MOST_OF_A_KEY = 20  # streams of a key at once in one web process: each asks the database as long as it lasts

_open: Counter[int] = Counter()  # by the key's row


def check_place(key):
    """Raise ApiError 429 where the key (its row's number) follows as much as it may at once."""
    if _open[key] >= MOST_OF_A_KEY:
        sentence = f"This key follows {MOST_OF_A_KEY} tasks at once already. Close a stream first, or ask for the task."
        raise ApiError(429, sentence, Retry_After=5)


class Following:
    """An async iterator over the bytes of a stream. `told(task)`: its JSON. `since`: the last number that was heard."""

    def __init__(self, task, key, told, since=0):
        self.id, self.generation, self.workspace = task.pk, str(task.event_id), task.workspace_id
        self.key, self.told, self.heard = key, told, since

    async def __aiter__(self):
        _open[self.key] += 1
        try:
            async for line in self._lines():
                yield line
        finally:
            _open[self.key] -= 1
            if not _open[self.key]:
                del _open[self.key]

    async def _lines(self):
        until, progress_at = time.monotonic() + MOST_SECONDS, 0.0
        yield b"retry: 2000\n\n"
        async with _Hints(self.workspace) as hinted:
            while time.monotonic() < until:
                try:
                    lines, ended = await sync_to_async(self._look)()
                except DatabaseError:
                    lines, ended = [], False
                for line in lines:
                    yield line
                if ended:
                    return
                look_at = time.monotonic() + LOOK_SECONDS
                while (left := look_at - time.monotonic()) > 0:
                    hint = await hinted.next(left)
                    if hint is None or hint.get("generation") != self.generation:
                        continue
                    if hint["type"] == "event":
                        break
                    if hint["type"] == "step" and time.monotonic() - progress_at >= PROGRESS_SECONDS:
                        progress_at = time.monotonic()
                        yield _line("progress", {"id": str(self.id), "progress": hint["step"] / hint["steps"]})
                else:
                    yield b": waiting\n\n"  # so that nobody on the way takes the line for dead

    def _look(self):
        """What happened since, as lines, and whether that is the end. Three queries."""
        try:
            key_opens = Key.objects.live().filter(pk=self.key).exists()
            task = Task.objects.in_sight().to_tell().filter(pk=self.id).first()
            if task is None or not key_opens:
                return [_line("gone", {"id": str(self.id)})], True
            news = list(Event.objects.after(self.heard, task.event_id))
            ended = not task.in_progress
            if not news:
                return ([_line("task", self.told(task), self.heard)] if ended else []), ended
            self.heard = news[-1].sequence
            # What came of earlier ones is history by now; the newest is the task as it stands.
            before = [
                _line("status", {"id": str(self.id), "status": event.kind.partition(".")[2]}, event.sequence)
                for event in news[:-1]
            ]
            return [*before, _line("task", self.told(task), self.heard)], ended
        finally:
            close_old_connections()


class _Hints:
    """What the channel layer says of a workspace; with Valkey away nothing, in its time."""

    def __init__(self, workspace):
        self.layer, self.group = get_channel_layer(), hints.group_of(workspace)

    async def __aenter__(self):
        self.channel = None
        with contextlib.suppress(RedisError, OSError):
            self.channel = await self.layer.new_channel()
            await self.layer.group_add(self.group, self.channel)
        return self

    async def __aexit__(self, *_error):
        if self.channel:
            with contextlib.suppress(RedisError, OSError):
                await self.layer.group_discard(self.group, self.channel)

    async def next(self, seconds):
        """The next message, or None after so many seconds."""
        if not self.channel:
            await asyncio.sleep(min(seconds, 1.0))
            return None
        try:
            return (await asyncio.wait_for(self.layer.receive(self.channel), seconds))["message"]
        except TimeoutError:
            return None
        except (RedisError, OSError):
            self.channel = None
            return None


def _line(kind, data, number=None):
    numbered = f"id: {number}\n" if number else ""
    return f"{numbered}event: {kind}\ndata: {json.dumps(data)}\n\n".encode()

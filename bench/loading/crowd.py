"""Many open pages: a live line each, which comes back when it is lost as soon as `static/js/lib/socket.js` does."""

import asyncio
import itertools
import json
import random
import time
import uuid
from collections import Counter

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

PING_SECONDS = 20.0
BACKOFF_SECONDS = (0.5, 4.0)  # the first, the longest
OPEN_SECONDS = 60.0  # a page waits as long as its browser does, which is longer
AT_ONCE = 40  # that come for the first time
HEARING = 0.05  # of them have a run under way
EVERY_SECONDS = 2.0  # a step of it


class Crowd:
    """`on`: the lines that are open and said so; `drops`: those that ended by themselves; `refused`: handshakes that
    were answered with something else, by status; `waits`: milliseconds from the sending of a step to its arrival."""

    def __init__(self, port, people):
        self.port, self.people = port, people
        self.on = {}
        self.drops, self.failures = 0, 0
        self.refused = Counter()
        self.waits = []
        self.told = 0
        self._since = 0.0
        self._tasks = []

    async def come(self, seconds=300.0):
        """Open every line, and wait until all are; TimeoutError when some never are."""
        began = time.monotonic()
        door = asyncio.Semaphore(AT_ONCE)
        self._tasks = [asyncio.create_task(self._stay(one, door)) for one in self.people]
        self._tasks.append(asyncio.create_task(self._ping()))
        await self.all_on(seconds)
        return time.monotonic() - began

    async def all_on(self, seconds):
        async with asyncio.timeout(seconds):
            while len(self.on) < len(self.people):
                await asyncio.sleep(0.02)

    async def go(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def forget(self):
        """Count from here."""
        self.drops, self.failures, self.told = 0, 0, 0
        self.refused.clear()
        self.waits.clear()
        self._since = time.monotonic()

    async def hear(self, seconds):
        """Steps of runs come to some of them for so long, as a worker sends them."""
        from generation import hints

        hearing = self.people[: max(1, round(HEARING * len(self.people)))]
        began, rate = time.monotonic(), len(hearing) / EVERY_SECONDS
        for number, one in enumerate(itertools.islice(itertools.cycle(hearing), int(rate * seconds))):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            step = {"type": "step", "generation": str(uuid.UUID(int=number)), "step": 1, "steps": 8}
            step |= {"preview": False, "eta_seconds": 1, "sent_at": time.monotonic()}
            self.told += 1
            await asyncio.to_thread(hints.send, one.workspace_id, step)
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))

    @property
    def unheard(self):
        """Steps that did not arrive, as far as is known now."""
        return self.told - len(self.waits)

    async def _stay(self, one, door):
        backoff, first = BACKOFF_SECONDS[0], True
        address = f"ws://127.0.0.1:{self.port}/ws/workspaces/{one.workspace_id}/?since=0"
        opening = {"origin": f"http://127.0.0.1:{self.port}", "additional_headers": {"Cookie": one.cookies}}
        opening |= {"compression": None, "extensions": [ClientPerMessageDeflateFactory()]}  # as Chromium asks for it
        opening |= {"ping_interval": None, "open_timeout": OPEN_SECONDS, "close_timeout": 1, "proxy": None}
        while True:
            try:
                if first:
                    async with door:
                        line = await connect(address, **opening)
                else:
                    line = await connect(address, **opening)
                async with line:
                    async for text in line:
                        self._receive(one, line, json.loads(text))
                        if one in self.on:
                            backoff, first = BACKOFF_SECONDS[0], False
            except InvalidStatus as refused:
                self.refused[refused.response.status_code] += 1
            except (OSError, InvalidHandshake, ConnectionClosed, EOFError):
                self.failures += one not in self.on
            finally:
                self.drops += self.on.pop(one, None) is not None
            await asyncio.sleep(backoff * random.uniform(0.75, 1.25))
            backoff = min(2 * backoff, BACKOFF_SECONDS[1])

    def _receive(self, one, line, message):
        if message["type"] == "ready":
            self.on[one] = line
        elif message.get("sent_at", 0.0) > self._since:
            self.waits.append(1000 * (time.monotonic() - message["sent_at"]))

    async def _ping(self):
        """Each says that it is there every PING_SECONDS, as pages do; they did not all begin at once."""
        while True:
            for one in self.people:
                await asyncio.sleep(PING_SECONDS / len(self.people))
                if line := self.on.get(one):
                    try:
                        await line.send('{"type": "ping"}')
                    except ConnectionClosed:
                        pass  # `_stay` counts it

"""Starts every process, starts again what ends, and ends all of them together."""

import signal
import threading
import time
from collections.abc import Callable

from django.conf import settings

from generation import moderation
from runwayweb.supervisor.child import Child, print_line
from runwayweb.supervisor.door import public_address
from runwayweb.supervisor.heartbeats import Heartbeats
from runwayweb.supervisor.memory_kills import MemoryKills
from runwayweb.supervisor.readiness import NO_ANSWER, answers, missing_parts

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 120.0  # then a start that is not ready says what it waits for
LATER_SECONDS = 5.0  # between looks at a start that is not ready by then
THAW_SECONDS = 0.05
LAST_SECONDS = 1.0  # for Valkey, which has nothing to save


class Supervisor:
    """Runs `children` until SIGINT, SIGTERM or SIGHUP. `valkey` (None: somebody else's) starts first and ends last."""

    def __init__(self, children: list[Child], valkey: Child | None, say: Callable[[str], None] = print_line):
        self.children = children
        self.valkey = valkey
        self.say = say
        self.heartbeats = Heartbeats()
        self.memory_kills = MemoryKills()
        self.stops_asked = 0

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means it
                signal.signal(number, self._ask_to_stop)
        threading.Thread(target=self._announce, daemon=True).start()
        self.heartbeats.start()
        try:
            while not self.stops_asked:
                self.look()
                time.sleep(LOOK_SECONDS)
        finally:
            self.stop()

    def look(self) -> None:
        """Start what is due and end whoever lives but does not beat. Never waits."""
        for child in self._everybody():
            if self.stops_asked:
                return
            child.tend(self.say)
            if child.beats:
                self._tell_if_memory_ended(child)
                self._end_if_stuck(child)

    def stop(self) -> None:
        """End everything: politely for GRACE_SECONDS, then by force, at once when asked a second time."""
        # A process that is frozen when SIGTERM comes may take it in some other thread, and sleep on in its main one.
        for child in self._everybody():
            child.thaw()
        time.sleep(THAW_SECONDS)
        for child in self.children:
            child.stop()
        self._wait_for(self.children, settings.GRACE_SECONDS)
        if self.valkey:
            self.valkey.stop()
            self._wait_for([self.valkey], LAST_SECONDS)

    def _everybody(self) -> list[Child]:
        return [*([self.valkey] if self.valkey else []), *self.children]

    def _tell_if_memory_ended(self, child: Child) -> None:
        self.memory_kills.look()
        while child.killed:
            pid = child.killed.pop()
            if self.memory_kills.just_now():
                self.say(f"{child.name} took more memory than there is: the kernel ended it")
                self.heartbeats.memory_ended(pid)

    def _end_if_stuck(self, child: Child) -> None:
        if child.pid and self.heartbeats.overdue_seconds(child.pid, child.started_at) > 0:
            self.say(f"{child.name} has been silent for too long; killing it")
            child.signal(signal.SIGKILL)
            child.wait()

    def _wait_for(self, children: list[Child], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        running = [child for child in children if child.ended() is None]
        while running and time.monotonic() < deadline and self.stops_asked < 2:
            time.sleep(LOOK_SECONDS / 2)
            running = [child for child in running if child.ended() is None]
        for child in running:
            self.say(f"{child.name} did not stop; killing it")
            child.signal(signal.SIGKILL)
        for child in running:
            child.wait()

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self.stops_asked += 1

    def _announce(self) -> None:
        """Print the one line with the address once all of it answers; after a while, what is missing."""
        started = time.monotonic()
        complained = False
        while missing := self._missing_parts():
            if not complained and time.monotonic() - started > PATIENCE_SECONDS:
                complained = True
                parts = ", ".join(f"{name} ({state})" for name, state in missing.items())
                self.say(f"Not ready after {PATIENCE_SECONDS:g} s. Missing: {parts}. Ask: manage.py doctor")
            time.sleep(LATER_SECONDS if complained else 0.2)
        if not moderation.is_on():
            self.say(f"Pictures unchecked: {moderation.why_unchecked()}")
        self.say(f"Runwayweb is ready: {public_address(settings.BIND, settings.PORT)}")

    def _missing_parts(self) -> dict[str, str]:
        """What does not answer yet, our own workers included: the site may still count those of an earlier run."""
        silent = {
            child.name: "starting"
            for child in self.children
            if child.beats and not (child.pid and self.heartbeats.heard_from(child.pid, child.started_at))
        }
        if silent or any(child.beats for child in self.children):
            return silent or missing_parts()
        return {} if answers() else NO_ANSWER  # web servers alone: who else there is comes and goes elsewhere

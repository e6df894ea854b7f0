"""Finds workers that live but do nothing any more: stuck in one call, or frozen."""

import socket
import threading
import time
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection

from generation.models import Generation, Worker

# Until a worker announces itself it may be loading a model from a slow disk.
START_SECONDS = 300.0


class Heartbeats:
    """Watches the workers' rows from a thread of its own, so that a database that hangs never holds the supervisor.

    Only *changes* of a heartbeat count, timed by this machine's monotonic clock: clocks that differ or a laptop that
    slept make no worker look dead. While the database cannot be read, nobody is judged.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[datetime, float]] = {}  # pid → (last heartbeat, when we first saw it)
        self._read_at = 0.0
        self._out_of_memory: list[int] = []  # pids of workers that the kernel ended, which is not written down yet
        self._thread = threading.Thread(target=self._read_for_ever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def heard_from(self, pid: int, since: float) -> bool:
        """Whether the worker with this pid, started at `since` on the monotonic clock, has announced itself."""
        return pid in self._seen and self._seen[pid][1] >= since

    def overdue_seconds(self, pid: int, since: float) -> float:
        """How much longer than allowed that worker has been silent; 0 or less: it is well, or nobody can tell."""
        now = time.monotonic()
        if now - self._read_at > settings.HEARTBEAT_TIMEOUT_SECONDS / 2:
            return 0.0
        if self.heard_from(pid, since):
            return now - self._seen[pid][1] - settings.HEARTBEAT_TIMEOUT_SECONDS
        return now - since - START_SECONDS

    def memory_ended(self, pid: int) -> None:
        """The kernel ended that worker for its memory: what it worked on is told so, soon."""
        self._out_of_memory.append(pid)

    def _read_for_ever(self) -> None:
        interval = min(1.0, settings.HEARTBEAT_TIMEOUT_SECONDS / 5)
        while True:
            try:
                self._tell_out_of_memory()
                self._read()
            except DatabaseError:
                connection.close()
            time.sleep(interval)

    def _tell_out_of_memory(self) -> None:
        while self._out_of_memory:
            for generation in Generation.objects.running_in(socket.gethostname(), self._out_of_memory[0]):
                generation.give_up_for_memory(generation.attempt)
            self._out_of_memory.pop(0)

    def _read(self) -> None:
        workers = Worker.objects.filter(host=socket.gethostname())
        beats = dict(workers.order_by("started_at").values_list("pid", "beat_at"))
        now = time.monotonic()
        if now - self._read_at > settings.HEARTBEAT_TIMEOUT_SECONDS / 2:
            self._seen = {}  # we were away ourselves; everybody's time starts anew
        self._seen = {
            pid: self._seen[pid] if pid in self._seen and self._seen[pid][0] == beat_at else (beat_at, now)
            for pid, beat_at in beats.items()
        }
        self._read_at = now

"""A worker's signs of life: that the process lives, and that it still works on what it holds."""

import logging
import os
import socket
import threading
import time

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from generation import watchdog
from generation.models import Wish, Worker

logger = logging.getLogger(__name__)

STORING_SECONDS = 1800  # in which what was drawn is encoded, signed and brought to the storage; several GB may be


class Pulse:
    """Beats for one worker process, from a thread of its own.

    While the main thread runs an attempt the beat goes on only as long as `alive()` is called within
    `stall_seconds`: a call into C that never returns stops the beat, and the supervisor replaces the process.
    The thread also renews the lease of the running attempt, so that a long step does not lose it.
    """

    def __init__(self, kind, device="", room=None, tells=dict):
        """`room`: what it has for models, a `memory.Room`. `tells`: gives the columns of the worker that change while
        it lives, asked at every beat."""
        host = socket.gethostname()
        has = {"gpu_gb": room.gpu, "ram_gb": room.ram} if room else {}
        slot = settings.WORKER_SLOT or kind
        self.worker = Worker(
            kind=kind, name=f"{kind} {host}", host=host, slot=slot, pid=os.getpid(), device=device, **has
        )
        self._tells = tells
        self._told: dict = {}  # at the last beat
        self._told_at = 0.0
        self.wish = ""  # what an operator wants of it, as it heard last
        self.announce()
        self.stopping = threading.Event()  # this process was asked to end
        self.warm_in_a_row = 0  # runs it took since it last took what was next whatever is loaded
        self.missing_since = {}  # model → when it was first found to be on no machine, in seconds of time.monotonic()
        self._ended = threading.Event()
        self._attempt = None
        self._stall_seconds = 0.0
        self._alive_at = time.monotonic()
        self._renewed_at = 0.0
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def announce(self):
        """Say that this process lives and what it has, and hear what is wanted of it; puts it back on the list if it
        was taken off while it slept."""
        told = self._tells()
        for name, value in told.items():
            setattr(self.worker, name, value)
        if not Worker.objects.filter(pk=self.worker.pk).update(beat_at=Now(), **told):
            self.worker.save(force_insert=True)
        self._told, self._told_at = told, time.monotonic()
        self.wish = Wish.objects.of(self.worker)

    def hear(self):
        """What is wanted of it now, before it begins something. Announces it where that is not said already."""
        if time.monotonic() - self._told_at > settings.BEAT_SECONDS or self._tells() != self._told:
            self.announce()
        else:
            self.wish = Wish.objects.of(self.worker)

    def start(self):
        self._thread.start()
        watchdog.tell(watchdog.READY)
        return self

    def stop(self):
        """End the thread and take the worker off the list."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)
        Worker.objects.filter(pk=self.worker.pk).delete()

    @property
    def is_to_rest(self):
        """Whether it begins nothing now."""
        return self.wish != ""

    @property
    def hands_back(self):
        """Whether what it works on is to be handed back, as if it had not begun."""
        return self.stopping.is_set() or self.wish == Wish.What.STOP

    def alive(self):
        """The main thread is moving."""
        self._alive_at = time.monotonic()

    def works_on(self, attempt, stall_seconds):
        """From now on the lease of `attempt` is renewed; None: nothing is held."""
        self.alive()
        self._stall_seconds = settings.STALL_SECONDS or stall_seconds
        self._renewed_at = time.monotonic()
        self._attempt = attempt

    def stores(self):
        """What it held is drawn, and is now being stored: no step says meanwhile that the main thread is moving."""
        self.alive()
        self._stall_seconds = max(self._stall_seconds, STORING_SECONDS)

    def rests(self):
        self._attempt = None

    @property
    def stalled(self):
        return self._attempt is not None and time.monotonic() - self._alive_at > self._stall_seconds

    def _beat(self):
        interval = min(settings.BEAT_SECONDS, settings.LEASE_RENEWAL_SECONDS)
        while not self._ended.wait(interval):
            if self.stalled:
                continue
            try:
                self.announce()
                self._renew()
                watchdog.tell(watchdog.BEAT)
            except DatabaseError as error:
                logger.warning("The worker could not say that it lives: %s", error)
                connection.close()
        connection.close()

    def _renew(self):
        attempt = self._attempt
        if attempt and time.monotonic() - self._renewed_at >= settings.LEASE_RENEWAL_SECONDS:
            self._renewed_at = time.monotonic()
            if not attempt.generation.renew_lease(attempt.number):
                attempt.lost.set()

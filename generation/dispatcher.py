"""What makes the queue a mere hint: looks every few seconds for work that nobody is on."""

import logging
import threading
import time
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models.functions import Now
from redis.exceptions import RedisError

from generation import hooks, machines, queues
from generation.attempt import discard_output
from generation.models import Generation, Turn, Worker
from generation.pulse import Pulse
from runwayweb.assets.models import Asset, Upload

logger = logging.getLogger(__name__)

FORGOTTEN_AFTER = timedelta(minutes=10)  # a worker that has not beaten for so long is taken off the list
BATCH = 500
SWEEP_SECONDS = 300  # between looks for what nobody comes back for


class Dispatcher:
    """One pass: expired leases end or go back, free places are given, then whatever is queued gets a wake-up. Two may
    run: it is harmless."""

    def __init__(self):
        self.stopping = threading.Event()
        self.swept_at = time.monotonic() - SWEEP_SECONDS

    def run(self):
        """Look every DISPATCH_SECONDS until `stopping` is set. An outage is logged and outlasted."""
        pulse = Pulse(Worker.Kind.DISPATCHER).start()
        try:
            while not self.stopping.wait(settings.DISPATCH_SECONDS):
                try:
                    self.look()
                except hooks.AWAY as error:
                    logger.warning("The dispatcher cannot reach the database: %s", error)
                    connection.close()
        finally:
            pulse.stop()

    def look(self):
        """Do its jobs, one after the other. Raises what hooks.AWAY has when the database is away."""
        self.do(
            self.end_expired_leases,
            self.give_places,
            self.wake_gpu_workers,
            self.wake_media_workers,
            self.tell_rooms_above,
            self.wake_for_uploads,
            self.sweep,
            self.forget_workers,
        )

    def tell_rooms_above(self):
        """What they look after."""
        self.do(*hooks.looked)

    def do(self, *jobs):
        """One that breaks is logged by its name, and keeps no other from being done: it would break on every round."""
        for job in jobs:
            name = f"{job.__module__}.{job.__qualname__}"
            try:
                job()
            except hooks.AWAY:
                raise
            except (RedisError, OSError) as error:
                logger.warning("%s cannot reach Valkey or the storage: %s", name, error)
            except Exception:
                logger.exception("%s broke", name)

    def end_expired_leases(self):
        """Give up the attempts whose worker went silent; each row once, whoever looks first."""
        for generation in Generation.objects.expired():
            attempt = generation.attempt
            if generation.give_up_attempt(attempt):
                logger.warning("Attempt %s of %s lost its worker: now %s", attempt, generation.pk, generation.status)
                discard_output(generation.pk, attempt)

    def give_places(self):
        """Every place that a plan has is given. Where the operator took the plan of all others away nobody can tell how
        many there are: that is logged, and what is in line goes on."""
        try:
            Turn.objects.look_after()
        except ImproperlyConfigured as error:
            logger.error("No place in the queue can be given: %s", error)

    def wake_gpu_workers(self):
        """Every queued row has a wake-up in the queue afterwards, and there are as many as machines: whoever takes one
        may have nothing to do with what is queued, which is for another."""
        waiting = queues.waiting_ids(queues.GPU)
        queued = Generation.objects.filter(status=Generation.Status.QUEUED).order_by("queued_at")
        wanted = [str(pk) for pk in queued.values_list("pk", flat=True)[:BATCH]]
        if wanted:
            wanted += [f"round-{number}" for number in range(len(wanted), len(machines.living()))]
        for name in wanted:
            if name not in waiting:
                queues.wake_gpu_worker(name)

    def wake_media_workers(self):
        """The same for assets that want their poster; young ones have a job of their own on its way."""
        unprepared = Asset.objects.unprepared().filter(created_at__lt=Now() - timedelta(seconds=3))
        missing = list(unprepared.values_list("pk", flat=True)[:BATCH])
        if missing:
            waiting = queues.waiting_ids(queues.MEDIA)
            for pk in missing:
                if str(pk) not in waiting:
                    queues.wake_media_worker(pk)

    def wake_for_uploads(self):
        """The same for files that are to be taken in: those whose worker was lost, too."""
        uploads = list(Upload.objects.waiting().filter(touched_at__lt=Now() - timedelta(seconds=3))[:BATCH])
        if uploads:
            waiting = queues.waiting_ids(queues.MEDIA)
            for upload in uploads:
                if str(upload.pk) not in waiting:
                    queues.wake_for_upload(upload)

    def sweep(self):
        """Every SWEEP_SECONDS a media worker is asked to clear away."""
        if time.monotonic() - self.swept_at >= SWEEP_SECONDS:
            self.swept_at = time.monotonic()
            queues.wake_for_sweep()

    def forget_workers(self):
        """Take those off the list that have not beaten for long."""
        Worker.objects.filter(beat_at__lt=Now() - FORGOTTEN_AFTER).delete()

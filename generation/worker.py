"""The worker processes: rq's SimpleWorker, so that a model stays loaded and no CUDA context meets a fork."""

import logging
import os
import signal
import sys
import time

import django_rq
from django.db import close_old_connections
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.worker.base import WorkerStatus

from generation.pulse import Pulse

logger = logging.getLogger(__name__)

WORKER_TTL_SECONDS = 30  # an idle worker looks up this often, so that it notices an outage
pulse = None  # this process's signs of life, once it is a worker


class Worker(SimpleWorker):
    """Listens on exactly one queue: with several, rq pops in a way that can lose a job."""

    max_connection_wait_time = 4.0  # seconds between looks for a Valkey that went away

    def handle_warm_shutdown_request(self):
        """On SIGTERM: the running attempt hands its generation back at its next step."""
        pulse.stopping.set()

    def _shutdown(self):
        # rq's own writes to Valkey here, inside the signal handler: with Valkey away that would break the running job.
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested
        self._stop_requested = True

    def execute_job(self, job, queue):
        # As around a request: a connection the database ended would stay broken for as long as this process lives.
        close_old_connections()
        super().execute_job(job, queue)
        # An attempt that ran out of memory asks for a fresh process.
        self._stop_requested = self._stop_requested or pulse.stopping.is_set()


def _listen(kind, queue, burst):
    """Run what comes until rq's loop ends: by SIGTERM, or because Valkey failed it where it does not expect that."""
    try:
        worker = Worker(
            [queue],
            name=f"{kind}-{os.getpid()}-{time.time_ns()}",
            connection=queue.connection,
            serializer=queue.serializer,
            worker_ttl=WORKER_TTL_SECONDS,
            log_job_description=False,
        )
        worker.work(burst=burst, logging_level="WARNING")
    except (RedisConnectionError, RedisTimeoutError) as error:
        logger.warning("Valkey cannot be reached: %s", error)


def work(kind, *, device="", room=None, burst=False):
    """Listen on the queue called `kind` until SIGTERM. Announces this process while it does, and its `memory.Room`."""
    global pulse
    queue = django_rq.get_queue(kind)
    pulse = Pulse(kind, device, room).start()
    signal.signal(signal.SIGTERM, lambda *_: pulse.stopping.set())  # until rq puts its own in place
    try:
        while True:
            _listen(kind, queue, burst)
            # It also ends where Valkey goes away between the end of a job and rq's own notes of it.
            if burst or pulse.stopping.wait(Worker.max_connection_wait_time):
                break
    except StopRequested:
        pass  # SIGTERM while waiting
    finally:
        pulse.stop()
        sys.stdout.flush()

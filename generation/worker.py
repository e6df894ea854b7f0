"""The worker processes: rq's SimpleWorker, so that a model stays loaded and no CUDA context meets a fork."""

import logging
import os
import signal
import sys
import time
from contextlib import contextmanager

import django_rq
from django.db import DatabaseError, close_old_connections, connection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import SimpleWorker
from rq.exceptions import InvalidJobOperation, StopRequested
from rq.worker.base import WorkerStatus

from generation.pulse import Pulse

logger = logging.getLogger(__name__)

REST_SECONDS = 0.5  # between looks whether a worker that rests is to work again
# That a connection to the database is kept over jobs: to open one costs as much as ten queries.
CONNECTION_SECONDS = 300
WORKER_TTL_SECONDS = 30  # an idle worker looks up this often, so that it notices an outage
pulse = None  # this process's signs of life, once it is a worker


class Worker(SimpleWorker):
    """Listens on exactly one queue: with several, rq pops in a way that can lose a job."""

    max_connection_wait_time = 4.0  # seconds between looks for a Valkey that went away

    def subscribe(self):
        """rq would hear orders here, by a line of its own that looks for a Valkey that went away every other second.
        Ours come as signals and from the database; whoever can write to Valkey has none to give."""

    def handle_warm_shutdown_request(self):
        """On SIGTERM: the running attempt hands its generation back at its next step."""
        pulse.stopping.set()

    def _shutdown(self):
        # rq's own writes to Valkey here, inside the signal handler: with Valkey away that would break the running job.
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested
        self._stop_requested = True

    def check_for_suspension(self, burst):
        """Wait for as long as an operator wants this worker to rest. It goes on beating, so nobody replaces it."""
        super().check_for_suspension(burst)
        if burst and pulse.is_to_rest:
            raise StopRequested
        while pulse.is_to_rest and not pulse.stopping.wait(REST_SECONDS):
            self.heartbeat()

    def execute_job(self, job, queue):
        # As around a request: a connection the database ended would stay broken for as long as this process lives.
        close_old_connections()
        if self._is_to_rest():  # it came while this process waited for one
            queue.push_job_id(job.id, at_front=True)
            queue.intermediate_queue.remove(job.id)
            return
        super().execute_job(job, queue)
        # An attempt that ran out of memory asks for a fresh process.
        self._stop_requested = self._stop_requested or pulse.stopping.is_set()

    def _is_to_rest(self):
        try:
            pulse.hear()
        except DatabaseError as error:
            logger.warning("The worker could not ask what is wanted of it: %s", error)
        return pulse.is_to_rest

    def handle_job_success(self, job, *about, **more):
        with _lost_with_valkey(job):
            super().handle_job_success(job, *about, **more)

    def handle_job_failure(self, job, *about, **more):
        with _lost_with_valkey(job):
            super().handle_job_failure(job, *about, **more)


def hands_back():
    """Whether what this process works on is to be handed back: it ends, or an operator wants it to stop."""
    return pulse is not None and pulse.hands_back


def begins_nothing():
    """Whether this process takes up nothing new: it ends, or an operator wants it to rest."""
    return pulse is not None and (pulse.hands_back or pulse.is_to_rest)


@contextmanager
def _lost_with_valkey(job):
    """rq looks for the wake-up it is done with. A Valkey that was emptied meanwhile has none any more, and nothing is
    lost by that: what the wake-up was for stands in the database."""
    try:
        yield
    except InvalidJobOperation:
        logger.info("The wake-up %s is gone: Valkey forgot it meanwhile", job.id)


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


def work(kind, *, device="", room=None, tells=dict, burst=False):
    """Listen on the queue called `kind` until SIGTERM. Announces this process while it does, its `memory.Room`, and
    what `tells()` gives."""
    global pulse
    queue = django_rq.get_queue(kind)
    if not connection.settings_dict.get("OPTIONS", {}).get("pool"):  # which keeps them by itself
        connection.settings_dict["CONN_MAX_AGE"] = CONNECTION_SECONDS
    pulse = Pulse(kind, device, room, tells).start()
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

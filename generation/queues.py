"""The two queues of wake-ups. A job carries no work: the worker that takes it asks the database what to do."""

import logging
from functools import cache

import django_rq
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from generation import circuit
from generation.engine import catalogue
from generation.pieces import MOST
from runwayweb.assets import taking_in

logger = logging.getLogger(__name__)

GPU, MEDIA = "gpu", "media"
MEDIA_TIMEOUT_SECONDS = 600
FETCH_SECONDS = 3600  # the most that bringing a file here takes, and looking whether it is known
SWEEP = "sweep"


def wake_gpu_worker(name):
    """Leave a wake-up, called by the generation it is for; False when Valkey is away."""
    return _enqueue(GPU, "generation.jobs.run_next", name, timeout=longest_run_seconds())


def wake_media_worker(asset_id):
    """Leave a job that makes an asset's poster and sprite; False when Valkey is away."""
    return _enqueue(MEDIA, "generation.jobs.prepare_asset", asset_id, asset_id, timeout=MEDIA_TIMEOUT_SECONDS)


def enqueue_media(function, job_id, *arguments, timeout=MEDIA_TIMEOUT_SECONDS):
    """Leave a job of a room above for the media worker, `function` by its dotted name; False when Valkey is away."""
    return _enqueue(MEDIA, function, job_id, *arguments, timeout=timeout)


def wake_for_upload(upload):
    """Leave a job that takes an upload in, for as long as the longest file may take; False when Valkey is away."""
    patience = FETCH_SECONDS + taking_in.most_seconds()
    return _enqueue(MEDIA, "generation.jobs.take_in_upload", upload.pk, upload.pk, timeout=patience)


def wake_for_sweep():
    """Leave a job that clears away what nobody comes back for; one at most waits. False when Valkey is away."""
    return SWEEP in waiting_ids(MEDIA) or _enqueue(MEDIA, "generation.jobs.sweep", SWEEP, timeout=MEDIA_TIMEOUT_SECONDS)


def waiting_ids(name):
    """The ids of the jobs waiting in a queue. Raises RedisError, at once where Valkey has just been away."""
    if circuit.valkey.is_open():
        raise RedisConnectionError("Valkey was away a moment ago")
    try:
        return set(django_rq.get_queue(name, connection=line()).job_ids)
    except (RedisError, OSError):
        circuit.valkey.trip()
        raise


def longest_run_seconds():
    """A wake-up may end up running any model, so it is given the time of the slowest, for as many pieces as there are
    of the longest clip."""
    return MOST * max(card.timeout_seconds for card in catalogue.installed())


@cache
def line():
    """One client for this process, whose connections stay open; by itself each queue would greet Valkey anew."""
    return django_rq.get_connection(GPU)


def _enqueue(name, function, job_id, *arguments, timeout):
    if circuit.valkey.is_open():
        return False
    # commit_mode auto: callers are past their commit already, and an error must surface here.
    queue = django_rq.get_queue(name, commit_mode="auto", connection=line())
    try:
        queue.enqueue(
            function,
            args=[str(argument) for argument in arguments],
            job_id=str(job_id),
            job_timeout=timeout,
            result_ttl=0,
            failure_ttl=3600,
        )
    except (RedisError, OSError) as error:
        circuit.valkey.trip()
        logger.warning("No wake-up for %s, Valkey cannot be reached: %s", job_id, error)
        return False
    return True

"""How runs ended and how long they took, counted as they end, in Valkey: rows may be deleted, and a count never goes
down. It may be lost with Valkey, and begins at zero then, as counts of a process do that is started anew."""

import json
import logging
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from generation import circuit, queues

logger = logging.getLogger(__name__)

BUCKETS = (1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
ENDED, SECONDS, WAITS = "tally:ended", "tally:seconds", "tally:waits"


@dataclass
class Histogram:
    counts: dict[str, int] = field(default_factory=dict)  # upper bound → how many lie between it and the one below
    sum: float = 0.0

    @property
    def buckets(self):
        """(upper bound, how many up to it), as Prometheus has them."""
        found, up_to = [], 0
        for bound in (*map(str, BUCKETS), "+Inf"):
            up_to += self.counts.get(bound, 0)
            found.append((bound, up_to))
        return found


@dataclass(frozen=True)
class Tally:
    """`ended`: {(model, status, failure code): how many}; the others: {model: Histogram}."""

    ended: dict[tuple[str, str, str], int]
    seconds: dict[str, Histogram]
    waits: dict[str, Histogram]


def count(generation):
    """Count a run that ended. A Valkey that is away makes it uncounted."""
    if circuit.valkey.is_open() or generation.copied_from_id:
        return
    try:
        with queues.line().pipeline(transaction=False) as pipe:
            ended = [generation.model, str(generation.status), generation.failure_code]
            pipe.hincrby(ENDED, json.dumps(ended), 1)
            if generation.started_at and generation.worker_id:  # not one that was put back and ended in the line
                waited = generation.started_at - generation.waits_since
                _observe(pipe, WAITS, generation.model, waited.total_seconds())
            if generation.status == generation.Status.SUCCEEDED:
                took = generation.finished_at - generation.started_at
                _observe(pipe, SECONDS, generation.model, took.total_seconds() - (generation.load_seconds or 0.0))
            pipe.execute()
    except (RedisError, OSError) as error:
        circuit.valkey.trip()
        logger.warning("The end of %s is not counted, Valkey cannot be reached: %s", generation.pk, error)


def read():
    """The Tally. Raises RedisError."""
    with queues.line().pipeline(transaction=False) as pipe:
        for name in (ENDED, SECONDS, WAITS):
            pipe.hgetall(name)
        ended, *histograms = pipe.execute()
    return Tally({tuple(json.loads(key)): int(number) for key, number in ended.items()}, *map(_histograms, histograms))


def _observe(pipe, name, model, seconds):
    seconds = max(0.0, seconds)
    bound = next((str(bound) for bound in BUCKETS if seconds <= bound), "+Inf")
    pipe.hincrby(name, json.dumps([model, bound]), 1)
    pipe.hincrbyfloat(name, json.dumps([model, "sum"]), seconds)


def _histograms(stored):
    found: dict[str, Histogram] = {}
    for key, value in stored.items():
        model, bound = json.loads(key)
        histogram = found.setdefault(model, Histogram())
        if bound == "sum":
            histogram.sum = float(value)
        else:
            histogram.counts[bound] = int(value)
    return found

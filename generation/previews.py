"""The newest preview frame of a run, kept in Valkey for a while. Pages fetch it by HTTP; losing one costs nothing."""

import io
import logging

import django_rq
from PIL import Image
from redis.exceptions import RedisError

from generation import circuit

logger = logging.getLogger(__name__)

KEPT_SECONDS = 600
LONGEST_SIDE = 640


def keep(generation_id, frame):
    """Keep `frame`, uint8 (H, W, 3), as WebP; False when Valkey is away."""
    if circuit.valkey.is_open():
        return False
    picture = Image.fromarray(frame)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    data = io.BytesIO()
    picture.save(data, "WEBP", quality=80, method=2)
    try:
        django_rq.get_connection("gpu").set(_key(generation_id), data.getvalue(), ex=KEPT_SECONDS)
    except (RedisError, OSError) as error:
        circuit.valkey.trip()
        logger.warning("A preview was lost, Valkey cannot be reached: %s", error)
        return False
    return True


def kept(generation_id):
    """Whether there is a preview; False as well when Valkey is away."""
    try:
        return bool(django_rq.get_connection("gpu").exists(_key(generation_id)))
    except (RedisError, OSError):
        return False


def newest(generation_id):
    """The newest preview as WebP bytes; None when there is none. Raises RedisError."""
    return django_rq.get_connection("gpu").get(_key(generation_id))


def _key(generation_id):
    return f"preview:{generation_id}"

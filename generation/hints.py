"""Hints to the browsers of a workspace. They may be lost: what is true stands in the database."""

import asyncio
import logging
import threading
from functools import cache

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from generation import circuit

logger = logging.getLogger(__name__)

SEND_SECONDS = 2  # a Valkey that takes longer is away


def group_of(workspace_id):
    """The channel group that every open page of a workspace listens to."""
    return f"workspace.{workspace_id}"


def send(workspace_id, message):
    """Send one message to a workspace's browsers; False when Valkey could not be reached in time."""
    if circuit.valkey.is_open():
        return False
    sending = asyncio.run_coroutine_threadsafe(
        get_channel_layer().group_send(group_of(workspace_id), {"type": "hint", "message": message}), _loop()
    )
    try:
        sending.result(SEND_SECONDS)
    except (RedisError, OSError, TimeoutError) as error:
        sending.cancel()
        circuit.valkey.trip()
        logger.warning("A hint was lost, Valkey cannot be reached: %s", error)
        return False
    return True


@cache
def _loop():
    """One event loop for all hints of this process, in a thread of its own: its connection stays open between them."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="hints", daemon=True).start()
    return loop

"""Hints to the browsers of a workspace. They may be lost: what is true stands in the database."""

import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def group_of(workspace_id):
    """The channel group that every open page of a workspace listens to."""
    return f"workspace.{workspace_id}"


def send(workspace_id, message):
    """Send one message to a workspace's browsers; False when Valkey could not be reached."""
    try:
        async_to_sync(get_channel_layer().group_send)(group_of(workspace_id), {"type": "hint", "message": message})
    except (RedisError, OSError) as error:
        logger.warning("A hint was lost, Valkey cannot be reached: %s", error)
        return False
    return True

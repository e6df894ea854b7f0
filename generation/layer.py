"""The channel layer: that of channels_redis, which goes easy on a Valkey that is away and on memory.

By itself it would try again each second for those that listen, with a page of log each time, and once more for each
page that comes meanwhile; and it would keep whatever comes for a page that reads nothing.
"""

import asyncio
import logging

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from generation.circuit import CircuitBreaker

logger = logging.getLogger(__name__)

REST_SECONDS = 2  # pages look into the database every few seconds, whatever they hear
IDLE_SECONDS = 0.1
MOST_WAITING = 200  # hints for a page that does not take them; who misses one finds it in the database seconds later


class ChannelLayer(RedisPubSubChannelLayer):
    def _get_layer(self):
        layer = super()._get_layer()
        if not isinstance(layer._shards[0], Line):  # it is new, and nothing went over those yet
            layer._shards = [Line(shard.host, layer) for shard in layer._shards]
        return layer


class Line(RedisSingleShardConnection):
    """What an event loop hears by way of one server."""

    def __init__(self, host, channel_layer):
        super().__init__(host, channel_layer)
        self.circuit = CircuitBreaker(REST_SECONDS)
        self.turn = asyncio.Lock()

    async def subscribe(self, channel):
        """Hear of `channel` from now on. Raises RedisError or OSError, at once where the server has just been away."""
        try:
            async with self.turn:  # of many that come at once the first alone finds out
                await self._try(channel)
        except (RedisError, OSError):
            self.channel_layer.channels.pop(channel, None)  # nobody will take what waits there
            raise

    async def _try(self, channel):
        if self.circuit.is_open():
            raise RedisConnectionError("Valkey was away a moment ago")
        try:
            await super().subscribe(channel)
        except (RedisError, OSError):
            self.circuit.trip()
            raise

    async def _do_receiving(self):
        while True:
            try:
                if self._pubsub and self._pubsub.subscribed:
                    message = await self._pubsub.get_message(ignore_subscribe_messages=True, timeout=IDLE_SECONDS)
                    self._receive_message(message)
                else:
                    await asyncio.sleep(IDLE_SECONDS)
            except (RedisError, OSError) as error:
                self.circuit.trip()
                logger.warning("No hints are heard, Valkey cannot be reached: %s", error)
                await asyncio.sleep(REST_SECONDS)
            except Exception:
                logger.exception("A hint could not be passed on")
                await asyncio.sleep(REST_SECONDS)

    def _receive_message(self, message):
        super()._receive_message(message)
        if message is not None:
            self._forget_the_oldest(message["channel"].decode())

    def _forget_the_oldest(self, name):
        """Of whoever hears by `name`, a channel or a group of them."""
        channels = self.channel_layer.channels
        for channel in [name] if name in channels else self.channel_layer.groups.get(name, ()):
            waiting = channels.get(channel)
            while waiting and waiting.qsize() > MOST_WAITING:
                waiting.get_nowait()

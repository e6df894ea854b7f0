"""What brings messages away: reads what happened, writes a message for each endpoint that wants it, and sends them."""

import logging
import queue
import threading
import time
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.utils import timezone

from generation.faults import fault_point
from generation.models import Event, Worker
from generation.pulse import Pulse
from runwayweb.api.models import Cursor, Delivery, Endpoint, Secret
from runwayweb.assets.models import Retention
from runwayweb.sealing import Sealed

from . import addresses, letters
from .messages import body_of, messages_of
from .sending import Outcome, Why, send
from .signing import signed

logger = logging.getLogger(__name__)

EVENTS = 200  # of a workspace, looked at in one go
# How many messages are on their way at once. Senders only wait, so they are many; but nobody's receivers, and least of
# all those that keep others waiting, take all of them.
AT_ONCE = 32
OF_SLOW = 16
OF_WORKSPACE = 12
OF_ENDPOINT = 4
SWEEP_SECONDS = 600
LAST_SECONDS = 3  # for those under way, when it is to stop


class Deliverer:
    """One loop. The database is spoken to in its thread alone; each message is sent in one of its own.

    Two may run: a message is claimed before it is sent. One that was killed in between is sent again by the next,
    under the same id.
    """

    def __init__(self, guard=None):
        self.guard = guard or addresses.guard
        self.stopping = threading.Event()
        self.under_way = {}  # delivery's id → Delivery, with its endpoint
        self.outcomes = queue.SimpleQueue()  # (Delivery, Outcome)
        self.swept_at = time.monotonic() - SWEEP_SECONDS

    def run(self):
        """Look every WEBHOOK_SECONDS until `stopping` is set. An outage is logged and outlasted."""
        pulse = Pulse(Worker.Kind.WEBHOOKS).start()
        try:
            while not self.stopping.is_set():
                self._through_outages(self.look)
                self._through_outages(self.settle, settings.WEBHOOK_SECONDS)
            self._through_outages(self.finish, LAST_SECONDS)
        finally:
            pulse.stop()

    def look(self):
        """One round; waits for nobody."""
        self.write()
        self.send_due()
        self.sweep()

    def write(self):
        """A message for each endpoint that wants to know of what happened, each event once."""
        for cursor, last in Cursor.objects.behind():
            events = Event.objects.filter(workspace=cursor.workspace_id, sequence__gt=cursor.sequence)
            events = list(events.order_by("sequence")[:EVENTS])
            # After the events: whoever was there when the last of them happened is seen.
            endpoints = list(Endpoint.objects.enabled().filter(workspace=cursor.workspace_id))
            if events and endpoints:
                self._write(cursor, events, endpoints)
            else:
                cursor.move(last)

    def send_due(self):
        """Send those whose time has come, as many as may be under way."""
        ids = self._endpoints_due()
        endpoints = Endpoint.objects.in_bulk(ids)
        for endpoint in [endpoints[pk] for pk in ids if pk in endpoints]:
            room = self._room_of(endpoint)
            if room > 0:
                due = endpoint.deliveries.due().exclude(pk__in=self.under_way).order_by("next_attempt_at")
                for delivery in due[:room]:
                    delivery.endpoint = endpoint
                    self._begin(delivery)

    def settle(self, seconds):
        """Keep what came of those that were sent; waits at most so long for a first one."""
        try:
            delivery, outcome = self.outcomes.get(timeout=seconds)
            while True:
                self._settle(delivery, outcome)
                delivery, outcome = self.outcomes.get_nowait()
        except queue.Empty:
            pass

    def finish(self, seconds):
        """Wait for those under way, so long at most; what comes later is sent again by the next."""
        deadline = time.monotonic() + seconds
        while self.under_way and (left := deadline - time.monotonic()) > 0:
            self.settle(left)

    def sweep(self):
        """Forget what nobody asks for any more, and secrets that have ended; every SWEEP_SECONDS."""
        if time.monotonic() - self.swept_at < SWEEP_SECONDS:
            return
        self.swept_at = time.monotonic()
        Secret.objects.ended().delete()
        before = timezone.now() - timedelta(days=Retention.objects.days("webhooks"))
        while Delivery.objects.forget(before):
            pass

    # Private

    @transaction.atomic
    def _write(self, cursor, events, endpoints):
        if not cursor.move(events[-1].sequence):
            return  # another one was here first
        Delivery.objects.bulk_create(
            Delivery(
                endpoint=endpoint,
                sequence=event.sequence,
                event_type=event_type,
                payload=payload,
                next_attempt_at=timezone.now(),
            )
            for event, event_type, payload in messages_of(events)
            for endpoint in endpoints
            if event.sequence > endpoint.heard_until and endpoint.wants(event_type)
        )

    def _endpoints_due(self):
        """Ids, whoever waits longest first, without those that have enough under way."""
        if len(self.under_way) >= AT_ONCE:
            return []
        endpoints = {one.endpoint_id: one.endpoint for one in self.under_way.values()}.values()
        full = [endpoint.pk for endpoint in endpoints if self._room_of(endpoint) <= 0]
        due = Delivery.objects.due().exclude(endpoint__in=full)
        by_workspace = Counter(one.endpoint.workspace_id for one in self.under_way.values())
        due = due.exclude(endpoint__workspace__in=[pk for pk, many in by_workspace.items() if many >= OF_WORKSPACE])
        if self._slow_under_way() >= OF_SLOW:
            due = due.filter(endpoint__slow=False)
        return [row["endpoint"] for row in due.endpoints_due()[:AT_ONCE]]

    def _room_of(self, endpoint):
        """How many more may be sent there now."""
        under_way = self.under_way.values()
        there = sum(one.endpoint_id == endpoint.pk for one in under_way)
        of_workspace = sum(one.endpoint.workspace_id == endpoint.workspace_id for one in under_way)
        rooms = [AT_ONCE - len(under_way), OF_WORKSPACE - of_workspace]
        if endpoint.slow:  # whoever does not answer is not asked four times at once
            return min(*rooms, OF_SLOW - self._slow_under_way(), 1 - there)
        return min(*rooms, OF_ENDPOINT - there)

    def _slow_under_way(self):
        return sum(one.endpoint.slow for one in self.under_way.values())

    def _begin(self, delivery):
        if not delivery.claim():
            return
        try:
            secrets = delivery.endpoint.plain_secrets()
        except Sealed:
            self._settle(delivery, Outcome(Why.SEALED))
            return
        body = body_of(delivery.payload, again=delivery.attempts > 1)
        headers = signed(delivery.message_id, timezone.now(), body, secrets)
        self.under_way[delivery.pk] = delivery
        arguments = (delivery, delivery.endpoint.url, headers, body)
        threading.Thread(target=self._send, args=arguments, name="webhook", daemon=True).start()

    def _send(self, delivery, url, headers, body):
        try:
            outcome = send(self.guard, url, headers, body)
        except Exception:
            logger.exception("Sending %s broke", delivery)
            outcome = Outcome(Why.UNREACHABLE)
        fault_point("after_webhook_sent")
        self.outcomes.put((delivery, outcome))

    def _settle(self, delivery, outcome):
        self.under_way.pop(delivery.pk, None)
        if not delivery.settle(outcome):
            return
        endpoint = delivery.endpoint
        if endpoint.heard(outcome, delivery.attempts):
            logger.info("The webhook %s was switched off: %s", endpoint.pk, endpoint.disabled_why)
            letters.tell_disabled(endpoint)

    def _through_outages(self, act, *arguments):
        try:
            close_old_connections()
            act(*arguments)
        except DatabaseError as error:
            logger.warning("Webhooks cannot reach the database: %s", error)
            connection.close()
            self.stopping.wait(settings.WEBHOOK_SECONDS)
        except Exception:  # whatever is wrong with one message keeps no other from being sent
            logger.exception("A round broke")
            self.stopping.wait(settings.WEBHOOK_SECONDS)

"""Events: listed, and brought to the shop's webhook, signed, until it answers 2xx."""

import copy
import http.client
import json
import queue
import threading
import time
from urllib.parse import urlparse

from .book import listed
from .routes import route
from .signing import signature

RETRIES = (0.2, 0.5, 1, 2, 5, 10, 30, 60)  # seconds; Stripe's own go on for three days


class Courier:
    """Brings events in the order they happened. One that is refused comes again, without holding up the others."""

    def __init__(self, book):
        self.book = book
        self.url = ""
        self.secrets = []
        self.held = False
        self.deliveries = []  # of (event id, status or what went wrong)
        self.waiting = queue.PriorityQueue()
        book.on_event = self.take
        threading.Thread(target=self.run, daemon=True).start()

    def take(self, event):
        if self.url and not self.held:
            # As it is now: its object goes on changing.
            self.waiting.put((time.monotonic(), event["id"], 0, json.dumps(event, indent=2)))

    def run(self):
        while True:
            at, id, attempt, body = self.waiting.get()
            if (early := at - time.monotonic()) > 0:
                time.sleep(min(early, 0.05))
                self.waiting.put((at, id, attempt, body))
                continue
            if self.held:
                continue
            status = self.deliver(id, body)
            if not (isinstance(status, int) and 200 <= status < 300) and attempt < len(RETRIES):
                self.waiting.put((time.monotonic() + RETRIES[attempt], id, attempt + 1, body))

    def deliver(self, id, body):
        """Bring one event now: the status of the answer, or what went wrong."""
        to = urlparse(self.url)
        kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
        connection = kind(to.hostname, to.port, timeout=20)
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0"}
        headers["Stripe-Signature"] = signature(body, self.secrets)
        try:
            connection.request("POST", to.path, body.encode(), headers)
            answer = connection.getresponse()
            answer.read()
            outcome = answer.status
        except OSError as error:
            outcome = type(error).__name__
        finally:
            connection.close()
        self.deliveries.append((id, outcome))
        if outcome == 200:
            with self.book.lock:
                if id in self.book.objects:
                    self.book.objects[id]["pending_webhooks"] = 0
        return outcome


@route("GET", "/v1/events")
def list_events(book, params):
    created = params.get("created") if isinstance(params.get("created"), dict) else {}
    types = params.get("types") or ([params["type"]] if params.get("type") else None)
    found = [
        one
        for one in reversed(book.events)
        if (not types or one["type"] in types) and one["created"] >= int(created.get("gte", 0))
    ]
    if "delivery_success" in params:
        found = [one for one in found if (one["pending_webhooks"] == 0) == params["delivery_success"]]
    return listed(found, "/v1/events", limit=params.get("limit", 10), starting_after=params.get("starting_after"))


@route("GET", "/v1/events/{id}")
def event(book, params, id):
    return copy.deepcopy(book.get(id, "event"))

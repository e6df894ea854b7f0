"""Everything the server remembers: objects by id, the time of each customer, the events that happened."""

import copy
import itertools
import secrets
import threading
import time

API_VERSION = "2026-10-28.endive"
DAY = 24 * 60 * 60


class Refused(Exception):
    """An answer in Stripe's words for what went wrong."""

    def __init__(self, status, message, type="invalid_request_error", **more):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": type, "message": message} | more}


class Book:
    """`lock` is held while a request is worked on, so everything in here may be changed without thought."""

    def __init__(self, url):
        self.url = url
        self.lock = threading.RLock()
        self.forget()

    def forget(self):
        """An empty account."""
        self.objects = {}  # id → object, in the order they were made
        self.events = []
        self.offset = 0  # seconds by which the clock of customers without a test clock runs ahead
        self.clock_for_new_customers = None
        self.tax_percent = 20
        self.after_last_attempt = "cancel"  # or "unpaid"
        self.on_event = getattr(self, "on_event", lambda event: None)
        self._numbers = itertools.count(1)

    def make(self, prefix, object_, **fields):
        """Keep a new object of this kind."""
        id = fields.pop("id", None) or f"{prefix}_{next(self._numbers):04d}{secrets.token_hex(8)}"
        fields.setdefault("created", self.now())
        self.objects[id] = {"id": id, "object": object_, "livemode": False} | fields
        return self.objects[id]

    def get(self, id, *kinds):
        """The object with this id. Raises Refused (404) when there is none of these kinds."""
        found = self.objects.get(id)
        if found is None or (kinds and found["object"] not in kinds):
            raise Refused(
                404, f"No such {kinds[0] if kinds else 'object'}: '{id}'", code="resource_missing", param="id"
            )
        return found

    def all(self, kind, **having):
        """Every object of a kind whose columns are as given (None: whatever they are), the newest first."""
        wanted = {name: value for name, value in having.items() if value is not None}
        return [
            one
            for one in reversed(list(self.objects.values()))
            if one["object"] == kind and all(one.get(name) == value for name, value in wanted.items())
        ]

    def now(self, customer=None):
        """What the clock of a customer (an id) shows, in seconds."""
        clock = customer and self.objects[customer].get("test_clock")
        return self.objects[clock]["frozen_time"] if clock else int(time.time()) + self.offset

    def emit(self, type, subject, before=None):
        """Something happened to `subject`; `before`: what changed columns held."""
        event = self.make(
            "evt",
            "event",
            api_version=API_VERSION,
            created=self.now(subject["customer"]) if subject.get("customer") else self.now(),
            data={"object": copy.deepcopy(subject)} | ({"previous_attributes": before} if before else {}),
            pending_webhooks=1,
            request={"id": None, "idempotency_key": None},
            type=type,
        )
        self.events.append(event)
        self.on_event(event)
        return event

    def change(self, subject, type, **columns):
        """Set columns, and emit `type` with what they held before when anything is new."""
        before = {name: subject.get(name) for name, value in columns.items() if subject.get(name) != value}
        subject.update(columns)
        if before:
            self.emit(type, subject, before)


def listed(objects, url, *, limit=10, starting_after=None):
    """A page of `objects` as Stripe gives lists."""
    objects = list(objects)
    if starting_after:
        ids = [one["id"] for one in objects]
        objects = objects[ids.index(starting_after) + 1 :] if starting_after in ids else []
    page = objects[: int(limit)]
    return {"object": "list", "url": url, "has_more": len(objects) > len(page), "data": page}


def expanded(book, subject, paths):
    """A copy of `subject` in which the ids that `paths` name are objects."""
    subject = copy.deepcopy(subject)
    for path in paths:
        _expand(book, subject, path.split("."))
    return subject


def _expand(book, subject, path):
    if isinstance(subject, list):
        for one in subject:
            _expand(book, one, path)
        return
    if not path or not isinstance(subject, dict):
        return
    name, rest = path[0], path[1:]
    if name == "payments" and subject["object"] == "invoice":
        subject[name] = listed(
            copy.deepcopy(book.all("invoice_payment", invoice=subject["id"])), "/v1/invoice_payments"
        )
    value = subject.get(name)
    if isinstance(value, str) and value in book.objects:
        subject[name] = copy.deepcopy(book.objects[value])
    elif isinstance(value, list):
        subject[name] = [copy.deepcopy(book.objects[one]) if isinstance(one, str) else one for one in value]
    _expand(book, subject[name] if name in subject else None, rest)

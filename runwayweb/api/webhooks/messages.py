"""What a message says: what happened, when, and the task as it was then."""

import json
import logging

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q

from generation.models.status import Status
from runwayweb.api.models import Step, Task
from runwayweb.api.models.task import WIRE
from runwayweb.api.v1.tasks import told

from .kinds import TYPES, payload

logger = logging.getLogger(__name__)
MOST_BYTES = 20_000


class Outside:
    """In place of a request, where there is none: how addresses of this studio read from elsewhere."""

    def build_absolute_uri(self, path):
        return settings.SITE_URL + path


def messages_of(events):
    """[(event, type, payload)] of those that are told of, in their order. A few queries."""
    ids = {event.generation_id for event in events}
    # Of runs that are a step of a task nobody is told: the task is.
    steps = set(Step.objects.filter(generation_id__in=ids).values_list("generation_id", flat=True))
    kept = [event for event in events if event.kind in TYPES and event.generation_id not in steps]
    # Deleted ones too: whoever deletes a task in progress is told that it was cancelled.
    tasks = Task.objects.filter(Q(generation_id__in=ids) | Q(pk__in=ids)).with_work()
    by_id = {task.event_id: task for task in tasks}
    return [(event, TYPES[event.kind], _payload(event, by_id.get(event.generation_id))) for event in kept]


def body_of(said, *, again=False):
    """The bytes of a payload. `again`: long after it was written, when addresses in it may have expired."""
    if again and said["data"].get("output"):
        task = Task.objects.in_sight().with_work().filter(pk=said["data"]["id"]).first()
        if task:
            said = said | {"data": said["data"] | told(task, Outside())}
    body = _bytes(said)
    if len(body) >= MOST_BYTES:
        short = {name: said["data"][name] for name in ("id", "project", "status") if name in said["data"]}
        body = _bytes(said | {"data": short})
    return body


def _payload(event, task):
    status = WIRE[Status(event.status)]
    data = {"id": str(event.generation_id), "project": str(event.project_id), "status": status}
    if task:  # not of the studio, nor gone since
        try:
            data = _told_then(task, event) | {"status": status}
        except DatabaseError:
            raise
        except Exception:  # one that cannot be told whole must not keep all that follow from being told
            logger.exception("Event %s of task %s could not be told whole", event.sequence, task.pk)
            data = {"id": str(task.pk), "status": status}
    return payload(TYPES[event.kind], event.created_at, data)


def _told_then(task, event):
    """The task as it was when that happened: it may have gone on since."""
    task.work.status = event.status
    data = told(task, Outside())
    if event.status != Status.RUNNING:
        data.pop("progress", None)
    return data


def _bytes(said):
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()

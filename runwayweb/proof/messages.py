"""Messages to endpoints: each event is told to whoever wants it, under one id, in its time."""

from django.db.models import Min
from django.utils import timezone

from generation.models import Event
from runwayweb.api.models import Cursor, Delivery, Endpoint
from runwayweb.proof.finding import Finding


def findings(overdue):
    """What should have been written or sent `overdue` ago. That one message is there for an event and endpoint is kept
    by the database; that a receiver was away for all attempts is no finding: the delivery says so."""
    before = timezone.now() - overdue
    wanting = Endpoint.objects.enabled().values("workspace")
    for cursor, last in Cursor.objects.filter(workspace__in=wanting).behind():
        untold = Event.objects.filter(workspace=cursor.workspace_id, sequence__gt=cursor.sequence)
        first = untold.aggregate(first=Min("created_at"))["first"]
        if first and first < before:
            yield Finding(
                "messages",
                f"Workspace {cursor.workspace_id}",
                f"has events up to {last}, and messages were written up to {cursor.sequence}.",
            )
    late = Delivery.objects.due().filter(next_attempt_at__lt=before)
    for delivery in late.iterator():
        yield Finding(
            "messages", f"Message {delivery.message_id}", f"was to be sent at {delivery.next_attempt_at:%F %T} UTC."
        )

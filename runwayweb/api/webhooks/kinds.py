"""What can be told of, and how that is called outside."""

from datetime import UTC

EVERYTHING = "*"
TEST = "webhook.test"
STATUSES = {
    "queued": "task.pending",
    "throttled": "task.throttled",
    "running": "task.running",
    "succeeded": "task.succeeded",
    "failed": "task.failed",
    "cancelled": "task.cancelled",
}
# Events of a generation, and of a task of several; of others nobody is told.
TYPES = {f"{what}.{status}": told for what in ("generation", "task") for status, told in STATUSES.items()}
ASKED_FOR = (*STATUSES.values(), EVERYTHING)


def payload(type, moment, data):
    """A message, in the shape that Standard Webhooks proposes."""
    return {"type": type, "timestamp": moment.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": data}

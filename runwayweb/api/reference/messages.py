"""What the studio sends by itself, for the OpenAPI document: its messages, as `webhooks`."""

from typing import Literal

from ninja import Schema
from pydantic import Field

from runwayweb.api.v1.tasks import Told
from runwayweb.api.webhooks.kinds import STATUSES, TEST

# Of what happened, in one sentence each.
HAPPENED = {
    "task.pending": "It is in line: asked for, or back there after its worker was lost.",
    "task.throttled": "It waits for a place, of which the plan has so many.",
    "task.running": "A worker has begun.",
    "task.succeeded": "It ended well; `output` says where it is.",
    "task.failed": "It ended without a result; it costs nothing.",
    "task.cancelled": "Somebody stopped it; it costs nothing.",
    TEST: "Somebody asked for a test of the webhook.",
}
HEADERS = {
    "webhook-id": "Names the message, however often it is sent.",
    "webhook-timestamp": "When it was sent, in seconds since 1970.",
    "webhook-signature": "One or more of `v1,` and an HMAC-SHA256 in Base64, with a space between them.",
}


class RunOfStudio(Schema):
    """A run that no program asked for, or a task of which more would be too long to send."""

    id: str = Field(description="Of the run, or of the task.")
    project: str | None = Field(None, description="The film it is in.")
    status: Literal["PENDING", "THROTTLED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]


class TaskMessage(Schema):
    """`data`: the task as `GET /v1/tasks/{id}` would have told it then."""

    type: Literal[tuple(STATUSES.values())]  # type: ignore[valid-type]
    timestamp: str = Field(description="When it happened, in UTC.", json_schema_extra={"format": "date-time"})
    data: Told | RunOfStudio


class TestOf(Schema):
    webhook: str


class TestMessage(Schema):
    type: Literal[TEST]  # type: ignore[valid-type]
    timestamp: str = Field(description="When it was asked for, in UTC.", json_schema_extra={"format": "date-time"})
    data: TestOf


def webhooks(reference):
    """The part of the document. `reference(schema)` puts a schema among the others and returns where it is."""
    return {type: {"post": _operation(type, text, reference)} for type, text in HAPPENED.items()}


def _operation(type, text, reference):
    headers = [
        {"in": "header", "name": name, "required": True, "description": meaning, "schema": {"type": "string"}}
        for name, meaning in HEADERS.items()
    ]
    schema = reference(TestMessage if type == TEST else TaskMessage)
    return {
        "operationId": type.replace(".", "_") + "_message",
        "summary": text,
        "description": "Signed as Standard Webhooks 1.0 says. What is not taken is sent again for five days.",
        "tags": ["Webhooks"],
        "parameters": headers,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "2XX": {"description": "Taken."},
            "410": {"description": "Nothing is wanted here any more: the webhook is switched off."},
            "default": {"description": "Not taken; it comes again."},
        },
    }

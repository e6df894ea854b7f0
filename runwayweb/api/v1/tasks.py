"""Tasks: what was asked for, how far it is, what came of it."""

from typing import Literal

from django.http import HttpResponse, StreamingHttpResponse
from ninja import Router, Schema
from pydantic import Field

from runwayweb.api.caller import GENERATE, READ
from runwayweb.api.finding import found
from runwayweb.api.following import Following, check_place
from runwayweb.api.models import Task
from runwayweb.api.paging import Page, page_of
from runwayweb.assets.signing import signed_path

from .answers import READING, EstimatedCost

router = Router(tags=["Tasks"])
EVENTS = {"text/event-stream": {"schema": {"type": "string"}}}


class Told(Schema):
    """What a status has besides the fields of all is not there in others."""

    id: str
    createdAt: str
    status: Literal["PENDING", "THROTTLED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
    estimatedCost: EstimatedCost | None = Field(None, description="While it is in progress: the most it may cost.")
    cost: EstimatedCost | None = Field(None, description="Once it ended: what was charged.")
    progress: float | None = Field(None, description="While RUNNING: from 0 to 1.")
    output: list[str] | None = Field(None, description="When it SUCCEEDED: addresses, good for 24 hours.")
    failure: str | None = Field(None, description="When it FAILED: a sentence.")
    failureCode: str | None = None


class Listed(Page):
    data: list[Told]


def told(task, request):
    """A task as JSON; fields that its status does not have are left out."""
    fields = {
        "id": str(task.pk),
        "createdAt": task.created_at.isoformat(timespec="milliseconds"),
        "status": task.status,
    }
    if task.in_progress:
        fields["estimatedCost"] = {"credits": task.estimate}
        if task.status == "RUNNING":
            fields["progress"] = round(task.progress, 4)
        return fields
    fields["cost"] = {"credits": task.charged}
    if task.status == "SUCCEEDED":
        fields["output"] = [
            request.build_absolute_uri(signed_path(asset, name=name))
            for asset in task.assets
            for name in asset.handed_over
        ]
    if task.status == "FAILED":
        fields |= {"failure": task.work.failure, "failureCode": task.work.failure_code}
    return fields


def find(request, id, *, deleted_too=False):
    """A task of the caller's workspace. Raises Http404 for whatever is none."""
    tasks = Task.objects.filter(workspace=request.auth.workspace)
    return found(tasks.with_work() if deleted_too else tasks.in_sight().to_tell(), id)


@router.get(
    "/tasks",
    auth=READ,
    response={200: Listed} | READING,
    exclude_none=True,
    operation_id="list_tasks",
    summary="Tasks, the newest first",
)
def list_tasks(request, cursor: str = "", limit: int = 20):
    """The newest first. `cursor`: `nextCursor` of the page before."""
    page = page_of(Task.objects.filter(workspace=request.auth.workspace).in_sight().to_tell(), cursor, limit)
    return {"data": [told(task, request) for task in page.rows], "nextCursor": page.next_cursor}


@router.get(
    "/tasks/{id}",
    auth=READ,
    response={200: Told} | READING,
    exclude_none=True,
    operation_id="get_task",
    summary="How far a task is, and what came of it",
)
def get_task(request, id: str):
    """How far a task is. Ask every five seconds or so, or follow its events."""
    return told(find(request, id), request)


@router.get(
    "/tasks/{id}/events",
    auth=READ,
    response={200: None} | READING,
    operation_id="follow_task",
    summary="Follow a task by events",
    openapi_extra={
        "responses": {200: {"description": "OK", "content": {"text/event-stream": {"schema": {"type": "string"}}}}}
    },
)
def follow_task(request, id: str):
    """Server-sent events until it ended: `task` with the task itself, `progress`, and after a break `status` for what
    was missed since `Last-Event-ID`."""
    task = find(request, id)
    check_place(request.auth.key.pk)
    since = request.headers.get("Last-Event-ID", "")
    number = int(since) if since.isdecimal() and len(since) < 20 else 0
    stream = Following(task, request.auth.key.pk, lambda task: told(task, request), number)
    response = StreamingHttpResponse(aiter(stream), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return response


@router.delete(
    "/tasks/{id}",
    auth=GENERATE,
    response={204: None} | READING,
    operation_id="delete_task",
    summary="Cancel or delete a task",
)
def delete_task(request, id: str):
    """Cancel a task in progress, whose credits come back, or delete one that ended, with its output."""
    find(request, id, deleted_too=True).delete_softly()
    return HttpResponse(status=204)

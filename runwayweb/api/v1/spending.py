"""POST /v1/<endpoint>: every call that makes work, each by its planner."""

import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from ninja import Router, Schema

from runwayweb.api.caller import GENERATE
from runwayweb.api.errors import ApiError
from runwayweb.api.models import Answer, Task
from runwayweb.api.models.answer import LONGEST_NAME, digest_of
from runwayweb.api.planned import PLANNERS

from .answers import ERRORS, EstimatedCost

router = Router(tags=["Make"])
# What the OpenAPI document says of a route whose view goes through once().
ONCE = {"parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}]}


class Started(Schema):
    """`estimatedCost`: the most that it will be charged; whatever fails or is cancelled costs nothing."""

    id: str
    estimatedCost: EstimatedCost


def once(request, make: Callable[[Any], dict], prepare: Callable[[], Any] = lambda: None):
    """The answer to a POST that spends: made once for an Idempotency-Key, and given again byte for byte.

    `prepare()` comes first and outside of any transaction: it finds what the address and the body name, which may be
    gone when the same is asked again. `make(prepared)` makes rows and returns what is answered. Raises what they raise:
    then nothing is kept, and the name is free again.
    """
    workspace, name = request.auth.workspace, _name_of(request)
    digest = digest_of(request) if name else ""
    if name and (given := Answer.objects.given(workspace, name, digest)):
        return _as_it_was(given)
    prepared = prepare()
    with transaction.atomic():
        claimed = Answer.objects.claim(workspace, name, digest) if name else None
        if name and claimed is None:
            return _as_it_was(Answer.objects.given(workspace, name, digest))
        body = json.dumps(make(prepared))
        if claimed:
            claimed.keep(200, body)
    return HttpResponse(body, content_type="application/json")


def _name_of(request):
    name = request.headers.get("Idempotency-Key")
    if name is not None and not (0 < len(name) <= LONGEST_NAME and name.isascii() and name.isprintable()):
        raise ApiError(400, f"An Idempotency-Key has 1 to {LONGEST_NAME} printable ASCII characters.")
    return name


def _as_it_was(answer):
    headers = {"Idempotent-Replayed": "true"}
    return HttpResponse(answer.body, status=answer.status, content_type="application/json", headers=headers)


def start(request, planner, body):
    """Plan what a body asks for and queue it."""
    caller = request.auth

    def make(planned):
        task = Task.objects.start(planned, caller)
        return {"id": str(task.pk), "estimatedCost": {"credits": task.estimate}}

    return once(request, make, lambda: planner.plan(body, caller))


def mount():
    """A route for each planner that is known."""
    for planner in PLANNERS.values():
        router.add_api_operation(
            f"/{planner.kind}",
            ["POST"],
            _view(planner),
            auth=GENERATE,
            response={200: Started} | ERRORS,
            operation_id=planner.kind.replace("/", "_"),
            url_name=planner.kind.replace("/", "_"),
            summary=planner.summary,
            openapi_extra=ONCE,
        )


def _view(planner):
    def view(request, body):
        return start(request, planner, body)

    view.__annotations__["body"] = planner.schema
    view.__doc__ = planner.plan.__doc__
    return view

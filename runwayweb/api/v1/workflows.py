"""Workflows: published graphs of tasks, run as a whole with what a program gives for it."""

from typing import Annotated, Any, Literal

from django.http import Http404, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from projects.models import Invocation, Workflow, WorkflowVersion
from projects.models.workflow import DESCRIPTION, NAME
from projects.workflows import running
from projects.workflows.graph import FORMAT, BadGraph, read_graph
from projects.workflows.kinds import AUDIO, IMAGE, NUMBER, TEXT, VIDEO, is_text
from projects.workflows.plan import Plan
from projects.workflows.values import BadOverride, checked, of_asset, of_number, of_text, types_taken
from runwayweb.api.caller import GENERATE, READ
from runwayweb.api.errors import Invalid, Issue
from runwayweb.api.finding import found
from runwayweb.api.models import Run as ApiRun
from runwayweb.api.planned import Body
from runwayweb.assets.models import Asset
from runwayweb.assets.signing import signed_path

from .answers import ERRORS, READING, EstimatedCost
from .spending import ONCE, once

router = Router(tags=["Workflows"])
WIRE = {
    "pending": "PENDING",
    "running": "RUNNING",
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
    "cancelled": "CANCELLED",
}


class Version(Schema):
    id: str
    createdAt: str
    version: int


class Listed(Schema):
    id: str = Field(description="Of the workflow: its newest version is run by it.")
    name: str
    versions: list[Version] = Field(description="Newest first.")


class List(Schema):
    data: list[Listed]


class Graph(Schema):
    """See docs/workflows.md."""

    version: int
    nodes: list[Any]
    edges: list[Any]


class Told(Version):
    updatedAt: str
    name: str
    description: str | None = None
    graph: Graph


class Primitive(Body):
    cleaned = ("value",)  # looked at by what its node wants, and told at its place

    type: Literal["primitive"]
    value: str | bool | int | float


class Medium(Body):
    """`uri`: an https:// address, a runway:// upload or a data: URI."""

    type: Literal["image", "video", "audio"]
    uri: str


Given = Annotated[Primitive | Medium, Field(discriminator="type")]


class Run(Body):
    node_outputs: dict[str, dict[str, Given]] = Field(
        {}, description="By the id of a node, then by what it gives or by a place of it: used instead for this run."
    )


class Begun(Schema):
    id: str
    estimatedCost: EstimatedCost


class Quote(Schema):
    estimatedCost: EstimatedCost
    nodes: dict[str, EstimatedCost] = Field(description="By the id of a node; what was made before costs nothing.")


class Drawn(Body):
    """A graph to be published. `workflowId`: of one there is, as its next version."""

    name: str | None = Field(None, min_length=1, max_length=NAME)
    description: str | None = Field(None, max_length=DESCRIPTION)
    graph: dict[str, Any]
    workflow_id: str | None = None


class Published(Told):
    workflowId: str


class NodeError(Schema):
    message: str
    failureCode: str | None = None
    nodeName: str | None = None


class Invoked(Schema):
    """What a status has besides the fields of all is not there in others."""

    id: str
    createdAt: str
    status: Literal["PENDING", "THROTTLED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
    progress: float | None = Field(None, description="While RUNNING: from 0 to 1.")
    output: dict[str, list[str]] | None = Field(None, description="By the id of a result: addresses, for 24 hours.")
    failure: str | None = None
    failureCode: str | None = None
    nodeErrors: dict[str, NodeError] | None = None
    cost: EstimatedCost | None = Field(None, description="Once nothing of it is being made any more.")


@router.get("/workflows", auth=READ, response={200: List} | READING, operation_id="list_workflows")
def list_workflows(request):
    """Every published workflow, with its versions."""
    mine = Workflow.objects.filter(workspace=request.auth.workspace).published()
    listed = mine.prefetch_related("versions").order_by("name", "pk")
    return {
        "data": [
            {
                "id": str(workflow.pk),
                "name": workflow.name,
                "versions": [_version(one) for one in workflow.versions.all()],
            }
            for workflow in listed
        ]
    }


@router.post(
    "/workflows",
    auth=GENERATE,
    response={200: Published} | ERRORS,
    operation_id="publish_workflow",
    openapi_extra=ONCE,  # nothing but a number; yet sent twice, it would be published twice
)
def publish_workflow(request, body: Drawn):
    """Publish a graph: a new workflow, or the next version of `workflowId`. Nothing is run or charged."""
    caller = request.auth
    _check_words(body)
    try:
        graph = read_graph(body.graph).as_json()
    except BadGraph as bad:
        raise Invalid(*(Issue(("graph", *fault.path), fault.sentence) for fault in bad.faults)) from None

    def make(_prepared):
        workflow = _workflow(caller, body.workflow_id)
        if workflow is None:
            if body.name is None:
                raise Invalid.at("name", "A new workflow needs a name.", "missing")
            workflow = Workflow.objects.make(
                caller.workspace, name=body.name, description=body.description or "", by=caller.user, graph=graph
            )
        else:
            workflow.rename(body.name or workflow.name, body.description or workflow.description)
            workflow.draft = graph
            workflow.save(update_fields=["draft"])
        return _told(workflow.publish(by=caller.user)) | {"workflowId": str(workflow.pk)}

    return once(request, make)


@router.get(
    "/workflows/{id}", auth=READ, response={200: Told} | READING, exclude_none=True, operation_id="get_workflow"
)
def get_workflow(request, id: str):
    """A version with its graph; by the id of the workflow, the newest."""
    return _told(_find(request, id))


@router.post(
    "/workflows/{id}",
    auth=GENERATE,
    response={200: Begun} | ERRORS,
    operation_id="run_workflow",
    openapi_extra=ONCE,
)
def run_workflow(request, id: str, body: Run):
    """Run a version. What did not change since an earlier run is not made, and not charged, again."""
    caller = request.auth

    def prepare():
        version = _find(request, id)
        return version, _overrides(version.read, body, caller)

    def make(prepared):
        version, overrides = prepared
        try:
            invocation = running.begin(version, project=caller.project(), by=caller.user, overrides=overrides)
        except BadGraph as bad:
            raise Invalid(*(Issue(("nodeOutputs", fault.node), fault.sentence) for fault in bad.faults)) from None
        plan = Plan(
            version.read,
            workspace=caller.workspace,
            workflow=version.workflow,
            project=invocation.project,
            overrides=invocation.overrides,
        )
        cards = [step.card for step in plan.steps.values() if step.is_to_be_made and step.card]
        ApiRun.objects.keep(invocation, caller, cards)
        return {"id": str(invocation.pk), "estimatedCost": {"credits": invocation.quoted}}

    return once(request, make, prepare)


@router.post("/workflows/{id}/quotes", auth=GENERATE, response={200: Quote} | ERRORS, operation_id="quote_workflow")
def quote_workflow(request, id: str, body: Run):
    """What the run would cost. Nothing is made, held or charged."""
    caller, version = request.auth, _find(request, id)
    overrides = _overrides(version.read, body, caller)
    plan = Plan(
        version.read,
        workspace=caller.workspace,
        workflow=version.workflow,
        project=caller.project(),
        overrides=overrides,
    )
    if plan.faults:
        raise Invalid(*(Issue(("nodeOutputs", fault.node), fault.sentence) for fault in plan.faults))
    nodes = {id: {"credits": step.credits} for id, step in plan.steps.items()}
    return {"estimatedCost": {"credits": plan.credits}, "nodes": nodes}


@router.get(
    "/workflow_invocations/{id}",
    auth=READ,
    response={200: Invoked} | READING,
    exclude_none=True,
    operation_id="get_workflow_invocation",
)
def get_invocation(request, id: str):
    """How far a run is. Ask every five seconds or so."""
    return _invoked(_find_invocation(request, id), request)


@router.delete(
    "/workflow_invocations/{id}",
    auth=GENERATE,
    response={204: None} | READING,
    operation_id="cancel_workflow_invocation",
)
def cancel_invocation(request, id: str):
    """Cancel a run; the credits of what is not made come back. One that ended stays as it is."""
    _find_invocation(request, id).cancel()
    return HttpResponse(status=204)


def _version(version):
    return {"id": str(version.pk), "createdAt": _moment(version.created_at), "version": version.number}


def _told(version):
    workflow = version.workflow
    return _version(version) | {
        "updatedAt": _moment(version.created_at),
        "name": workflow.name,
        "description": workflow.description,
        "graph": {"version": FORMAT, "nodes": version.graph["nodes"], "edges": version.graph["edges"]},
    }


def _invoked(invocation, request):
    runs = invocation.nodes_by_id
    status = WIRE[invocation.status]
    told = {"id": str(invocation.pk), "createdAt": _moment(invocation.created_at), "status": status}
    if status in ("PENDING", "CANCELLED"):
        return told
    waiting = {run.generation.status for run in runs.values() if run.status == "running" and run.generation}
    if status == "RUNNING" and waiting == {"throttled"} and not invocation.progress:
        return told | {"status": "THROTTLED"}
    if status in ("RUNNING", "SUCCEEDED"):
        told["output"] = _output(runs, request)
    if status == "RUNNING":
        told["progress"] = round(invocation.progress, 4)
    if status == "FAILED":
        told["failure"] = invocation.failure
        told |= {"failureCode": invocation.failure_code} if invocation.failure_code else {}
    failed = {
        run.node: {"message": run.failure, "nodeName": run.name}
        | ({"failureCode": run.failure_code} if run.failure_code else {})
        for run in runs.values()
        if run.status == "failed"
    }
    told |= {"nodeErrors": failed} if failed else {}
    if invocation.is_over:
        told["cost"] = {"credits": invocation.charged}
    return told


def _output(runs, request):
    """{id of a result: addresses of its files}, of those that are there."""
    results = {run.node: run.output["asset"] for run in runs.values() if run.kind == "output" and run.output}
    assets = {str(asset.pk): asset for asset in Asset.objects.ready().filter(pk__in=results.values())}
    return {
        node: [request.build_absolute_uri(signed_path(assets[asset], name=name)) for name in assets[asset].handed_over]
        for node, asset in results.items()
        if asset in assets
    }


def _overrides(graph, body, caller):
    """What is given for a run, its files fetched. Raises Invalid."""
    overrides = {}
    try:
        for node, given in body.node_outputs.items():
            for name, one in given.items():
                types = types_taken(graph, node, name)
                overrides.setdefault(node, {})[name] = _value(one, types, ("nodeOutputs", node, name), caller)
        return checked(graph, overrides)
    except BadOverride as bad:
        raise Invalid.at(("nodeOutputs", *bad.fault.path), bad.fault.sentence) from None


def _value(given, types, path, caller):
    if isinstance(given, Medium):
        fetch = {IMAGE: caller.picture, VIDEO: caller.clip, AUDIO: caller.sound}[given.type]
        return of_asset(fetch(given.uri, (*path, "uri")))
    value = given.value
    if isinstance(value, str):
        if not is_text(value):
            raise Invalid.at((*path, "value"), "Text without NUL characters and half characters.")
        return of_text(value)
    if isinstance(value, bool) or NUMBER not in types:
        wanted = "a string" if TEXT in types else "a number" if NUMBER in types else " or ".join(types)
        raise Invalid.at((*path, "value"), f"This takes {wanted}.", "invalid_type")
    return of_number(value)


def _check_words(body):
    for name in ("name", "description"):
        value = getattr(body, name)
        if value is not None and not is_text(value):
            raise Invalid.at(name, "Text without NUL characters and half characters.")


def _find(request, id):
    """A version, or the newest of a workflow, of the caller's workspace. Raises Http404."""
    versions = WorkflowVersion.objects.in_sight().filter(workflow__workspace=request.auth.workspace)
    versions = versions.select_related("workflow").order_by("-number")
    workflows = Workflow.objects.in_sight().filter(workspace=request.auth.workspace)
    try:
        return found(versions, id)
    except Http404:
        newest = versions.filter(workflow=found(workflows, id)).first()
        if newest is None:
            raise
        return newest


def _find_invocation(request, id):
    return found(Invocation.objects.in_sight().filter(project__workspace=request.auth.workspace), id)


def _workflow(caller, id):
    """The workflow that is published anew; None for a new one. Raises Invalid."""
    if id is None:
        return None
    try:
        return found(Workflow.objects.in_sight().filter(workspace=caller.workspace), id)
    except Http404:
        raise Invalid.at("workflowId", "There is no workflow with this id.") from None


def _moment(at):
    return at.isoformat(timespec="milliseconds")

"""Workflows: the list of them, and the page on which one is drawn, published and run."""

import json
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.models import Invocation, Workflow
from projects.workflows import running
from projects.workflows.examples import EXAMPLES, example
from projects.workflows.forms import AddForm, ConnectForm, NewWorkflowForm, NodeForm, RunForm, WorkflowForm
from projects.workflows.graph import BadGraph
from projects.workflows.kinds import KINDS
from projects.workflows.layout import draw
from projects.workflows.plan import Plan
from projects.workflows.results import results_of
from projects.workflows.values import BadOverride
from runwayweb.accounts.doors import editable, visible, workspace_in_use
from runwayweb.accounts.models import Right
from runwayweb.subscriptions.models import Wallet
from runwayweb.subscriptions.refused import Refused

RUNS_IN_SIGHT = 10


@login_required
@require_safe
def workflow_list(request):
    workspace = workspace_in_use(request, Right.SEE)
    return list_page(request, workspace, NewWorkflowForm())


@login_required
@require_POST
def workflow_new(request):
    """A new workflow: an example, one from a file, or one with nothing in it."""
    workspace = workspace_in_use(request, Right.MAKE)
    form = NewWorkflowForm(request.POST, request.FILES)
    if not form.is_valid():
        return list_page(request, workspace, form, status=422)
    begun = example(form.cleaned_data["example"])
    name, graph = (str(begun.name), begun.graph) if begun else (_("New workflow"), form.cleaned_data["file"])
    description = str(begun.description) if begun else ""
    made = Workflow.objects.make(workspace, name=name, by=request.user, graph=graph, description=description)
    return redirect("projects:workflow", made.pk)


@login_required
@require_safe
def workflow(request, id):
    return editor(request, visible(request, Workflow, pk=id))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def workflow_name(request, id):
    found = editable(request, Workflow, pk=id)
    form = WorkflowForm(request.POST or None, instance=found)
    if form.is_valid():
        found.rename(form.cleaned_data["name"], form.cleaned_data["description"])
        return redirect("projects:workflow", found.pk)
    context = {"form": form, "workflow": found}
    return render(request, "projects/workflow_form.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def node_new(request, id):
    found = editable(request, Workflow, pk=id)
    graph, form = found.graph, AddForm(request.POST)
    if not form.is_valid():
        return editor(request, found, add_form=form, status=422)
    node = graph.add(KINDS[form.cleaned_data["kind"]])
    found.draw(graph)
    return editor(request, found, chosen=node.id)


@login_required
@require_POST
def node(request, id, node):
    """Set what is set on a node, and what comes into it."""
    found = editable(request, Workflow, pk=id)
    graph = found.graph
    form = NodeForm(request.POST, graph=graph, node=node_of(graph, node), workspace=found.workspace)
    if not form.is_valid():
        return editor(request, found, chosen=node, node_form=form, status=422)
    form.lay_in()
    found.draw(graph)
    return editor(request, found, chosen=node)


@login_required
@require_POST
def node_deletion(request, id, node):
    found = editable(request, Workflow, pk=id)
    graph = found.graph
    graph.remove(node_of(graph, node).id)
    found.draw(graph)
    return editor(request, found)


@login_required
@require_POST
def edge_new(request, id):
    found = editable(request, Workflow, pk=id)
    graph = found.graph
    form = ConnectForm(request.POST, graph=graph)
    if not form.is_valid():
        return editor(request, found, connect_form=form, status=422)
    form.lay_in()
    found.draw(graph)
    return editor(request, found, chosen=form.cleaned_data["source"])


@login_required
@require_POST
def places(request, id):
    """Where nodes were put: {node: [x, y]} as JSON in `places`; without it, all stand in columns again."""
    found = editable(request, Workflow, pk=id)
    graph = found.graph
    try:
        given = json.loads(request.POST.get("places") or "{}")
        put = {id: (float(x), float(y)) for id, (x, y) in given.items() if id in graph.nodes}
    except (ValueError, TypeError, AttributeError, RecursionError):
        put = {}
    for one in graph.nodes.values():
        one.position = put.get(one.id)
    found.draw(graph)
    return editor(request, found, chosen=request.POST.get("chosen", ""))


@login_required
@require_POST
def publication(request, id):
    found = editable(request, Workflow, pk=id)
    try:
        version = found.publish(by=request.user)
    except BadGraph as bad:
        return editor(request, found, faults=bad.faults, status=422)
    messages.success(request, _("Version %(number)d is published.") % {"number": version.number})
    return redirect("projects:workflow", found.pk)


@login_required
@require_POST
def copy(request, id):
    copied = editable(request, Workflow, pk=id).copy(by=request.user)
    messages.success(request, _("“%(name)s” was duplicated.") % {"name": copied.name})
    return redirect("projects:workflow", copied.pk)


@login_required
@require_POST
def deletion(request, id):
    found = editable(request, Workflow, pk=id)
    found.delete_softly()
    return HttpResponseRedirect(f"{reverse('projects:workflow-list')}?deleted={found.pk}")


@login_required
@require_POST
def restoration(request, id):
    found = editable(request, Workflow, deleted_too=True, pk=id)
    found.restore()
    return redirect("projects:workflow", found.pk)


@login_required
@require_safe
def graph(request, id):
    """The graph of the draft as a JSON file."""
    found = visible(request, Workflow, pk=id)
    answer = HttpResponse(json.dumps(found.draft, indent=2, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{slugify(found.name) or "workflow"}.json"'
    return answer


@login_required
@require_safe
def quote(request, id):
    """What a run would cost, as its form stands."""
    found = visible(request, Workflow, pk=id)
    graph = found.graph
    form = RunForm(request.GET, graph=graph, workspace=found.workspace)
    form.is_valid()
    return render(request, "projects/workflow.html#quote", quoted(found, graph, form) | {"workflow": found})


@login_required
@require_POST
def run(request, id):
    """Run what is drawn: it is published first where that is another than the newest version."""
    found = editable(request, Workflow, pk=id)
    graph = found.graph
    form = RunForm(request.POST, graph=graph, workspace=found.workspace)
    if form.is_valid():
        try:
            version = found.publish(by=request.user)
            made = running.begin(
                version,
                project=form.cleaned_data["project"],
                by=request.user,
                overrides=form.overrides,
                slow_lane=form.in_slow_lane,
            )
        except (BadGraph, BadOverride, Refused) as error:
            form.add_error(None, [str(fault) for fault in error.faults] if isinstance(error, BadGraph) else str(error))
        else:
            return redirect("projects:workflow-run", made.pk)
    return editor(request, found, run_form=form, status=422)


@login_required
@require_safe
def workflow_run(request, id):
    """How far a run is, with what it made."""
    found = visible(request, Invocation.objects.select_related("version__workflow", "project"), pk=id)
    template = "projects/workflow_run.html#run" if request.htmx else "projects/workflow_run.html"
    return render(request, template, run_context(found))


@login_required
@require_POST
def cancellation(request, id):
    found = editable(request, Invocation.objects.select_related("version__workflow", "project"), pk=id)
    found.cancel()
    if request.htmx:
        return render(request, "projects/workflow_run.html#run", run_context(found))
    return redirect("projects:workflow-run", found.pk)


def list_page(request, workspace, form, *, status=200):
    shown = list(Workflow.objects.in_sight().filter(workspace=workspace).prefetch_related("versions"))
    for one in shown:
        one.last_run = Invocation.objects.in_sight().filter(version__workflow=one).first()
    gone = request.GET.get("deleted")
    context = {"workflows": shown, "examples": EXAMPLES, "form": form, "undo": _just_deleted(request.user, gone)}
    return render(request, "projects/workflow_list.html", context, status=status)


def editor(
    request, found, *, chosen="", node_form=None, add_form=None, connect_form=None, run_form=None, faults=(), status=200
):
    """The page of a workflow; after a plain form post that did something, the way back to it."""
    if request.method == "POST" and status == 200 and not request.htmx:
        return HttpResponseRedirect(
            f"{reverse('projects:workflow', args=[found.pk])}{f'#node-{chosen}' if chosen else ''}"
        )
    graph = node_form.graph if node_form else found.graph
    runs = list(
        Invocation.objects.in_sight()
        .filter(version__workflow=found)
        .select_related("project", "version")[:RUNS_IN_SIGHT]
    )
    run_form = run_form or RunForm(graph=graph, workspace=found.workspace, project=runs[0].project if runs else None)
    told = quoted(found, graph, run_form)
    results = results_of(runs[0]) if runs else {}
    forms = [
        node_form
        if node_form and node_form.node.id == one.id
        else NodeForm(graph=graph, node=one, workspace=found.workspace)
        for one in graph.nodes.values()
    ]
    context = told | {
        "workflow": found,
        "newest": found.newest,
        "is_changed": found.is_changed,
        "drawing": shown(graph, results, told["plan"]),
        "rows": [(form, told["plan"].steps.get(form.node.id), results.get(form.node.id)) for form in forms],
        "add_form": add_form or AddForm(),
        "connect_form": connect_form or ConnectForm(graph=graph),
        "run_form": run_form,
        "runs": runs,
        "chosen": chosen,
        "faults": [*faults] or told["plan"].faults,
    }
    return render(
        request, "projects/workflow.html#editor" if request.htmx else "projects/workflow.html", context, status=status
    )


def quoted(found, graph, form):
    """The plan of a run as its form stands, and how far the credits reach."""
    overrides = {}
    if form.is_bound and form.is_valid():
        overrides = form.overrides
    plan = Plan(graph, workspace=found.workspace, workflow=found, project=form.film, overrides=overrides)
    credits = 0 if form.in_slow_lane else plan.credits
    available = Wallet.objects.of(found.workspace).available
    return {
        "plan": plan,
        "credits": credits,
        "available": available,
        "affordable": credits <= available,
        "slow": form.in_slow_lane,
    }


def run_context(found):
    graph, results = found.version.read, results_of(found)
    return {
        "run": found,
        "workflow": found.version.workflow,
        "project": found.project,
        "drawing": shown(graph, results),
        "results": [results[node.id] for node in graph.outputs if node.id in results],
        # Until nothing is made any more and every clip has its poster.
        "goes_on": not found.is_over or any(one.asset and not one.asset.is_prepared for one in results.values()),
        "failed": [one for one in results.values() if one.run.failure],
        "steps": [results[node.id] for node in graph.in_order() if node.id in results],
    }


def shown(graph, results, plan=None):
    """The drawing of a graph with what its nodes made: (placed, result, step) each."""
    drawing = draw(graph, {id for id, one in results.items() if one.poster_url})
    steps = plan.steps if plan else {}
    nodes = [(one, results.get(one.node.id), steps.get(one.node.id)) for one in drawing.placed]
    return {"nodes": nodes, "lines": drawing.lines, "width": drawing.width, "height": drawing.height}


def node_of(graph, id):
    if id not in graph.nodes:
        raise Http404
    return graph.nodes[id]


def _just_deleted(user, id):
    try:
        deleted = uuid.UUID(id or "")
    except ValueError:
        return None
    return Workflow.objects.owned_by(user, Right.MAKE).exclude(deleted_at=None).filter(pk=deleted).first()

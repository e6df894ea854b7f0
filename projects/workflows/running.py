"""A run of a workflow: begun once, and going on whenever something of it ended, until all of it has.

The rows say what is still to be done, so it is safe to go on at any time, twice at once, and after a crash.
"""

import logging

from django.db import transaction
from django.utils import translation

from generation.engine.catalogue import ModelNotFound
from generation.engine.request import InvalidRequest
from generation.models import Generation
from projects import news
from projects.inputs import told
from projects.models import Invocation, NodeRun
from projects.models.invocation import Status
from projects.workflows.graph import BadGraph
from projects.workflows.orders import Ordering, Unfit
from projects.workflows.plan import Plan, given_to, input_value, kept_result, key_of
from projects.workflows.values import checked, of_asset
from runwayweb.assets.footage import BadFootage
from runwayweb.assets.pictures import UnreadableVideo
from runwayweb.assets.upload import BadPicture
from runwayweb.subscriptions.refused import Refused

logger = logging.getLogger(__name__)

BAD_INPUT = (Unfit, InvalidRequest, BadFootage, BadPicture, UnreadableVideo, ModelNotFound)


@transaction.atomic
def begin(version, *, project, by, overrides=None, slow_lane=False):
    """The Invocation of a version in a film; its first nodes are asked for right after the commit.

    `overrides`: what is given for this run, see `projects.workflows.values`. Raises BadOverride, BadGraph for what it
    lacks, and Refused where it may not be or the credits do not reach for all of it.
    """
    graph = version.read
    overrides = checked(graph, overrides or {})
    plan = Plan(graph, workspace=project.workspace, workflow=version.workflow, project=project, overrides=overrides)
    if plan.faults:
        raise BadGraph(plan.faults)
    plan.check(slow_lane=slow_lane)
    invocation = Invocation.objects.create(
        version=version,
        project=project,
        requested_by=by,
        overrides=overrides,
        slow_lane=slow_lane,
        quoted=0 if slow_lane else plan.credits,
    )
    with translation.override("en"):
        NodeRun.objects.bulk_create(
            NodeRun(invocation=invocation, node=node.id, kind=node.kind.id, name=node.name[:60])
            for node in graph.nodes.values()
        )
    transaction.on_commit(lambda: news.go_on_later(invocation.pk), robust=True)
    return invocation


def go_on(invocation):
    """Take in what ended, and ask for what can be made now; the end, once all of it is there.

    What rows keep is said in English, as it is everywhere: pages say it in the language of whoever reads.
    """
    with translation.override("en"):
        Going(invocation).go_on()


class Going:
    """One look at a run."""

    def __init__(self, invocation):
        self.invocation, self.project = invocation, invocation.project
        self.workspace, self.workflow = self.project.workspace, invocation.version.workflow
        self.graph = invocation.version.read

    def go_on(self):
        self.invocation.begin()
        self._take_in()
        while self._one_more():
            pass
        self._end_if_over()

    def _runs(self):
        return {run.node: run for run in self.invocation.nodes.select_related("generation__asset")}

    def _take_in(self):
        """What the generations of its nodes came to. Also of a run that is over: what was made can be used again."""
        for run in self._runs().values():
            if run.status != Status.RUNNING:
                continue
            made = run.generation
            if made is None or made.status == Generation.Status.CANCELLED:
                run.move(Status.RUNNING, to=Status.CANCELLED)
                self.invocation.cancel()
            elif made.status == Generation.Status.FAILED:
                run.move(Status.RUNNING, to=Status.FAILED, failure=made.failure, failure_code=made.failure_code)
                self.invocation.fail_by(run)
            elif made.status == Generation.Status.SUCCEEDED:
                run.move(Status.RUNNING, to=Status.SUCCEEDED, output=of_asset(made.asset, made))

    def _one_more(self):
        """Do the next thing that can be done; False where there is none."""
        self.invocation.refresh_from_db(fields=["status"])
        if self.invocation.status != Status.RUNNING:
            return False
        runs = self._runs()
        outputs = {id: run.output for id, run in runs.items() if run.status == Status.SUCCEEDED}
        for node in self.graph.in_order():
            run = runs[node.id]
            given = given_to(node, self.graph, outputs, self.invocation.overrides)
            if run.status == Status.PENDING and None not in given.values():
                self._do(node, run, given)
                return True
        return False

    def _do(self, node, run, given):
        try:
            self._give(node, run, given)
        except Refused as refused:
            self._fail(run, str(refused), "REFUSED")
        except BAD_INPUT as error:
            self._fail(run, told(error) if isinstance(error, InvalidRequest) else str(error), "ASSET.INVALID")
        except (OSError, ValueError):
            logger.exception("The node %s of %s cannot be made", node.id, self.invocation.pk)
            self._fail(
                run, translation.gettext("A file that goes into it cannot be read. Choose another."), "ASSET.INVALID"
            )

    def _give(self, node, run, given):
        own = self.invocation.overrides.get(node.id, {}).get(node.kind.output)
        if own:
            run.move(Status.PENDING, to=Status.SUCCEEDED, output=own)
        elif node.kind.is_input:
            output, why = input_value(node, self.workspace)
            if output is None:
                raise Unfit(why)
            run.move(Status.PENDING, to=Status.SUCCEEDED, output=output)
        elif node.kind.id == "output":
            run.move(Status.PENDING, to=Status.SUCCEEDED, output=next(iter(given.values())))
        else:
            self._make(node, run, given)

    def _make(self, node, run, given):
        card = node.kind.card(node.value("model")) if node.kind.is_task else None
        key = key_of(node, given, card=card, project=self.project, workflow=self.workflow)
        if kept := kept_result(key, self.workspace):
            reused = {"output": kept.output, "generation": kept.generation, "reused": True}
            run.move(Status.PENDING, to=Status.SUCCEEDED, key=key, **reused)
            return
        ordering = Ordering(node, given, project=self.project)
        if not node.kind.is_task:
            run.move(Status.PENDING, to=Status.SUCCEEDED, key=key, output=of_asset(ordering.frame()))
            return
        order = ordering.order()
        with transaction.atomic():
            # Whoever cancels it waits, or was first: nothing is asked for after that.
            live = Invocation.objects.select_for_update().filter(pk=self.invocation.pk, status=Status.RUNNING).exists()
            if live and run.move(Status.PENDING, to=Status.RUNNING, key=key):
                made = order.request(
                    project=self.project, by=self.invocation.requested_by, slow_lane=self.invocation.slow_lane
                )
                run.move(Status.RUNNING, to=Status.RUNNING, generation=made)

    def _fail(self, run, failure, code):
        run.refresh_from_db()
        if run.move(Status.PENDING, to=Status.FAILED, failure=failure, failure_code=code):
            self.invocation.fail_by(run)

    def _end_if_over(self):
        if not self.invocation.nodes.exclude(status=Status.SUCCEEDED).exists():
            self.invocation.end(Status.SUCCEEDED)

"""A run of a workflow, with a row for each of its nodes. What makes it go on is in `projects.workflows.running`."""

import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models.status import IN_PROGRESS
from runwayweb.accounts.models import Belonging


class Status(models.TextChoices):
    PENDING = "pending", gettext_lazy("Waiting")
    RUNNING = "running", gettext_lazy("Running")
    SUCCEEDED = "succeeded", gettext_lazy("Ready")
    FAILED = "failed", gettext_lazy("Failed")
    CANCELLED = "cancelled", gettext_lazy("Stopped")


LIVE = (Status.PENDING, Status.RUNNING)


class InvocationQuerySet(Belonging, models.QuerySet):
    to_workspace = "project__workspace"

    def in_sight(self):
        return self.filter(project__deleted_at=None)

    def live(self):
        return self.filter(status__in=LIVE)

    def to_go_on(self):
        """Those with something to do: a node whose generation ended, or nothing that they wait for. Reads what runs,
        and none of those that were ever over."""
        nodes = NodeRun.objects.filter(status=Status.RUNNING).order_by()
        ended = nodes.filter(Q(generation=None) | ~Q(generation__status__in=IN_PROGRESS))
        idle = Invocation.objects.live().exclude(Exists(nodes.filter(invocation=OuterRef("pk")))).order_by()
        return self.filter(pk__in=ended.values("invocation").union(idle.values("pk")))

    def end_work_of(self, workspace, user):
        """Stop those that somebody began who may not make films there any more; None: whoever began them."""
        began = {"requested_by": user} if user else {}
        for invocation in self.live().filter(project__workspace=workspace, **began):
            invocation.cancel()


class Invocation(models.Model):
    """`overrides`: what was given for it, {node: {place or output: value}}, values as in `projects.workflows.values`.

    `quoted`: what it costs at most, in credits. `failure`: why it failed, a sentence.
    """

    Status = Status

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey("projects.WorkflowVersion", on_delete=models.PROTECT, related_name="invocations")
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="invocations")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    overrides = models.JSONField(default=dict)
    slow_lane = models.BooleanField(default=False)
    quoted = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    failure = models.TextField(blank=True)
    failure_code = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = InvocationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["project", "-created_at"]), models.Index(fields=["status"])]

    def __str__(self):
        return f"{self.version}: {self.status}"

    # Questions

    @property
    def in_progress(self):
        return self.status in LIVE

    @cached_property
    def nodes_by_id(self):
        """{node: its row}, with what they made; two queries."""
        return {run.node: run for run in self.nodes.select_related("generation__asset")}

    @property
    def progress(self):
        """From 0 to 1, each node that makes something counting the same."""
        made = [run for run in self.nodes_by_id.values() if run.makes_something]
        return sum(run.progress for run in made) / len(made) if made else float(not self.in_progress)

    @property
    def percent(self):
        return round(100 * self.progress)

    @property
    def is_over(self):
        """Whether nothing of it is being made any more."""
        return not self.in_progress and not any(run.status == Status.RUNNING for run in self.nodes_by_id.values())

    @property
    def charged(self):
        """The credits that were spent for it so far; nothing for what was made before."""
        own = self.nodes.filter(reused=False)
        return own.aggregate(sum=Sum("generation__charged"))["sum"] or 0

    # Verbs

    def cancel(self):
        """Stop it, and what is being made for it; True if this call did it. What is made already stays."""
        with transaction.atomic():
            stopped = self.end(Status.CANCELLED)
        if stopped:
            for run in self.nodes.filter(status=Status.RUNNING).select_related("generation"):
                if run.generation and run.generation.cancel():
                    run.move(Status.RUNNING, to=Status.CANCELLED)
        return stopped

    def begin(self):
        """It is looked at for the first time; True if this call did it."""
        return self._move(Status.PENDING, to=Status.RUNNING)

    @transaction.atomic
    def end(self, status, failure="", code=""):
        """The end, with a sentence where it failed; nodes that nobody came to are done with. True if this call did."""
        ended = self._move(*LIVE, to=status, failure=failure, failure_code=code, finished_at=timezone.now())
        if ended:
            self.nodes.filter(status=Status.PENDING).update(status=Status.CANCELLED)
        return ended

    def fail_by(self, run):
        """It ends with what is wrong with one of its nodes."""
        return self.end(
            Status.FAILED, _("“%(node)s”: %(why)s") % {"node": run.name, "why": run.failure}, run.failure_code
        )

    def _move(self, *origins, to, **values):
        moved = Invocation.objects.filter(pk=self.pk, status__in=origins).update(status=to, **values)
        if moved:
            self.refresh_from_db()
        return bool(moved)


class NodeRun(models.Model):
    """A node of a run. `key`: a hash of all that decides what it makes, so that it need not be made again.

    `output`: what it gives, a value as in `projects.workflows.values`; None until then. `reused`: it was made earlier.
    """

    Status = Status

    invocation = models.ForeignKey(Invocation, on_delete=models.CASCADE, related_name="nodes")
    node = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=60)
    key = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    generation = models.ForeignKey(
        "generation.Generation", on_delete=models.SET_NULL, null=True, related_name="node_runs"
    )
    reused = models.BooleanField(default=False)
    output = models.JSONField(null=True)
    failure = models.TextField(blank=True)
    failure_code = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["key"]),
            models.Index(fields=["status", "invocation"], condition=Q(status="running"), name="nodes_running"),
        ]
        constraints = [models.UniqueConstraint(fields=["invocation", "node"], name="node_once_in_a_run")]

    def __str__(self):
        return f"{self.name}: {self.status}"

    @property
    def makes_something(self):
        return self.kind not in ("text", "image", "video", "audio", "number", "choice", "output")

    @property
    def progress(self):
        """From 0 to 1."""
        if self.status == Status.SUCCEEDED:
            return 1.0
        run = self.generation
        return min(1.0, run.step / run.steps) if run and run.steps and self.status == Status.RUNNING else 0.0

    def move(self, *origins, to, **values):
        """Move the row to `to` if it still is in one of `origins`; True if this call did it."""
        moved = NodeRun.objects.filter(pk=self.pk, status__in=origins).update(status=to, **values)
        if moved:
            self.refresh_from_db()
        return bool(moved)

"""What a program asked for, under the id it was told."""

import uuid

from django.db import models, transaction
from django.utils import timezone

from generation.models import Generation
from generation.models.status import IN_PROGRESS, Status
from runwayweb.accounts.models import Belonging
from runwayweb.api.steps import Chained

from .use import Begun

# Statuses as the wire has them.
WIRE = {
    Status.QUEUED: "PENDING",
    Status.THROTTLED: "THROTTLED",
    Status.RUNNING: "RUNNING",
    Status.SUCCEEDED: "SUCCEEDED",
    Status.FAILED: "FAILED",
    Status.CANCELLED: "CANCELLED",
}


# The columns that an answer about a task needs, of more than a hundred and fifty.
TOLD = (
    "workspace_id", "created_at",
    *(f"{work}__{column}" for work in ("generation", "chain") for column in ("status", "cost", "charged", "failure",
      "failure_code", "asset__media_type", "asset__master", "asset__master_sound")),
    "generation__step", "generation__steps",
)  # fmt: skip


class TaskQuerySet(Belonging, models.QuerySet):
    def in_sight(self):
        """Without those that were deleted, by a program or in the studio."""
        return self.filter(
            deleted_at=None,
            generation__deleted_at=None,
            generation__project__deleted_at=None,
            chain__project__deleted_at=None,
        )

    def with_work(self):
        """All that the answer about one needs, in one query."""
        return self.select_related("generation__asset", "chain__asset")

    def to_tell(self):
        """The same, and nothing of the row beyond: for those who only tell of it."""
        return self.with_work().only(*TOLD)

    def start(self, planned, caller):
        """Ask for what was planned and keep it under an id of its own. In the caller's transaction. Raises Refused, and
        what `keep` does."""
        if isinstance(planned, Chained):
            task = self.keep(None, caller, kind=planned.kind, model=planned.model)
            planned.begin(task, caller)
            # Places, then money, then what is counted, in one order: whoever locks otherwise is waited for in turn.
            Begun.objects.count([step.card.id for step in planned.steps if step.card], caller)
            caller.key.take_from_budget(planned.credits)
            return task
        generation = Generation.request_run(
            planned.asked,
            card=planned.card,
            project=planned.project or caller.project(),
            by=caller.user,
            task=planned.task,
            inputs=planned.inputs,
            blocking_of=planned.blocking_of,
            joins=planned.joins,
            delivery=planned.delivery,
            plan=caller.plan,
        )
        return self.keep(generation, caller, kind=planned.kind, model=planned.model)

    def keep(self, generation, caller, *, kind, model):
        """Put what a caller asked for under an id of its own, in the transaction that asked. Raises KeyBudgetReached,
        and ApiError 429 where the plan allows no more of the model today. No generation where steps are to follow."""
        if generation:
            Begun.objects.count([generation.model], caller)
            caller.key.take_from_budget(generation.cost)
        return self.create(workspace=caller.workspace, key=caller.key, kind=kind, model=model, generation=generation)


class Task(models.Model):
    """One request of a program. What comes of it is its generation's to tell, or its chain's where it takes several."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="tasks")
    key = models.ForeignKey("api.Key", on_delete=models.SET_NULL, null=True, related_name="tasks")
    kind = models.CharField(max_length=40)  # the endpoint: text_to_video
    model = models.CharField(max_length=100)  # as it was asked for
    generation = models.OneToOneField(
        "generation.Generation", on_delete=models.CASCADE, null=True, related_name="api_task"
    )
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="task_newest_first")]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def work(self):
        """What tells of it: a Generation, or a Chain."""
        return self.generation or self.chain

    @property
    def event_id(self):
        """The id by which events tell of it."""
        return self.generation_id or self.pk

    @property
    def status(self):
        """As the wire has it."""
        return WIRE[Status(self.generation.status if self.generation else self.chain.status_now)]

    @property
    def in_progress(self):
        return self.work.status in IN_PROGRESS

    @property
    def progress(self):
        """From 0 to 1."""
        if self.generation is None:
            return self.chain.progress
        return self.generation.step / self.generation.steps if self.generation.steps else 0.0

    @property
    def estimate(self):
        """The most credits that it may cost."""
        return self.work.cost

    @property
    def charged(self):
        return self.work.charged

    @property
    def assets(self):
        """What came of it."""
        return [self.work.asset] if self.work.asset_id else []

    @transaction.atomic
    def delete_softly(self):
        """Cancel it where it is not ended, and take what it made out of sight; True if this call did it."""
        deleted = Task.objects.filter(pk=self.pk, deleted_at=None).update(deleted_at=timezone.now())
        if deleted:
            self.work.delete_softly()
        return bool(deleted)

"""A task that takes several runs: one after the other, side by side, a film exported at the end."""

import logging

from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.db.models import Q
from django.db.models.functions import Now

from generation import hooks
from generation.engine.catalogue import ModelNotFound
from generation.engine.request import InvalidRequest
from generation.models import Event, Generation, Turn
from generation.models.status import IN_PROGRESS, Status
from projects.models import Export
from projects.news import export_later
from runwayweb.assets.storage import StorageAway
from runwayweb.subscriptions.models import Wallet
from runwayweb.subscriptions.refused import Refused

from ..steps import MAKERS, StepFailed
from .key import Key

logger = logging.getLogger(__name__)

LOST = "A step of this task could not begin. Ask for it again."


class ChainQuerySet(models.QuerySet):
    def in_progress(self):
        """By what an index of them goes by: SQLite takes none for the values of a list."""
        return self.filter(finished_at=None)


class Chain(models.Model):
    """Its columns are called as those of a Generation, so that a Task asks both alike.

    Everything that it may cost is held from the beginning: for steps that have begun by their runs, for the others
    under their own name. Where a step fails, the others are stopped, and only what was made is charged.
    """

    task = models.OneToOneField("api.Task", on_delete=models.CASCADE, primary_key=True, related_name="chain")
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    cost = models.PositiveIntegerField()  # the most that it may cost
    charged = models.PositiveIntegerField(default=0)
    asset = models.ForeignKey("assets.Asset", on_delete=models.SET_NULL, null=True, related_name="+")
    failure_code = models.CharField(max_length=64, blank=True)
    failure = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    objects = ChainQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["finished_at"], condition=Q(finished_at=None), name="chains_open")]

    def __str__(self):
        return f"{self.task_id}: {self.status}"

    # Questions

    @property
    def workspace_id(self):
        return self.task.workspace_id

    @property
    def request_id(self):
        """Of the HTTP request for it, as its first run keeps it. One query."""
        return self.steps.exclude(generation=None).values_list("generation__request_id", flat=True).first() or ""

    @property
    def in_progress(self):
        return self.status in IN_PROGRESS

    @property
    def progress(self):
        """From 0 to 1. One query."""
        done = [step.done for step in self.steps.select_related("generation", "export")]
        return sum(done) / len(done) if done else 0.0

    @property
    def status_now(self):
        """`status`, or what its first runs came to since somebody looked. One query until one of them ended."""
        if self.status != Status.QUEUED:
            return self.status
        begun = set(self.steps.exclude(generation=None).values_list("generation__status", flat=True))
        if begun <= {Status.THROTTLED}:
            return Status.THROTTLED
        return Status.QUEUED if begun <= {Status.QUEUED, Status.THROTTLED} else Status.RUNNING

    # Verbs

    @transaction.atomic
    def begin(self, planned):
        """Keep the steps, hold what they may cost, begin the first. Raises Refused, InvalidRequest: then nothing is
        kept, for it is called in the transaction that makes the task."""
        steps = [
            self.steps.create(
                stage=one.stage, maker=one.maker, told=one.told, reserved=one.credits, optional=one.optional
            )
            for one in planned
        ]
        first = min(step.stage for step in steps)
        self.lock_as_runs_do()
        wallet = Wallet.objects.of(self.task.workspace)
        for step in steps:
            if step.stage > first and step.reserved:
                wallet.hold(step.reserved, reference=step.reference)
        for step in steps:
            if step.stage == first:
                step.begin(held=False)
        Event.objects.record(f"task.{self.status}", self)

    @transaction.atomic
    def go_on(self):
        """Look at what the steps came to: begin the next ones, or end. True if this call changed anything. Raises
        DatabaseError, StorageAway: then nothing changed, and the next look goes on."""
        chain = Chain.objects.in_progress().select_for_update().filter(pk=self.pk).first()
        return bool(chain) and chain._go_on()

    def _go_on(self):
        steps = list(self.steps.select_related("generation__asset", "export__asset"))
        begun = [step for step in steps if step.work]
        for step in begun:
            if step.work.status == Status.FAILED and not step.optional:
                code = getattr(step.work, "failure_code", "") or "INTERNAL.EXPORT"
                return self._end(Status.FAILED, failure=step.work.failure, failure_code=code)
            if step.work.status == Status.CANCELLED or step.is_deleted:
                return self._end(Status.CANCELLED)  # by somebody in the studio
        if any(step.work.in_progress for step in begun):
            return self._is_running(any(step.work.status not in (Status.QUEUED, Status.THROTTLED) for step in begun))
        waiting = [step for step in steps if not step.work]
        if not waiting:
            return self._end(Status.SUCCEEDED, asset=steps[-1].work.asset)
        self._is_running(True)
        stage = min(step.stage for step in waiting)
        try:
            with transaction.atomic():
                begun = [step.begin() for step in waiting if step.stage == stage]
        except StepFailed as failed:
            return self._end(Status.FAILED, failure=str(failed), failure_code=failed.code)
        except (Refused, InvalidRequest, ModelNotFound) as error:
            return self._end(Status.FAILED, failure=str(error) or LOST, failure_code="INPUT.STEP")
        except (DatabaseError, StorageAway):
            raise
        except Exception:  # of a film that is in a way nobody thought of: it would be so on every look
            logger.exception("A step of the task %s cannot begin", self.pk)
            return self._end(Status.FAILED, failure=LOST, failure_code="INTERNAL.STEP")
        return any(begun) or self._go_on()  # at once where the whole stage is left out

    def lock_as_runs_do(self):
        """Places, then the film's budget, then the wallet."""
        Turn.objects.lock(self.workspace_id, False)
        self.project.lock_budget()

    def _is_running(self, some):
        moved = some and Chain.objects.filter(pk=self.pk, status=Status.QUEUED).update(status=Status.RUNNING)
        if moved:
            self.status = Status.RUNNING
            Event.objects.record("task.running", self)
        return bool(moved)

    @transaction.atomic
    def cancel(self):
        """Stop all of it and give back what was not spent; True if this call did it."""
        chain = Chain.objects.in_progress().select_for_update().filter(pk=self.pk).first()
        done = bool(chain) and chain._end(Status.CANCELLED)
        self.refresh_from_db()
        return done

    @transaction.atomic
    def delete_softly(self):
        """Cancel it, and take what it made out of sight; what is a take of a film stays in that."""
        self.cancel()
        for step in self.steps.select_related("generation", "export__asset"):
            if step.generation and not hasattr(step.generation, "take"):
                step.generation.delete_softly()
            elif step.export and step.export.asset and step.export.asset.deleted_at is None:
                type(step.export.asset).objects.filter(pk=step.export.asset_id).update(deleted_at=Now())

    def _end(self, status, **told):
        """Of a locked row: stop what still runs, give back what is held, say so."""
        steps = self.steps.all()
        runs = Generation.objects.in_progress().filter(api_step__chain=self).order_by("pk")
        for run in runs.select_for_update(of=("self",)):  # all rows first, then the wallet: as workers lock
            run.cancel()
        for export in Export.objects.in_progress().filter(api_step__chain=self):
            export.cancel()
        wallet = Wallet.objects.of(self.task.workspace)
        for step in steps:
            if step.is_reserved:
                wallet.release(reference=step.reference)
        charged = Generation.objects.filter(api_step__chain=self).aggregate(sum=models.Sum("charged"))["sum"] or 0
        columns = {"status": status, "charged": charged, **told}
        for name, value in columns.items():
            setattr(self, name, value)
        Chain.objects.filter(pk=self.pk).update(finished_at=Now(), **columns)
        Key.objects.filter(pk=self.task.key_id).give_back(self.cost - charged)
        Event.objects.record(f"task.{status}", self)
        return True


class Step(models.Model):
    """A part of a chain: those of one `stage` run side by side. `maker` of steps.MAKERS begins it with what it is
    `told`; then one run or export stands in it. `reserved`: the credits held for it until then.
    `optional`: where it fails, the others go on."""

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="steps")
    stage = models.PositiveSmallIntegerField()
    maker = models.CharField(max_length=40)
    told = models.JSONField(default=dict)
    reserved = models.PositiveIntegerField(default=0)
    optional = models.BooleanField(default=False)
    generation = models.OneToOneField(
        "generation.Generation", on_delete=models.CASCADE, null=True, related_name="api_step"
    )
    export = models.OneToOneField("projects.Export", on_delete=models.CASCADE, null=True, related_name="api_step")

    class Meta:
        ordering = ["stage", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(generation=None) | Q(export=None), name="step_is_a_run_or_an_export")
        ]

    def __str__(self):
        return f"{self.chain_id}, {self.stage}: {self.maker}"

    @property
    def reference(self):
        """What the ledger calls what is held for it."""
        return f"step:{self.pk}"

    @property
    def work(self):
        """The run or the export, None before it began."""
        return self.generation or self.export

    @property
    def is_reserved(self):
        return self.work is None and self.reserved > 0

    @property
    def is_deleted(self):
        return bool(self.generation and self.generation.deleted_at)

    @property
    def done(self):
        """From 0 to 1."""
        if self.work is None:
            return 0.0
        if not self.work.in_progress:
            return 1.0
        done, of = (self.generation.step, self.generation.steps) if self.generation else (self.export.percent, 100)
        return done / of if of else 0.0

    def before(self):
        """The steps of the stage before this one, with their works."""
        earlier = self.chain.steps.filter(stage__lt=self.stage)
        last = earlier.order_by("-stage").values_list("stage", flat=True).first()
        return list(self.chain.steps.filter(stage=last).select_related("generation__asset", "export__asset"))

    def begin(self, *, held=True):
        """Let its maker ask for its work, of the credits that are held for it; where that is several runs, they are as
        many steps. False where there is nothing to do any more: an optional one is left out. Raises StepFailed,
        Refused, InvalidRequest, ModelNotFound, and whatever its maker does."""
        if held and self.reserved:
            self.chain.lock_as_runs_do()
            Wallet.objects.of(self.chain.task.workspace).release(reference=self.reference)
        works = list(MAKERS[self.maker](self))
        if not works and self.optional:
            self.delete()
            return False
        if not works:
            raise StepFailed(LOST, "INTERNAL.STEP")
        if held and sum(getattr(work, "cost", 0) for work in works) > self.reserved:
            raise StepFailed("More was found to do than was held for it. Try it in parts.", "INPUT.LENGTH")
        for work, step in zip(works, [self, *(self._beside() for _work in works[1:])], strict=False):
            step.hold(work)
        return True

    def hold(self, work):
        """Keep the run or the export that it began."""
        if isinstance(work, Export):
            self.export = work
            transaction.on_commit(lambda: export_later(work.pk))
        else:
            self.generation = work
        self.save()

    def _beside(self):
        return Step(chain=self.chain, stage=self.stage, maker=self.maker, told=self.told, optional=self.optional)


def ended(generation):
    """A run ended: whoever it was a step of goes on."""
    for chain in Chain.objects.in_progress().filter(steps__generation=generation):
        chain.go_on()


def exported(export):
    for chain in Chain.objects.in_progress().filter(steps__export=export):
        chain.go_on()


def look_after():
    """Chains of which no step is in progress: it ended without a word, say with the process that was to tell of it."""
    chains = Chain.objects.in_progress().exclude(steps__generation__status__in=IN_PROGRESS)
    hooks.look_after_each(chains.exclude(steps__export__status__in=IN_PROGRESS), Chain.go_on)


def listen():
    """Hear of what ends."""
    from projects import hooks as films

    hooks.ended.append(ended)
    films.exported.append(exported)
    hooks.looked.append(look_after)

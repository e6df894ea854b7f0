"""One run of the engine. Its row is the truth; the queue only carries wake-ups."""

import uuid
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify

from generation import history, hooks, machines, offered, pricing, queues
from generation.engine import catalogue
from generation.engine.request import VideoRequest
from generation.faults import fault_point, fenced
from generation.pieces import check_length
from runwayweb import trail
from runwayweb.accounts.models import Belonging
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.pictures import still_of_video
from runwayweb.subscriptions import limits, switches
from runwayweb.subscriptions.models import Wallet

from .claiming import Claiming
from .event import Event
from .input import Input
from .requested import Joins, Requested, extent, row_of
from .status import IN_PROGRESS, Status
from .turn import Turn, give_places_later
from .working import Working


class GenerationQuerySet(Claiming, Belonging, models.QuerySet):
    def in_sight(self):
        """Without deleted ones and those of deleted projects."""
        return self.filter(deleted_at=None, project__deleted_at=None)

    def in_progress(self):
        return self.filter(status__in=IN_PROGRESS)

    def in_progress_of(self, workspace):
        """Those of a workspace (its id). Both lanes are named, since the index of the line begins with state and lane;
        the workspace's own would lead through all that it ever made."""
        return self.in_progress().filter(slow_lane__in=(False, True), workspace=workspace)

    def finished_well(self):
        return self.filter(status=Status.SUCCEEDED, deleted_at=None)

    def with_what_cards_show(self):
        """Their clips, their pictures and the shots whose blocking they keep, in two queries more."""
        return self.select_related("asset", "blocking_of__asset").prefetch_related("inputs__asset")

    def settle_assets(self):
        """Clips follow these rows: in sight while any generation that shows them is or a cut has them, else out of
        sight after the last."""
        assets = Asset.objects.filter(pk__in=self.exclude(asset=None).values("asset"), purged_at=None)
        in_sight = Generation.objects.filter(asset=OuterRef("pk"), deleted_at=None, project__deleted_at=None)
        assets.filter(Exists(in_sight)).update(deleted_at=None)
        going = assets.filter(~Exists(in_sight), deleted_at=None)
        for workspace in set(going.values_list("workspace", flat=True)):
            shown = {id for ids_of in hooks.shown for id in ids_of(workspace)}
            ids = going.filter(workspace=workspace).values_list("pk", flat=True)
            Asset.objects.filter(pk__in=[id for id in ids if str(id) not in shown]).update(deleted_at=Now())

    def running_in(self, host, pid):
        """What the process with this number on that machine works on, or did when it ended."""
        return self.filter(status=Status.RUNNING, worker__host=host, worker__pid=pid)

    def expired(self):
        """Running rows whose worker stopped renewing its lease, by the database's clock."""
        return self.filter(status=Status.RUNNING, lease_until__lt=Now())


class Generation(Requested, Working, models.Model):
    """A request on its way to a clip. States change by conditional UPDATEs; a worker's writes carry its attempt."""

    Status = Status

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.PROTECT, related_name="generations")
    # By name, since projects stand above this room: the row says which film it was made for, and counts for its budget.
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="generations")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="generations"
    )
    model = models.CharField(max_length=100)
    task = models.CharField(max_length=32, blank=True, default="")  # of `tasks.SOUNDS`; empty: something to see
    request = models.JSONField()
    delivery = models.JSONField(default=dict, blank=True)  # a Delivery; empty: as it is drawn, an MP4 or a PNG
    cost = models.PositiveIntegerField()  # as quoted and held
    charged = models.PositiveIntegerField(default=0)  # of it, once it ended
    cleared = models.BooleanField(default=False)  # an operator looked at it: no check is asked again
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    slow_lane = models.BooleanField(default=False)  # without credits, behind all work that is paid for
    attempt = models.PositiveSmallIntegerField(default=0)
    smaller_plans = models.PositiveSmallIntegerField(default=0)  # memory plans below the usual one, after running out
    handed_back = models.PositiveSmallIntegerField(default=0)  # attempts a stopping worker returned: not counted
    worker = models.ForeignKey(  # found by the index that tells its newest, too
        "generation.Worker", on_delete=models.SET_NULL, null=True, related_name="generations", db_index=False
    )
    lease_until = models.DateTimeField(null=True)
    loading_at = models.DateTimeField(null=True)  # since when its worker loads the model; empty while it does not
    load_seconds = models.FloatField(null=True)  # that this took, where the model was not loaded before
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    blocking_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="other_worlds")
    joins = models.CharField(max_length=8, choices=Joins, blank=True)
    asset = models.ForeignKey("assets.Asset", on_delete=models.PROTECT, null=True, related_name="generations")
    understood = models.JSONField(default=dict)
    recipe = models.JSONField(default=dict)
    failure_code = models.CharField(max_length=64, blank=True)
    failure = models.TextField(blank=True)
    copied_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="copies")
    request_id = models.CharField(max_length=32, blank=True, default="", db_default="")  # of the HTTP request for it
    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)  # its place among those of its workspace
    # Since when a worker may take it: set with every move into the line, empty while its plan holds it back. Rows that
    # the version before wrote have none: theirs is queued_at.
    in_line_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["status", "slow_lane", "workspace", "queued_at"]),
            models.Index(fields=["workspace", "-started_at"]),
            models.Index(fields=["worker", "-started_at"], name="runs_of_a_worker"),
            models.Index(fields=["project", "-created_at"]),
            models.Index(fields=["model", "status", "-finished_at"]),
            models.Index(
                fields=["model", "-started_at"], condition=Q(load_seconds__isnull=False), name="runs_that_loaded"
            ),
            models.Index(fields=["status", "-finished_at"], condition=Q(finished_at__isnull=False), name="runs_ended"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=Status.SUCCEEDED) | Q(asset__isnull=False), name="succeeded_has_its_clip"
            ),
            models.CheckConstraint(condition=Q(joins="") | Q(blocking_of__isnull=False), name="joins_some_shot"),
        ]

    def __str__(self):
        return f"{self.model}: {self.words[:60]}"

    # Questions

    @property
    def is_to_be_seen(self):
        """Whether a clip or a still comes of it, and not a sound or captions alone."""
        return "num_frames" in self.request

    @property
    def words(self):
        """What it was asked for in words; empty where a sound is worked on as it is."""
        return self.request.get("prompt") or self.request.get("text") or ""

    @property
    def told(self):
        """All that is said of what it made, for a search: prompt, lyrics, what was heard in a sound."""
        return " ".join(filter(None, [self.words, self.request.get("lyrics"), self.understood.get("said")]))

    @property
    def in_progress(self):
        return self.status in IN_PROGRESS

    @property
    def reference(self):
        """What the ledger calls this run."""
        return f"generation:{self.pk}"

    @property
    def attempts_spent(self):
        return self.attempt - self.handed_back

    @property
    def tells_its_shot(self):
        """Whether it says who stands where and how they and the camera move, so that others can keep to it."""
        return "scene" in self.recipe

    @property
    def waits_since(self):
        """Since when a worker may take it, or might the last time before one did."""
        return self.in_line_at or self.queued_at

    def usual_load_seconds(self):
        """How long the model takes to load, or None where it never was. One query."""
        return history.load_seconds(self.model)

    # Verbs of the creator

    @classmethod
    def request_run(
        cls,
        asked,
        *,
        card,
        project,
        by,
        task="",
        inputs=(),
        blocking_of=None,
        joins="",
        slow_lane=False,
        delivery=None,
        plan=None,
        cleared=False,
        paid_for=False,
    ):
        """Hold the credits, keep the request, queue the work: one transaction. Raises Refused: LimitReached of the
        plan, BudgetReached of the film, InsufficientCredits, pieces.TooLong for more than the model draws,
        machines.TooSmall where no worker is large enough, or SwitchedOff.

        `asked`: a VideoRequest, or for a `task` of sounds what ASKED has for it. Pictures and sounds come as `inputs`
        (of any run, or not saved yet), with their names, and not in it; `blocking_of` is the generation whose blocking
        is kept, `joins` one of `Joins` where this one comes before or after its clip. In the `slow_lane`, which not
        every plan has, it costs nothing and runs when nobody waits who pays. `delivery`: a Delivery, of what is seen.
        `plan`: the one in force, where that was just looked up.
        `cleared`: an operator let it pass; `paid_for`: it was charged already, and costs nothing more.
        """
        switches.check("new-work", project.workspace_id)
        offered.check(card)
        limits.check_open(project.workspace, by)
        machines.check(card)
        inputs = list(inputs)
        if isinstance(asked, VideoRequest) and not task:
            check_length(card, asked, {given.role for given in inputs})
        with transaction.atomic():
            turn = Turn.objects.lock(project.workspace_id, slow_lane, plan)
            limits.check_run(turn.plan, model=card.id, **extent(task, asked, delivery))
            Upload.objects.check_room(project.workspace, turn.plan)
            if slow_lane:
                limits.check_slow_lane(turn.plan)
                Wallet.objects.of(project.workspace).check_debt()
            status = turn.take_place()
            generation = cls.objects.create(
                workspace=project.workspace,
                project=project,
                requested_by=by,
                model=card.id,
                task=task,
                request=row_of(asked),
                delivery=delivery.as_json() if delivery else {},
                cleared=cleared,
                cost=0 if slow_lane or paid_for else pricing.credits_for(card, asked),
                status=status,
                in_line_at=timezone.now() if status == Status.QUEUED else None,
                slow_lane=slow_lane,
                blocking_of=blocking_of,
                joins=joins,
                request_id=trail.request_id.get(),
            )
            generation._take(inputs)
            if generation.cost:
                project.take_from_budget(generation.cost)
                Wallet.objects.of(project.workspace).hold(generation.cost, reference=generation.reference)
            fault_point("after_hold")
            Event.objects.record(f"generation.{generation.status}", generation)
            if generation.status == Status.QUEUED:
                transaction.on_commit(generation.wake_a_worker)
        return generation

    def wake_a_worker(self):
        """Leave a wake-up in the queue. When Valkey is away the dispatcher does it later."""
        fault_point("after_commit")
        queues.wake_gpu_worker(self.pk)
        fault_point("after_dispatch")

    def retry(self, *, by, project=None, seed=None):
        """Queue the same request again with the same inputs, as a new generation, in its project or another.

        `seed`: another one where it has one; None keeps its own. Raises Refused, InvalidRequest, ModelNotFound.
        """
        more = {"seed": seed} if seed is not None and "seed" in self.request else {}
        return self._ask_again(self.asked(**more), project=project or self.project, by=by)

    def make_after_all(self):
        """The same once more, of a run that was blocked and that an operator lets pass, in the name of whoever asked
        for it. Raises Refused, InvalidRequest, ModelNotFound."""
        by, paid_for = self.requested_by, self.charged > 0
        return self._ask_again(self.asked(), project=self.project, by=by, cleared=True, paid_for=paid_for)

    def _ask_again(self, asked, *, project, by, **more):
        return Generation.request_run(
            asked,
            card=catalogue.card(self.model),
            project=project,
            by=by,
            task=self.task,
            inputs=self.given,
            blocking_of=self.blocking_of,
            joins=self.joins,
            slow_lane=self.slow_lane,
            delivery=self.handed_over,
            **more,
        )

    def still(self, at):
        """The "first", "middle" or "last" frame of its clip, or its still, as a picture of the workspace.

        Decodes the file. Raises UnreadableVideo or OSError for a file that cannot be read, BadPicture when too many
        came in a day.
        """
        if self.asset.is_still:
            frame = self.asset.open_picture()
        else:
            with default_storage.open(self.asset.file.name) as clip:
                frame = still_of_video(clip, at)
        name = f"{Path(self.asset.name).stem}-{at}.webp"
        return Asset.objects.keep_picture(frame, workspace=self.workspace, name=name, made_of=self.asset)

    def cast_picture(self, number):
        """Whoever is `number` in its clip's cast, counted from 1, as a picture of the workspace.

        Raises OSError or BadPicture for a file that cannot be read, BadPicture when too many came in a day.
        """
        name = f"{slugify(self.asset.cast[number - 1]['name'])}.webp"
        picture = self.asset.open_cast_picture(number)
        return Asset.objects.keep_picture(picture, workspace=self.workspace, name=name, made_of=self.asset)

    @transaction.atomic
    def cancel(self):
        """Stop a queued or running generation and give its credits back; True if this call did it."""
        cancelled = self._move(*IN_PROGRESS, to=Status.CANCELLED, finished_at=Now(), lease_until=None)
        if cancelled:
            self._settle()
            Event.objects.record("generation.cancelled", self)
            self._tell_ended()
        return cancelled

    @transaction.atomic
    def delete_softly(self):
        """Hide it, cancelling it first when it still runs; True if this call did it."""
        self.cancel()
        deleted = self._stamp(Q(deleted_at=None), deleted_at=Now())
        if deleted:
            Generation.objects.filter(pk=self.pk).settle_assets()
            Event.objects.record("generation.deleted", self)
        return deleted

    @transaction.atomic
    def restore(self):
        """Bring a deleted one back; True if this call did it. One whose clip is deleted for good stays away."""
        restored = self._stamp(Q(deleted_at__isnull=False, asset__purged_at=None), deleted_at=None)
        if restored:
            Generation.objects.filter(pk=self.pk).settle_assets()
            Event.objects.record("generation.restored", self)
        return restored

    def copy_to(self, project):
        """The same finished clip in another project of the workspace. Nothing is charged: nothing is made."""
        kept = {
            column.attname: getattr(self, column.attname)
            for column in self._meta.concrete_fields
            if column.name not in ("id", "project", "copied_from", "worker", "charged")
        }
        copy = Generation.objects.create(**kept, project=project, copied_from=self)
        copy._take(self.given)
        return copy

    # Private

    def _take(self, inputs):
        Input.objects.bulk_create(given.given_to(self) for given in inputs)

    def _settle(self):
        """Spend what is charged of the credits that are held; the film's budget and the wallet get the rest back."""
        self.project.give_back_to_budget(self.cost - self.charged)
        Wallet.objects.of(self.workspace).settle(reference=self.reference, captured=self.charged)
        for handler in hooks.settled:
            handler(self, self.charged)

    def _tell_ended(self):
        """Its place is free; the rooms above hear of it."""
        give_places_later(self.workspace_id, self.slow_lane)
        hooks.tell_ended(self)

    def _move(self, *origins, to, attempt_is=None, **values):
        """Move the row to `to` if it still is in one of `origins`. One UPDATE, so two callers cannot both win."""
        still = Q(status__in=origins)
        if attempt_is is not None:
            still = still & Q(attempt=attempt_is) if fenced() else Q()
        return self._stamp(still, status=to, **values)

    def _stamp(self, still, **values):
        moved = Generation.objects.filter(still, pk=self.pk).update(**values)
        if moved:  # whose verbs go on with both
            self.refresh_from_db(from_queryset=Generation.objects.select_related("project", "workspace"))
        return bool(moved)

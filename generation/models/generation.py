"""One run of the engine. Its row is the truth; the queue only carries wake-ups."""

import logging
import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation import history, hooks, machines, offered, pricing, queues
from generation.delivery import Delivery
from generation.engine import catalogue
from generation.engine.clip import Audio
from generation.engine.request import Blocking, Keyframe, VideoRequest
from generation.engine.sound_request import Listening, SoundRequest, SpeechRequest, VideoSoundRequest
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
from .input import Input, LostInput, Role
from .review import Review
from .status import IN_PROGRESS, Status
from .turn import Turn, give_places_later

logger = logging.getLogger(__name__)

ATTEMPTS = 3  # a run that kills its worker this often is given up
OUT_OF_MEMORY = "INTERNAL.OUT_OF_MEMORY"
RETRYABLE = {OUT_OF_MEMORY: 2, "INTERNAL.GPU": 2}  # failure code → attempts before it is final

# What a row keeps of a request: everything but pictures, which are assets of their own (see Input), and blocking, which
# is another row's.
REQUEST_FIELDS = (
    "prompt", "negative_prompt", "width", "height", "num_frames", "fps", "seed", "num_inference_steps",
    "guidance_scale", "camera", "camera_path", "subject", "placed", "mask_at",
)  # fmt: skip


# What is asked for by the task of a row of which nothing will be seen.
ASKED = {
    "text_to_sound": SoundRequest,
    "text_to_music": SoundRequest,
    "text_to_speech": SpeechRequest,
    "voice_isolation": Listening,
    "captions": Listening,
    "translation": Listening,
}
WRITES = ("captions", "translation")
LISTENS = ("voice_isolation", *WRITES)  # works on a sound that it was given
BLOCKED_OUTPUT = "SAFETY.OUTPUT."  # how the codes of what was made and may not be shown begin


class Joins(models.TextChoices):
    """Where a run is joined to the shot whose blocking it keeps; one that is not takes the shot once more."""

    BEFORE = "before", gettext_lazy("Leads up to its first frame")
    AFTER = "after", gettext_lazy("Goes on from its last frame")


class GenerationQuerySet(Claiming, Belonging, models.QuerySet):
    def in_sight(self):
        """Without deleted ones and those of deleted projects."""
        return self.filter(deleted_at=None, project__deleted_at=None)

    def in_progress(self):
        return self.filter(status__in=IN_PROGRESS)

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


class Generation(models.Model):
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
    worker = models.ForeignKey("generation.Worker", on_delete=models.SET_NULL, null=True, related_name="generations")
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
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["status", "slow_lane", "workspace", "queued_at"]),
            models.Index(fields=["workspace", "-started_at"]),
            models.Index(fields=["project", "-created_at"]),
            models.Index(fields=["model", "status", "-finished_at"]),
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

    def video_request(self):
        """The frozen request an engine takes, with its pictures read from storage.

        Raises InvalidRequest for a row written under other limits, LostInput for what cannot be read any more.
        """
        references = self.given_as(Role.REFERENCE)
        keyframes = self.given_as(Role.KEYFRAME)
        # A sound beside pictures is not looked at: it goes on with what is made.
        alone = [given for given in self.given if given.role not in (Role.REFERENCE, Role.KEYFRAME, Role.SOUND)]
        return VideoRequest(
            **self.request,
            **{given.role: given.pixels() for given in alone},
            keyframes=tuple(Keyframe(given.pixels(), given.position) for given in keyframes),
            references=tuple(given.pixels() for given in references),
            reference_roles=tuple(given.reference_role for given in references),
            reference_tags=tuple(given.tag for given in references),
            reference_words=tuple(given.words for given in references),
            blocking=self._kept_blocking(),
        ).in_words()

    def sound_request(self):
        """What an engine of sounds takes: a frozen request, or the Audio of what it works on.

        Raises InvalidRequest, LostInput as `video_request` does.
        """
        if self.task in LISTENS:
            (given,) = self.given_as(Role.SOUND, Role.VIDEO)
            return Audio(*given.samples())
        if self.task == "video_to_sound":
            told = {name: self.request[name] for name in ("prompt", "num_frames", "fps", "seed", "width", "height")}
            return VideoSoundRequest(blocking=self._heard_blocking(), **told)
        return self.asked()

    def asked(self, **more):
        """What was asked for, without what it was given: of its references only the names, which the prompt may say.

        One query for what is seen. Raises InvalidRequest for a row of other limits.
        """
        if not self.is_to_be_seen:
            return ASKED[self.task](**self.request | more)
        tags = tuple(given.tag for given in self.given_as(Role.REFERENCE))
        return VideoRequest(**self.request | {"reference_tags": tags} | more)

    @cached_property
    def given(self):
        """Its inputs with their assets and what those were made of. Read once: none comes to a run later."""
        return tuple(self.inputs.select_related("asset__made_of"))

    def given_as(self, *roles):
        """Those of its inputs that have one of these roles."""
        return [given for given in self.given if given.role in roles]

    def asset_given_as(self, role):
        """The asset of the first input of this role, or None."""
        return next((given.asset for given in self.given_as(role)), None)

    @property
    def handed_over(self):
        """Its Delivery, or None where it is handed over as it is drawn."""
        return Delivery.from_json(self.delivery)

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
            limits.check_run(turn.plan, model=card.id, **_extent(task, asked, delivery))
            Upload.objects.check_room(project.workspace, turn.plan)
            if slow_lane:
                limits.check_slow_lane(turn.plan)
                Wallet.objects.of(project.workspace).check_debt()
            generation = cls.objects.create(
                workspace=project.workspace,
                project=project,
                requested_by=by,
                model=card.id,
                task=task,
                request=_row_of(asked),
                delivery=delivery.as_json() if delivery else {},
                cleared=cleared,
                cost=0 if slow_lane or paid_for else pricing.credits_for(card, asked),
                status=turn.take_place(),
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

    # Verbs of the worker

    @transaction.atomic
    def _claim(self, worker):
        claimed = self._move(
            Status.QUEUED,
            to=Status.RUNNING,
            attempt=F("attempt") + 1,
            worker=worker,
            lease_until=lease_end(),
            started_at=Now(),
            step=0,
            steps=0,
        )
        if claimed:
            Turn.objects.was_served(self)
            Event.objects.record("generation.running", self)
        return claimed

    def renew_lease(self, attempt, **progress):
        """Keep the row for another lease, with the progress made; False once it is somebody else's or nobody's."""
        rows = Generation.objects.filter(pk=self.pk, status=Status.RUNNING, attempt=attempt)
        if not fenced():
            rows = Generation.objects.filter(pk=self.pk)
        return bool(rows.update(lease_until=lease_end(), **progress))

    @transaction.atomic
    def succeed(self, attempt, *, asset, clip):
        """Lay the clip or the sound in and charge for it; False when the attempt is no longer the row's (nothing is
        changed)."""
        asset.save(force_insert=True)
        finished = self._move(
            Status.RUNNING,
            to=Status.SUCCEEDED,
            attempt_is=attempt,
            asset=asset,
            understood=clip.understood,
            recipe=clip.recipe,
            charged=pricing.credits_for_made(self, clip),
            step=F("steps"),
            finished_at=Now(),
            lease_until=None,
        )
        if not finished:
            transaction.set_rollback(True)
            return False
        asset.tell(self.told)
        self._settle()
        Event.objects.record("generation.succeeded", self)
        self._tell_ended()
        return True

    @transaction.atomic
    def fail(self, attempt, *, code, message):
        """End it with a sentence for the creator and give the credits back; False when the attempt is not the row's.

        Whoever set CHARGE_BLOCKED_OUTPUT keeps those of what was made and may not be shown.
        """
        blocked = settings.CHARGE_BLOCKED_OUTPUT and code.startswith(BLOCKED_OUTPUT)
        failed = self._move(
            Status.RUNNING,
            to=Status.FAILED,
            attempt_is=attempt,
            failure_code=code,
            failure=message,
            charged=self.cost if blocked else 0,
            finished_at=Now(),
            lease_until=None,
        )
        if failed:
            self._settle()
            Review.objects.open_for(self)
            Event.objects.record("generation.failed", self)
            self._tell_ended()
        return failed

    @transaction.atomic
    def requeue(self, attempt, *, counted=True, smaller=False):
        """Put it back in the queue; an attempt that is not `counted` was handed back by a stopping worker.

        `smaller`: it ran out of memory or the GPU failed, so the next one takes a smaller memory plan.
        """
        handed_back = F("handed_back") + (0 if counted else 1)
        requeued = self._move(
            Status.RUNNING,
            to=Status.QUEUED,
            attempt_is=attempt,
            handed_back=handed_back,
            smaller_plans=F("smaller_plans") + (1 if smaller else 0),
            lease_until=None,
            loading_at=None,
            worker=None,
            step=0,
            steps=0,
        )
        if requeued:
            Turn.objects.was_put_back(self)
            Event.objects.record("generation.queued", self)
            transaction.on_commit(self.wake_a_worker)
        return requeued

    @transaction.atomic
    def give_up_attempt(self, attempt):
        """After an attempt that ended without a word: another one, or the end after three. True if this call did it.

        Nothing happens to one that renewed its lease since it was looked at, say after the database was held up.
        """
        if not Generation.objects.expired().select_for_update().filter(pk=self.pk, attempt=attempt).exists():
            return False
        if self.attempts_spent < ATTEMPTS:
            return self.requeue(attempt)
        return self.fail(
            attempt,
            code="INTERNAL.WORKER_LOST",
            message=_("The machine that drew this stopped %(attempts)d times. Try again, or shorter or smaller.")
            % {"attempts": ATTEMPTS},
        )

    @transaction.atomic
    def give_up_for_memory(self, attempt):
        """After an attempt whose process the kernel ended for the memory it took: another one with a smaller plan, or
        the end after two. True if this call did it."""
        if self.attempts_spent < RETRYABLE[OUT_OF_MEMORY]:
            return self.requeue(attempt, smaller=True)
        message = _("The machine ran out of memory. Try shorter or smaller.")
        return self.fail(attempt, code=OUT_OF_MEMORY, message=message)

    # Private

    def _take(self, inputs):
        Input.objects.bulk_create(given.given_to(self) for given in inputs)

    def _kept_blocking(self):
        if self.blocking_of is None:
            return None
        kept = Blocking.of_recipe(
            self.blocking_of.recipe,
            continuing=self.joins == Joins.AFTER,
            leading_up=self.request["num_frames"] if self.joins == Joins.BEFORE else None,
        )
        if kept is None:
            raise LostInput(_("The shot whose blocking was to be kept does not tell it any more. Choose another one."))
        return kept

    def _heard_blocking(self):
        """The shot of the clip that is to be heard; None where only its words say what that is."""
        if not (self.blocking_of and self.blocking_of.tells_its_shot):
            return None
        kept = self._kept_blocking()
        return kept if kept.start >= 0 else None  # before its shot began, nobody's steps are known to the sound stage

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


def _extent(task, asked, delivery):
    """How long and how large what is asked for will be; nothing for work on a sound that is there already."""
    if task in LISTENS:
        return {"seconds": 0}
    sides = {side: getattr(delivery or asked, side, 0) for side in ("width", "height")}
    return {"seconds": asked.duration_seconds} | sides


def _row_of(asked):
    if isinstance(asked, VideoRequest):
        told = asked.as_recipe()
        seldom = {name: told[name] for name in ("names", "exact") if told[name]}
        return {name: told[name] for name in REQUEST_FIELDS} | seldom
    return asked.as_recipe()


def lease_end():
    """When a lease taken now ends, by the database's clock: workers' own clocks may be wrong."""
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)

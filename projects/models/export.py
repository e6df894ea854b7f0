"""A film on its way out: rendered by a media worker, piece by piece, so that a stop costs a few seconds at most; or
packed for other programs."""

import shutil
import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy

from projects.cut import Source, read_cut
from projects.export.formats import FORMATS, HEIGHTS, LEAVES_AS, PACKAGES, RATES
from runwayweb.accounts.models import Belonging
from runwayweb.assets.models import Asset
from runwayweb.subscriptions import limits
from runwayweb.subscriptions.models import Plan

from .timeline import Timeline

LEASE = timedelta(seconds=60)
ATTEMPTS = 3  # of workers that were lost over it


class Status(models.TextChoices):
    QUEUED = "queued", gettext_lazy("Waiting")
    RUNNING = "running", gettext_lazy("Being made")
    SUCCEEDED = "succeeded", gettext_lazy("Ready")
    FAILED = "failed", gettext_lazy("Failed")
    CANCELLED = "cancelled", gettext_lazy("Stopped")


IN_PROGRESS = (Status.QUEUED, Status.RUNNING)


class ExportQuerySet(Belonging, models.QuerySet):
    to_workspace = "project__workspace"

    def in_sight(self):
        return self.filter(project__deleted_at=None)

    def in_progress(self):
        return self.filter(status__in=IN_PROGRESS)

    def waiting(self):
        """Those that a worker may take: queued, or of a worker that was lost."""
        return self.filter(Q(status=Status.QUEUED) | Q(status=Status.RUNNING, lease_until__lt=Now()))


class Export(models.Model):
    """`document` is the cut as it was when the export was asked for, `sources` the assets it showed then, by
    "kind:id". A worker's writes carry its `attempt`; `done` of `frames` are rendered, of a package megabytes packed.
    `left_out`: what the format could not hold, in sentences."""

    Status = Status

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="exports")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    format = models.CharField(max_length=16, choices=[(name, form.label) for name, form in LEAVES_AS.items()])
    height = models.PositiveIntegerField(choices=[(height, f"{height}p") for height in HEIGHTS], default=1080)
    fps = models.PositiveSmallIntegerField(choices=[(rate, str(rate)) for rate in RATES], default=24)
    loudness = models.FloatField(null=True, blank=True, default=-14)
    captions = models.BooleanField(default=False)
    marked = models.BooleanField(default=False)  # with the watermark of the plan it was asked for on
    document = models.JSONField()
    sources = models.JSONField()
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    frames = models.PositiveIntegerField(default=0)
    asset = models.ForeignKey("assets.Asset", on_delete=models.SET_NULL, null=True, blank=True, related_name="exports")
    failure = models.CharField(max_length=300, blank=True)
    left_out = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["status", "created_at"])]
        constraints = [
            models.CheckConstraint(condition=~Q(status=Status.FAILED) | ~Q(failure=""), name="failed_export_says_why")
        ]

    def __str__(self):
        return f"{self.project} as {self.format}"

    # Questions

    @property
    def cut(self):
        return read_cut(self.document)

    @property
    def in_progress(self):
        return self.status in IN_PROGRESS

    @property
    def is_package(self):
        return self.format in PACKAGES

    @property
    def has_picture(self):
        """Whether it is a film that is there to be looked at."""
        film = self.asset
        return film is not None and film.is_ready and film.is_clip and film.deleted_at is None

    @property
    def awaits_poster(self):
        return self.has_picture and not self.asset.is_prepared

    @property
    def label(self):
        return LEAVES_AS[self.format].label

    @property
    def percent(self):
        return min(100, 100 * self.done // self.frames) if self.frames else 0

    @property
    def folder(self):
        """Where its pieces lie until it is done."""
        return Path(settings.DATA_DIR) / "exports" / str(self.pk)

    def assets(self):
        """{Source: Asset} of what it shows and plays. One query."""
        known = {str(pk): asset for pk, asset in Asset.objects.in_bulk(set(self.sources.values())).items()}
        return {Source(*key.split(":")): known[id] for key, id in self.sources.items() if id in known}

    # Verbs

    @classmethod
    def request_export(cls, project, *, by, **settings):
        """Freeze the film's cut as it stands and queue it. Raises ValueError for a cut without clips, LimitReached for
        a size that the plan does not allow.

        The whole film as a bundle needs no clips. A plan with a watermark puts it into a rendered film.
        """
        timeline = Timeline.objects.of(project)
        cut = timeline.cut
        package = PACKAGES.get(settings["format"])
        if not cut.frames and (package is None or package.of_cut):
            raise ValueError("The cut is empty.")
        plan = Plan.objects.of(project.workspace)
        if package is None and FORMATS[settings["format"]].codec:
            height = settings.get("height", cls._meta.get_field("height").default)
            limits.check_frame(plan, round(cut.width * height / cut.height / 2) * 2, height)
        found = timeline.assets_of(cut.sources(), strict=False)
        sources = {f"{source.kind}:{source.id}": str(asset.pk) for source, asset in found.items() if asset}
        return cls.objects.create(
            project=project,
            requested_by=by,
            document=cut.as_document(),
            sources=sources,
            marked=plan.watermark,
            **settings,
        )

    def claim(self):
        """Take it for this worker; True if nobody else has it."""
        claimed = (
            Export.objects.waiting()
            .filter(pk=self.pk, attempt=self.attempt)
            .update(status=Status.RUNNING, attempt=F("attempt") + 1, lease_until=Now() + LEASE)
        )
        self.refresh_from_db()
        return bool(claimed)

    def renew(self, done, frames):
        """Keep it for another lease; False once it was stopped, or is somebody else's."""
        mine = Export.objects.filter(pk=self.pk, status=Status.RUNNING, attempt=self.attempt)
        return bool(mine.update(lease_until=Now() + LEASE, done=done, frames=frames))

    @transaction.atomic
    def succeed(self, asset, left_out=()):
        asset.save(force_insert=True)
        won = self._end(Status.SUCCEEDED, asset=asset, done=F("frames"), left_out=list(left_out))
        if won:
            asset.tell(self.project.name)
        else:
            transaction.set_rollback(True)
        return won

    def fail(self, sentence):
        return self._end(Status.FAILED, failure=sentence[:300])

    def hand_back(self):
        """Of a worker that stops: another one goes on where it was, and nothing is counted."""
        mine = Export.objects.filter(pk=self.pk, status=Status.RUNNING, attempt=self.attempt)
        return bool(mine.update(status=Status.QUEUED, lease_until=None, attempt=F("attempt") - 1))

    def cancel(self):
        """Stop it; True if this call did."""
        stopped = Export.objects.in_progress().filter(pk=self.pk)
        cancelled = stopped.update(status=Status.CANCELLED, finished_at=Now(), lease_until=None)
        if cancelled:
            self.clear()
            self.refresh_from_db()
        return bool(cancelled)

    def clear(self):
        """Away with its pieces."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, status, **values):
        mine = Export.objects.filter(pk=self.pk, status=Status.RUNNING, attempt=self.attempt)
        ended = mine.update(status=status, finished_at=Now(), lease_until=None, **values)
        self.refresh_from_db()
        if ended:
            self.clear()
        return bool(ended)

"""A film on its way out: rendered by a media worker, piece by piece, so that a stop costs a few seconds at most; or
packed for other programs."""

import shutil
import uuid
from pathlib import Path

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from generation.models import Generation
from projects import hooks
from projects.cut import Source, read_cut
from projects.export import bounds
from projects.export.formats import BUNDLE, FORMATS, HEIGHTS, LEAVES_AS, PACKAGES, RATES
from runwayweb.accounts.models import Belonging, Workspace
from runwayweb.assets.lease import LEASE
from runwayweb.assets.models import Asset, Upload
from runwayweb.subscriptions import limits, switches
from runwayweb.subscriptions.models import Plan

from .timeline import Timeline

LINES_WITHOUT_4K = 1440  # of a film, where the operator has exports in 4K switched off
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

    def end_work_of(self, workspace, user):
        """Stop those that somebody asked for; None: whoever did."""
        asked = {"requested_by": user} if user else {}
        for export in self.in_progress().filter(project__workspace=workspace, **asked):
            export.cancel()

    def holding(self, assets, workspace):
        """Those of a workspace whose film or package holds any of some assets (ids), or will. A bundle holds what its
        film had when it was packed, which nobody wrote down: each of a film that has one of them now counts."""
        ids = {str(pk) for pk in assets}
        runs = Generation.objects.filter(Q(asset__in=assets) | Q(inputs__asset__in=assets), workspace=workspace)
        films = {*runs.values_list("project", flat=True), *runs.values_list("take__shot__project", flat=True)}
        rows = self.filter(project__workspace=workspace)
        frozen = rows.values_list("pk", "sources", "format", "project")
        return rows.filter(
            pk__in=[
                pk
                for pk, sources, form, film in frozen
                if ids & set(sources.values()) or (form == BUNDLE and film in films)
            ]
        )

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
        return film is not None and film.is_ready and film.is_clip and not (film.deleted_at or film.taken_down_at)

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

    @property
    def making(self):
        """Where this attempt, and no other, lays down what is not whole yet."""
        return self.folder / f"attempt-{self.attempt}"

    def assets(self):
        """{Source: Asset} of what it shows and plays, without what the operator took down. One query."""
        known = {str(asset.pk): asset for asset in self._frozen().filter(taken_down_at=None)}
        return {Source(*key.split(":")): known[id] for key, id in self.sources.items() if id in known}

    def lacks(self):
        """Sentences about what was taken down, and is left out of it. One query."""
        down = self._frozen().exclude(taken_down_at=None).count()
        told = ngettext(
            "%(n)d clip that the operator took down is not in it.",
            "%(n)d clips that the operator took down are not in it.",
            down,
        )
        return [told % {"n": down}] if down else []

    def _frozen(self):
        return Asset.objects.filter(pk__in=set(self.sources.values()))

    # Verbs

    @classmethod
    @transaction.atomic
    def request_export(cls, project, *, by, cut=None, bounded=True, **order):
        """Freeze the film's cut as it stands, or another one of its files, and queue it. Raises ValueError for a cut
        without clips, LimitReached for a size that the plan does not allow or where its storage is full, TooMany,
        TooLong, SwitchedOff.

        The whole film as a bundle needs no clips. A plan with a watermark puts it into a rendered film. Not `bounded`:
        the end of a task that was paid for, or what an operator asks for; neither room, number nor length is asked.
        """
        switches.check("new-work", project.workspace_id)
        if order.get("height", 0) > LINES_WITHOUT_4K:
            switches.check("exports-4k", project.workspace_id)
        timeline = Timeline.objects.of(project)
        cut = cut or timeline.cut
        package = PACKAGES.get(order["format"])
        if not cut.frames and (package is None or package.of_cut):
            raise ValueError("The cut is empty.")
        plan = Plan.objects.of(project.workspace)
        if package is None and FORMATS[order["format"]].codec:
            height = order.get("height", cls._meta.get_field("height").default)
            limits.check_frame(plan, round(cut.width * height / cut.height / 2) * 2, height)
        if bounded:
            if package is None:
                bounds.check_length(cut)
            cls._check_room(project.workspace, plan)
        found = timeline.assets_of(cut.sources(), strict=False)
        sources = {f"{source.kind}:{source.id}": str(asset.pk) for source, asset in found.items() if asset}
        return cls.objects.create(
            project=project,
            requested_by=by,
            document=cut.as_document(),
            sources=sources,
            marked=plan.watermark,
            **order,
        )

    @classmethod
    def _check_room(cls, workspace, plan):
        """Raises TooMany, LimitReached. Two at once wait for each other: the row of the workspace is locked."""
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        bounds.check_number(cls.objects.in_progress().filter(project__workspace=workspace).count())
        Upload.objects.check_room(workspace, plan)

    def claim(self):
        """Take it for this worker; True if nobody else has it."""
        claimed = (
            Export.objects.waiting()
            .filter(pk=self.pk, attempt=self.attempt)
            .update(status=Status.RUNNING, attempt=F("attempt") + 1, lease_until=Now() + LEASE)
        )
        self.refresh_from_db()
        return bool(claimed)

    def renew(self, **progress):
        """Keep it for another lease, with the progress made; False once it was stopped, or is somebody else's."""
        return bool(self._mine().update(lease_until=Now() + LEASE, **progress))

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

    def give_up(self, sentence):
        """It was lost too often; True if this call said so. Nothing happens to one that somebody works on."""
        lost = Export.objects.waiting().filter(pk=self.pk, attempt=self.attempt)
        return self._end(Status.FAILED, of=lost, failure=sentence[:300])

    def hand_back(self):
        """Of a worker that stops: another one goes on where it was, and nothing is counted."""
        return bool(self._mine().update(status=Status.QUEUED, lease_until=None, attempt=F("attempt") - 1))

    def cancel(self):
        """Stop it; True if this call did."""
        stopped = Export.objects.in_progress().filter(pk=self.pk)
        cancelled = stopped.update(status=Status.CANCELLED, finished_at=Now(), lease_until=None)
        if cancelled:
            self.clear()
            self.refresh_from_db()
            hooks.tell_exported(self)
        return bool(cancelled)

    def clear(self):
        """Away with its pieces."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _mine(self):
        return Export.objects.filter(pk=self.pk, status=Status.RUNNING, attempt=self.attempt)

    def _end(self, status, *, of=None, **values):
        """The row ends, as long as it is one `of` these; without, as long as it is this attempt's."""
        rows = self._mine() if of is None else of
        ended = rows.update(status=status, finished_at=Now(), lease_until=None, **values)
        if ended:
            self.refresh_from_db()
            self.clear()
            hooks.tell_exported(self)
        return bool(ended)

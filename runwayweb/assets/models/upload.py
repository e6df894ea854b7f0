"""A file on its way in: its bytes as they come, or the address it is fetched from, until a media worker took it in."""

import fcntl
import logging
import os
import shutil
import uuid
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Now
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runwayweb.accounts import flags
from runwayweb.accounts.models import Belonging, Workspace
from runwayweb.assets import guarded, hooks
from runwayweb.assets.models.asset import Asset, Origin, State
from runwayweb.assets.storage import StorageAway, bucket, discard, take_in
from runwayweb.subscriptions import limits
from runwayweb.subscriptions.models import Plan

logger = logging.getLogger(__name__)
AT_ONCE = 20  # of a workspace, on their way in
A_DAY = 1000  # of a workspace
SILENT_FOR = timedelta(minutes=50)  # after which nobody comes back for an upload; it is swept away within ten more
TOLD_FOR = timedelta(days=1)  # how long it can be asked what became of one
ATTEMPTS = 3
PIECE_BYTES = 256 * 1024
PART_BYTES = 16 * 1024**2  # of an upload that a browser sends to the bucket
MOST_PARTS = 10_000  # that a bucket takes
ARRIVING = "arriving"  # the folder of the bucket, where there is one
FREE_BYTES = 2 * 1024**3  # of the disk, that are left to everything else


class Refused(Exception):
    """A file that may not come in. The message is a sentence for whoever chose it, `status` the one of HTTP for it."""

    def __init__(self, sentence, status=422):
        super().__init__(sentence)
        self.status = status


def check_switched_on(workspace):
    """Raises Refused where an operator lets no files in."""
    if not flags.is_on("uploads", workspace):
        raise Refused(str(flags.FLAGS["uploads"].when_off), 503)


class Elsewhere(Exception):
    """The bytes that came belong to another place of the file, or somebody else is writing it now."""


class UploadQuerySet(Belonging, models.QuerySet):
    def of(self, user):
        """Those that `user` began, and may still go on with: an upload is nobody else's business."""
        return self.editable_by(user).filter(by=user) if user.is_authenticated else self.none()

    def begin(self, *, workspace, by, name, size_bytes):
        """An upload of so many bytes, the first of which is still to come. Raises Refused."""
        most = settings.UPLOAD_LIMIT_BYTES
        if size_bytes > most:
            raise Refused(
                _("This file is larger than %(most)s. Cut it or save it smaller.") % {"most": size(most)}, 413
            )
        if size_bytes < 1:
            raise Refused(_("This file is empty. Choose another."))
        with transaction.atomic():
            self._make_room(workspace, size_bytes)
            upload = self.create(workspace=workspace, by=by, name=plain_name(name), size_bytes=size_bytes)
        settings.ARRIVING_DIR.mkdir(parents=True, exist_ok=True)
        upload.path.touch()
        return upload

    def begin_direct(self, *, workspace, by, name, size_bytes):
        """An upload that a browser sends to the bucket by itself, in parts. Raises Refused."""
        upload = self.begin(workspace=workspace, by=by, name=name, size_bytes=size_bytes)
        upload.path.unlink(missing_ok=True)
        try:
            upload.parts_id = bucket().begin_parts(upload.stored)
        except StorageAway as error:
            upload.cancel()
            raise Refused(storage_away(), 503) from error
        upload.save(update_fields=["parts_id"])
        return upload

    def fetch(self, url, *, workspace, by, name=None):
        """An upload that a media worker fetches from an address; its asset is there at once. Raises Refused."""
        try:
            address = guarded.Address(url)
        except guarded.Unfetchable as error:
            raise Refused(str(error)) from error
        with transaction.atomic():
            self._make_room(workspace, 1)
            name = plain_name(name or address.file_name)
            upload = self.create(workspace=workspace, by=by, name=name, url=address.url)
            upload._be_arrived(State.ARRIVING)
        return upload

    def _make_room(self, workspace, size_bytes):
        """Raises Refused where a workspace brings too much. Two at once wait for each other: its row is locked."""
        check_switched_on(workspace)
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        mine = self.filter(workspace=workspace)
        if mine.on_their_way().count() >= AT_ONCE:
            raise Refused(
                _("%(most)d files are on their way already. Wait until some of them are here.") % {"most": AT_ONCE}, 429
            )
        if mine.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() >= A_DAY:
            raise Refused(
                _("%(most)d files came within a day; more cannot be taken. Come back tomorrow.") % {"most": A_DAY}, 429
            )
        if size_bytes > mine.room(workspace):
            raise Refused(storage_full(workspace), 413)
        if bucket():
            return  # where no disk of ours gets full
        settings.ARRIVING_DIR.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(settings.ARRIVING_DIR).free - size_bytes < FREE_BYTES:
            raise Refused(disk_full(), 507)

    def check_room(self, workspace, plan):
        """Raise LimitReached where the storage of its plan is full, so that nothing more is made."""
        if plan.storage_bytes is not None:
            limits.check_storage(plan, Asset.objects.filter(workspace=workspace).stored_bytes() + 1)

    def room(self, workspace):
        """How many bytes a workspace may still bring: its storage less what it keeps, if only for a day, and what is
        coming."""
        coming = self.filter(workspace=workspace).on_their_way().aggregate(total=Sum("size_bytes"))["total"] or 0
        kept = Asset.objects.filter(workspace=workspace).stored_bytes() + workspace.ephemerals.stored_bytes()
        return storage_of(workspace) - kept - coming

    def on_their_way(self):
        return self.exclude(status=Status.ENDED)

    def waiting(self):
        """Those a media worker should take in, and none is at."""
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        return self.filter(free, status=Status.WAITING, attempts__lt=ATTEMPTS)

    def sweep(self):
        """Put an end to uploads that nobody comes back for, or that ended their workers; forget old ones."""
        now = timezone.now()
        for upload in self.filter(status=Status.COMING, touched_at__lt=now - SILENT_FOR):
            upload.cancel()
        for upload in self.filter(status=Status.WAITING, attempts__gte=ATTEMPTS, lease_until__lt=Now()):
            upload.refuse(
                _("This file could not be prepared, three times over. Save it in another format and try again."),
                attempt=upload.attempts,
            )
        self.filter(status=Status.ENDED, touched_at__lt=now - TOLD_FOR).delete()
        self._sweep_strays(now - SILENT_FOR)

    def _sweep_strays(self, before):
        """Files of uploads that are no more: of this machine, and of the bucket."""
        if bucket():
            # Listed before those that are known are asked for: what comes in between is young.
            there = [name for name, since in bucket().lying_since(ARRIVING) if since < before]
            known = {upload.stored for upload in self.on_their_way().only("pk")}
            discard(*(name for name in there if name not in known))
        if not settings.ARRIVING_DIR.is_dir():
            return
        old = [path for path in settings.ARRIVING_DIR.iterdir() if path.stat().st_mtime < before.timestamp()]
        kept = {str(pk) for pk in self.on_their_way().values_list("pk", flat=True)}
        for path in old:
            if path.stem not in kept:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


class Status(models.TextChoices):
    COMING = "coming", gettext_lazy("Coming")  # its bytes are
    WAITING = "waiting", gettext_lazy("Waiting")  # for a media worker, or one is at it
    ENDED = "ended", gettext_lazy("Ended")


class Upload(models.Model):
    """`offset_bytes` of `size_bytes` are here, in the data folder: storage is for what was looked through. Where that
    is a bucket, all that came lies in a folder of its own there: whoever takes it in may be another machine.

    `url`: where it is fetched from; its size is not known before. `asset`: what became of it, from the moment all of it
    is here, or what was there already. `told`: the sentence for whoever brought it, where something is to be said.
    `parts_id`: by which the bucket knows it while a browser sends its parts there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="uploads")
    by = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=200)
    url = models.CharField(max_length=2048, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    offset_bytes = models.PositiveBigIntegerField(default=0)
    status = models.CharField(max_length=16, choices=Status, default=Status.COMING)
    asset = models.ForeignKey("assets.Asset", on_delete=models.CASCADE, null=True, related_name="uploads")
    told = models.CharField(max_length=300, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)  # of its preparation
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(default=timezone.now)
    parts_id = models.CharField(max_length=1024, blank=True, default="", db_default="")

    Status = Status
    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["status", "touched_at"]), models.Index(fields=["workspace", "created_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(size_bytes=0) | Q(offset_bytes__lte=F("size_bytes")), name="upload_no_longer_than_said"
            )
        ]

    def __str__(self):
        return self.name

    @property
    def path(self):
        """Where its bytes lie."""
        return settings.ARRIVING_DIR / str(self.pk)

    @property
    def stored(self):
        """What the bucket calls it, once all of it is here."""
        return f"{ARRIVING}/{self.pk}"

    @property
    def expires_at(self):
        """When nobody is expected back."""
        return self.touched_at + SILENT_FOR

    @property
    def in_progress(self):
        return self.status != Status.ENDED

    def receive(self, offset, file):
        """Add what `file` holds, which begins at byte `offset` of the whole; the new offset. Flat in memory.

        With the last byte the upload is complete. Raises Elsewhere where it does not belong there, Refused where it is
        more than was said or the disk is full.
        """
        if offset != self.offset_bytes or self.status != Status.COMING:
            raise Elsewhere
        with self._alone() as part:
            part.seek(offset)
            try:
                while piece := file.read(PIECE_BYTES):
                    if part.tell() + len(piece) > self.size_bytes:
                        raise Refused(_("More came than this file was said to hold. Send it again."), 413)
                    part.write(piece)
                part.flush()
            except OSError as error:
                raise Refused(disk_full(), 507) from error
            reached = part.tell()
            still_there = Upload.objects.filter(pk=self.pk, offset_bytes=offset, status=Status.COMING)
            if not still_there.update(offset_bytes=reached, touched_at=timezone.now()):
                raise Elsewhere
        self.refresh_from_db()
        if reached == self.size_bytes:
            if bucket():
                self._pass_on()
            self.complete()
        return reached

    @property
    def part_bytes(self):
        """How large each part is but the last, of an upload to the bucket."""
        return max(PART_BYTES, -(-self.size_bytes // MOST_PARTS))

    def missing_parts(self):
        """(number, bytes) of each part that has not come to the bucket. Raises StorageAway, Elsewhere where the bucket
        does not know of it any more."""
        came = self._parts()
        count = -(-self.size_bytes // self.part_bytes)
        sizes = dict.fromkeys(range(1, count), self.part_bytes)
        sizes[count] = self.size_bytes - self.part_bytes * (count - 1)
        missing = [(number, size) for number, size in sizes.items() if came.get(number, (0, ""))[0] != size]
        offset = self.size_bytes - sum(size for _number, size in missing)
        there = Upload.objects.filter(pk=self.pk, status=Status.COMING)
        there.update(offset_bytes=offset, touched_at=timezone.now())
        self.refresh_from_db()
        return missing

    def address_of_part(self, number, size_bytes):
        seconds = round(SILENT_FOR.total_seconds())
        return bucket().address_of_part(self.stored, self.parts_id, number, size_bytes, seconds=seconds)

    def complete_direct(self):
        """All its parts are in the bucket: one file of them, then a media worker's turn; True if this call saw to that.

        False where some are missing. Raises StorageAway, Elsewhere.
        """
        if self.status != Status.COMING:
            return False
        try:
            if self.missing_parts():
                return False
            bucket().complete_parts(self.stored, self.parts_id, self._parts())
        except Elsewhere:
            if not self._is_whole():  # as it is where whoever put it together could not say so
                raise
        return self.complete()

    def _is_whole(self):
        try:
            there = bucket().size(self.stored) == self.size_bytes
        except FileNotFoundError:
            return False
        Upload.objects.filter(pk=self.pk, status=Status.COMING).update(offset_bytes=self.size_bytes)
        self.refresh_from_db()
        return there

    def _parts(self):
        if self.status != Status.COMING or not self.parts_id:
            raise Elsewhere
        try:
            return bucket().parts_of(self.stored, self.parts_id)
        except FileNotFoundError:
            raise Elsewhere from None

    @transaction.atomic
    def complete(self):
        """All of it is here: a media worker's turn. True if this call saw to that."""
        if self.offset_bytes != self.size_bytes or not self._move(Status.COMING, to=Status.WAITING):
            return False
        self._be_arrived(State.PREPARING)
        return True

    def cancel(self):
        """Whoever brought it does not want it any more; True if this call ended it."""
        if not self._move(Status.COMING, Status.WAITING, to=Status.ENDED):
            return False
        self.discard()
        if self.asset and self.asset.on_its_way:
            self.asset.purge()
        return True

    def refuse(self, sentence, attempt=None):
        """It cannot be used, and this is why; True if this call did. False of an `attempt` that another followed."""
        with transaction.atomic():
            if not self._move(Status.WAITING, to=Status.ENDED, attempt=attempt, told=sentence):
                return False
            Asset.objects.filter(pk=self.asset_id).update(state=State.REFUSED, refusal=sentence, size_bytes=0)
        self.discard()
        return True

    def discard(self):
        """What came of it goes."""
        self.path.unlink(missing_ok=True)
        if not bucket() or self.url:
            return
        if self.parts_id:
            try:
                bucket().abort_parts(self.stored, self.parts_id)
            except StorageAway as error:
                logger.warning("Parts of upload %s stay in the bucket: %s", self.pk, error)
        discard(self.stored)

    def _pass_on(self):
        """From this machine, where a form brought it, to where all of them find it. Raises Refused."""
        try:
            take_in(self.path, self.stored)
        except StorageAway as error:
            self.cancel()
            raise Refused(storage_away(), 503) from error
        self.path.unlink(missing_ok=True)

    def _be_arrived(self, state):
        """The asset it becomes, in sight from now on, and word to those who wake the media worker."""
        asset = Asset(
            id=self.pk,  # by which it can be asked for, also where it turns out to be there already
            workspace=self.workspace,
            name=self.name,
            original_name=self.url[:200] or self.name,
            origin=Origin.IMPORTED if self.url else Origin.UPLOADED,
            state=state,
            size_bytes=self.size_bytes,
            width=0,
            height=0,
        )
        asset.file = f"uploads/{str(asset.pk)[:2]}/{asset.pk}/original"  # until it is known what it is
        asset.save(force_insert=True)
        self.asset, self.status = asset, Status.WAITING
        self.save(update_fields=["asset", "status"])
        hooks.tell_arrived(self)

    def _move(self, *origins, to, attempt=None, **stamps):
        """Move the row to `to` if it is still in one of `origins`, and of `attempt` where one is given. One UPDATE, so
        two callers cannot both win."""
        of_attempt = {} if attempt is None else {"attempts": attempt}
        moved = Upload.objects.filter(pk=self.pk, status__in=origins, **of_attempt)
        moved = moved.update(status=to, touched_at=timezone.now(), **stamps)
        if moved:
            self.refresh_from_db()
        return bool(moved)

    @contextmanager
    def _alone(self):
        """Its file, opened to be written by nobody else at the same time. Raises Elsewhere."""
        try:
            part = open(self.path, "r+b")
        except FileNotFoundError:
            raise Elsewhere from None
        with part:
            try:
                fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Elsewhere from None
            yield part


def plain_name(name):
    """What a file is called, without folders and without what cannot be seen."""
    seen = "".join(letter if letter.isprintable() else " " for letter in name).replace("\\", "/")
    return os.path.basename(seen.rstrip("/")).strip()[-200:] or _("untitled")


def size(size_bytes):
    return filesizeformat(size_bytes).replace("\xa0", " ")


def storage_of(workspace):
    """How many bytes a workspace may keep: as many as its plan says, and no more than any may here."""
    of_its_plan = Plan.objects.of(workspace).storage_bytes
    return settings.STORAGE_BYTES if of_its_plan is None else min(settings.STORAGE_BYTES, of_its_plan)


def storage_full(workspace):
    try:
        limits.check_storage(Plan.objects.of(workspace), storage_of(workspace) + 1)
    except limits.LimitReached as reached:
        return str(reached)
    return _("Your storage of %(most)s is full. Delete something for good, or bring something smaller.") % {
        "most": size(settings.STORAGE_BYTES)
    }


def disk_full():
    return _("The disk of this studio is full just now. Nothing came in; try again later.")


def storage_away():
    return _("The studio's storage cannot be reached just now. Try again in a few minutes.")

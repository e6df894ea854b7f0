"""Files that programs bring to use for a day: announced first, then sent to a signed address, once."""

import os
import shutil
import uuid
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from runwayweb.accounts.models import Workspace
from runwayweb.assets.models.retention import Retention
from runwayweb.assets.models.upload import (
    FREE_BYTES,
    Refused,
    Upload,
    check_switched_on,
    disk_full,
    plain_name,
    size,
    storage_full,
)
from runwayweb.assets.storage import bucket, discard, local_copy

MOST_BYTES = 200 * 1024**2  # of one file
AWAITED_FOR = timedelta(hours=1)  # from its announcement until it is here
COUNTED_FOR = timedelta(days=1)  # announcements
AT_ONCE = 50  # of a workspace, announced and not here yet
A_DAY = 5000  # of a workspace
EPHEMERAL = "ephemeral"  # the folder of the bucket, where there is one
SALT = "runwayweb.assets.ephemeral"
PIECE_BYTES = 1024**2


class EphemeralQuerySet(models.QuerySet):
    def announce(self, *, workspace, name):
        """One that is still to come. Raises Refused where a workspace brings too much."""
        check_switched_on(workspace)
        with transaction.atomic():
            Workspace.objects.select_for_update().get(pk=workspace.pk)  # two at once wait for each other
            mine = self.filter(workspace=workspace)
            if mine.filter(status=Status.AWAITED, expires_at__gt=timezone.now()).count() >= AT_ONCE:
                raise Refused(
                    _("%(most)d files are awaited already. Send some of them first.") % {"most": AT_ONCE}, 429
                )
            if mine.filter(announced_at__gt=timezone.now() - timedelta(days=1)).count() >= A_DAY:
                raise Refused(
                    _("%(most)d files came within a day; more cannot be taken. Come back tomorrow.") % {"most": A_DAY},
                    429,
                )
            if Upload.objects.room(workspace) < 1:
                raise Refused(storage_full(workspace), 413)
            expires_at = timezone.now() + AWAITED_FOR
            return self.create(workspace=workspace, name=plain_name(name), expires_at=expires_at)

    def here(self):
        """Those that can be used."""
        return self.filter(status=Status.HERE, expires_at__gt=timezone.now())

    def find(self, workspace, id):
        """The one of a workspace that has come and can be used; None where there is none."""
        mine = self.filter(workspace=workspace, pk=id, expires_at__gt=timezone.now())
        found = mine.filter(status__in=[Status.AWAITED, Status.HERE]).first()
        if found and found.status == Status.AWAITED and not (bucket() and found.look()):
            return None
        return found

    def stored_bytes(self):
        """How much those take that are here."""
        return self.filter(status=Status.HERE).aggregate(total=Sum("size_bytes"))["total"] or 0

    def sweep(self):
        """Erase those whose time is over, and files of those that are no more. Announcements are counted for a day."""
        now = timezone.now()
        for ephemeral in self.filter(status=Status.HERE, expires_at__lt=now):
            ephemeral.erase()
        old = Q(announced_at__lt=now - COUNTED_FOR) & ~Q(status=Status.HERE)
        self.filter(old).delete()
        if bucket():
            there = [name for name, since in bucket().lying_since(EPHEMERAL) if since < now - AWAITED_FOR]
            known = {one.stored for one in self.filter(status=Status.HERE).only("pk")}
            discard(*(name for name in there if name not in known))
        if not settings.EPHEMERAL_DIR.is_dir():
            return
        before = (now - AWAITED_FOR).timestamp()
        strays = [path for path in settings.EPHEMERAL_DIR.iterdir() if path.stat().st_mtime < before]
        kept = {str(pk) for pk in self.filter(status=Status.HERE).values_list("pk", flat=True)}
        for path in strays:
            if path.name not in kept:
                path.unlink(missing_ok=True)


class Status(models.TextChoices):
    AWAITED = "awaited"
    COMING = "coming"  # somebody has sent it, and it is laid down
    HERE = "here"
    GONE = "gone"


class Ephemeral(models.Model):
    """`expires_at`: until when it must have come, while it is awaited; from then on until when it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="ephemerals")
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField(default=0)
    status = models.CharField(max_length=16, choices=Status, default=Status.AWAITED)
    announced_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    Status = Status
    objects = EphemeralQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "announced_at"]),
            models.Index(fields=["status", "expires_at"]),
        ]

    def __str__(self):
        return self.name

    @property
    def path(self):
        """Where its bytes lie."""
        return settings.EPHEMERAL_DIR / str(self.pk)

    @property
    def stored(self):
        """What the bucket calls it, where there is one."""
        return f"{EPHEMERAL}/{self.pk}"

    @contextmanager
    def opened(self):
        """The path of its bytes, on this machine. Raises FileNotFoundError, StorageAway."""
        if bucket():
            with local_copy(self.stored) as path:
                yield path
        elif self.path.exists():
            yield self.path
        else:
            raise FileNotFoundError(self.path)

    def form(self):
        """(address, fields) of the form by which whoever has it sends the file to the bucket, for as long as it is
        awaited; no more of it than one may have."""
        most = min(MOST_BYTES, settings.UPLOAD_LIMIT_BYTES)
        return bucket().form_for(self.stored, most_bytes=most, seconds=round(AWAITED_FOR.total_seconds()))

    def look(self):
        """Whether it came to the bucket, of which nobody tells us; True if it is here now. Raises StorageAway.

        What is more than the workspace has room for goes at once.
        """
        try:
            size_bytes = bucket().size(self.stored)
        except FileNotFoundError:
            return False
        if not 1 <= size_bytes <= min(Upload.objects.room(self.workspace), MOST_BYTES):
            discard(self.stored)
            return False
        kept_until = timezone.now() + timedelta(days=Retention.objects.days("ephemeral"))
        self._move(Status.AWAITED, to=Status.HERE, size_bytes=size_bytes, expires_at=kept_until)
        return self.status == Status.HERE

    @property
    def signature(self):
        """What lets whoever has it send the file, for as long as it is awaited."""
        return signing.TimestampSigner(salt=SALT).sign(str(self.pk))

    def receive(self, file):
        """Lay an uploaded binary file down; True if this call did, False where it is not awaited (any more).

        Raises Refused for one that is too large, or where there is no room; then it may be sent again.
        """
        if not self._move(Status.AWAITED, Q(expires_at__gt=timezone.now()), to=Status.COMING):
            return False
        try:
            self._refuse(file.size)
            self._lay_down(file)
        except BaseException:
            self.path.unlink(missing_ok=True)
            self._move(Status.COMING, to=Status.AWAITED)
            raise
        kept_until = timezone.now() + timedelta(days=Retention.objects.days("ephemeral"))
        return self._move(Status.COMING, to=Status.HERE, size_bytes=file.size, expires_at=kept_until)

    def erase(self):
        """Its bytes go; True if this call saw to that."""
        if not self._move(Status.HERE, to=Status.GONE):
            return False
        self.discard()
        return True

    def discard(self):
        """Its bytes go."""
        self.path.unlink(missing_ok=True)
        if bucket():
            discard(self.stored)

    def _refuse(self, size_bytes):
        most = min(MOST_BYTES, settings.UPLOAD_LIMIT_BYTES)
        if size_bytes > most:
            raise Refused(
                _("This file is larger than %(most)s. Cut it or save it smaller.") % {"most": size(most)}, 413
            )
        if size_bytes < 1:
            raise Refused(_("This file is empty. Choose another."), 400)
        if size_bytes > Upload.objects.room(self.workspace):
            raise Refused(storage_full(self.workspace), 413)
        settings.EPHEMERAL_DIR.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(settings.EPHEMERAL_DIR).free - size_bytes < FREE_BYTES:
            raise Refused(disk_full(), 507)

    def _lay_down(self, file):
        try:
            with open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as kept:
                shutil.copyfileobj(file, kept, PIECE_BYTES)
        except OSError as error:
            raise Refused(disk_full(), 507) from error

    def _move(self, origin, *where, to, **stamps):
        """Move the row to `to` if it is still in `origin`. One UPDATE, so two callers cannot both win."""
        moved = Ephemeral.objects.filter(*where, pk=self.pk, status=origin).update(status=to, **stamps)
        if moved:
            self.refresh_from_db()
        return bool(moved)


def is_awaited(id, signature):
    """Whether a signature belongs to this file and its time is not over. Asks no database."""
    try:
        return signing.TimestampSigner(salt=SALT).unsign(signature, max_age=AWAITED_FOR) == str(id)
    except signing.BadSignature:
        return False

"""A media file of a workspace, with what the studio needs to show it: a poster and a hover-scrub sprite."""

import uuid
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runwayweb.assets import pictures
from runwayweb.assets.storage import store

PREPARATIONS = 3  # a file that breaks its preparation this often is left as it is


class AssetQuerySet(models.QuerySet):
    def live(self):
        """Those that were not deleted."""
        return self.filter(deleted_at=None)

    def visible_to(self, user):
        """The live assets of `user`'s workspaces."""
        if not user.is_authenticated:
            return self.none()
        return self.live().filter(workspace__memberships__user=user)

    def unprepared(self):
        """The assets that still want their poster and sprite."""
        return self.filter(prepared_at=None, preparations__lt=PREPARATIONS)


class Asset(models.Model):
    """`file`, `poster` and `sprite` are names in the default storage. Sizes in pixels and bytes, times in seconds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.PROTECT, related_name="assets")
    name = models.CharField(_("name"), max_length=200)
    file = models.FileField(max_length=200, unique=True)
    media_type = models.CharField(max_length=50)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    duration_seconds = models.FloatField()
    fps = models.FloatField()
    poster = models.FileField(max_length=200, blank=True)
    sprite = models.FileField(max_length=200, blank=True)
    sprite_columns = models.PositiveSmallIntegerField(default=0)
    sprite_count = models.PositiveSmallIntegerField(default=0)
    preparations = models.PositiveSmallIntegerField(default=0)
    prepared_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)  # out of sight; the file stays until it is purged

    objects = AssetQuerySet.as_manager()

    def __str__(self):
        return self.name

    def prepare(self):
        """Make the poster and the sprite; True if this call did. Reads the whole file; safe to repeat."""
        claimed = Asset.objects.unprepared().filter(pk=self.pk).update(preparations=models.F("preparations") + 1)
        if not claimed:
            return False
        with default_storage.open(self.file.name) as video:
            poster, sprite = pictures.of_video(video)
        folder = str(Path(self.file.name).parent)
        self.poster = store(poster, f"{folder}/poster.webp")
        self.sprite = store(sprite.webp, f"{folder}/sprite.webp")
        self.sprite_columns, self.sprite_count = sprite.columns, sprite.count
        self.prepared_at = timezone.now()
        self.save(update_fields=["poster", "sprite", "sprite_columns", "sprite_count", "prepared_at"])
        return True

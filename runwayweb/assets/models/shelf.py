"""How files lie in the library: in sight, in the trash, deleted for good; and how they are found there."""

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from runwayweb.assets.storage import StorageAway, bucket

from .words import AssetWords

# What a file is, for people → how its media type begins.
KINDS = {"clip": "video/", "picture": "image/", "sound": "audio/", "captions": "text/"}


class Shelved:
    """Verbs of an AssetQuerySet."""

    def in_library(self):
        """Those that the library shows."""
        return self.live().filter(trashed_at=None, state="ready")

    def in_trash(self):
        """Those that can be brought back: put there by hand, or deleted with the last clip that showed them."""
        return self.filter(Q(trashed_at__isnull=False) | Q(deleted_at__isnull=False), purged_at=None)

    def of_kind(self, kind):
        return self.filter(media_type__startswith=KINDS[kind])

    def said(self, query):
        """Those of which everything is said that a query asks for."""
        return self.filter(pk__in=AssetWords.objects.matching(query).values("asset"))

    def before(self, created_at, pk):
        """Those that come after this one where the newest come first."""
        return self.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))

    def newest_first(self):
        return self.order_by("-created_at", "-pk")

    def trash(self):
        """Put them out of the library's sight. Whatever shows them goes on doing so. When: the moment of this call."""
        now = timezone.now()
        self.filter(trashed_at=None).update(trashed_at=now)
        return now

    def bring_back(self):
        """Put them where they were."""
        return self.filter(purged_at=None).update(trashed_at=None, deleted_at=None)


class OnAShelf(models.Model):
    """What an asset has because it lies in a library."""

    folder = models.ForeignKey("assets.Folder", on_delete=models.SET_NULL, null=True, blank=True, related_name="assets")
    trashed_at = models.DateTimeField(null=True, blank=True)  # out of the library's sight; what shows it still does
    purged_at = models.DateTimeField(null=True, blank=True)  # its files are gone

    class Meta:
        abstract = True

    def rename(self, name):
        self.name = name
        self.save(update_fields=["name"])
        AssetWords.objects.refresh([self.pk])

    def tell(self, told):
        """Let it be found by what the rooms above say of it: the prompt that made it, what is said in it."""
        AssetWords.objects.tell(self, told)

    def purge(self):
        """Delete it for good, its files at once; True if this call did. Raises StorageAway.

        Its row stays, without what was said of it, where something still tells of it: a card that is deleted, say.
        """
        if self.pk is None:  # deleted before
            return False
        rows = type(self).objects.filter(pk=self.pk, purged_at=None)
        if bucket() and rows.exists() and not self.discard_files():
            # Its row stays, so that it can be deleted again: nobody else knows of the files.
            raise StorageAway(f"The files of asset {self.pk} could not be deleted.")
        # Of another sum than before: when the same picture comes again it is kept anew.
        gone = {
            "state": "gone",
            "poster": "",
            "sprite": "",
            "master": "",
            "master_sound": "",
            "sha256": self.pk.hex * 2,
        }
        if not rows.update(purged_at=Now(), deleted_at=Coalesce("deleted_at", Now()), cast=[], **gone):
            return False
        if not bucket():
            self.discard_files()
        AssetWords.objects.filter(asset=self.pk).delete()
        try:
            with transaction.atomic():
                self.delete()
        except (models.ProtectedError, models.RestrictedError):
            self.refresh_from_db()
        return True

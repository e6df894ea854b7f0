"""A sitting: a run that draws somebody of the film's world for their reference sheet."""

import logging

from django.db import models, transaction
from django.utils.translation import gettext_lazy

from generation.models.status import IN_PROGRESS
from runwayweb.assets.pictures import UnreadableVideo
from runwayweb.assets.upload import BadPicture

logger = logging.getLogger(__name__)
UNREADABLE = (BadPicture, UnreadableVideo, OSError, ValueError)


class SittingQuerySet(models.QuerySet):
    def unfinished(self):
        """Those whose run succeeded and whose view has not come onto the sheet yet."""
        return self.filter(finished=False, generation__status="succeeded", generation__deleted_at=None)

    def in_progress(self):
        return self.filter(generation__status__in=IN_PROGRESS, generation__deleted_at=None)


class Sitting(models.Model):
    """`label` is what the view will be called; once `finished` it came onto the sheet, or never can."""

    entity = models.ForeignKey("projects.Entity", on_delete=models.CASCADE, related_name="sittings")
    generation = models.OneToOneField("generation.Generation", on_delete=models.CASCADE, related_name="sitting")
    label = models.CharField(gettext_lazy("label"), max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    finished = models.BooleanField(default=False)

    objects = SittingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.entity}: {self.label}"

    def finish(self):
        """Put what was drawn onto the sheet, cut out where the engine knows where it is; True if this call did it.

        It is finished in the moment in which its view is there: a page that asks between would wait for it no longer.
        """
        if not Sitting.objects.unfinished().filter(pk=self.pk).exists():
            return False
        try:
            picture = self._picture()
        except UNREADABLE:
            logger.exception("What was drawn for %s cannot be put onto its sheet", self)
            picture = None
        with transaction.atomic():
            if not Sitting.objects.unfinished().filter(pk=self.pk).update(finished=True):
                return False
            return picture is not None and self.entity.add_view(picture, self.label) is not None

    def _picture(self):
        """The entity alone: by its name, else the first of its kind; the whole frame of a place, or of who is nowhere
        told to be."""
        cast = self.generation.asset.cast
        tag = self.entity.tag.lower()
        called = [number for number, one in enumerate(cast, 1) if one.get("tag") == tag]
        alike = [number for number, one in enumerate(cast, 1) if one["role"] == self.entity.kind]
        number = next(iter([*called, *alike]), None)
        return self.generation.cast_picture(number) if number else self.generation.still("first")

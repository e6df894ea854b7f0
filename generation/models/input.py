"""What a run is given besides words: pictures and sounds, each with its part."""

import numpy as np
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runwayweb.assets.pictures import UnreadableVideo
from runwayweb.assets.sounds import UnreadableSound
from runwayweb.assets.storage import StorageAway

HALF = 128  # of 255: from there on a mask says yes


class LostInput(Exception):
    """What a run was given cannot be read any more. The message is a sentence for the creator."""


class Role(models.TextChoices):
    VIDEO = "video", gettext_lazy("Clip")
    MASK = "mask", gettext_lazy("Part to paint")
    FIRST_FRAME = "first_frame", gettext_lazy("First frame")
    KEYFRAME = "keyframe", gettext_lazy("Keyframe")
    LAST_FRAME = "last_frame", gettext_lazy("Last frame")
    REFERENCE = "reference", gettext_lazy("Reference")
    SOUND = "sound", gettext_lazy("Recording")


class ReferenceRole(models.TextChoices):
    """What a reference shows, in the order of `request.REFERENCE_ROLES`."""

    CHARACTER = "character", gettext_lazy("Character")
    PLACE = "place", gettext_lazy("Place")
    OBJECT = "object", gettext_lazy("Object")


class Input(models.Model):
    """A picture, a clip or a sound given to a run.

    References have a `reference_role`, a `position` among each other, and perhaps a name for the prompt, `tag`, and
    what they show in `words`. The position of a keyframe is the frame at which it is to be seen.
    """

    Role = Role

    generation = models.ForeignKey("generation.Generation", on_delete=models.CASCADE, related_name="inputs")
    asset = models.ForeignKey("assets.Asset", on_delete=models.PROTECT, related_name="inputs")
    role = models.CharField(max_length=16, choices=Role)
    reference_role = models.CharField(max_length=16, choices=ReferenceRole, blank=True)
    tag = models.CharField(max_length=16, blank=True)
    words = models.CharField(max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["role", "position"]  # the first frame, the last, the references
        constraints = [
            models.UniqueConstraint(fields=["generation", "role", "position"], name="input_once_in_its_place"),
            models.CheckConstraint(
                condition=Q(role=Role.REFERENCE) ^ Q(reference_role=""), name="references_and_only_they_have_a_role"
            ),
        ]

    def __str__(self):
        return f"{self.role}: {self.asset}"

    @property
    def label(self):
        """Its part in words: “First frame”, “Reference: place”, “Reference: character, @nana”."""
        if self.role != Role.REFERENCE:
            return self.get_role_display()
        what = self.get_reference_role_display().lower()
        return _("Reference: %(what)s") % {"what": f"{what}, @{self.tag}" if self.tag else what}

    def given_to(self, generation):
        """The same for another run, not saved."""
        return Input(
            generation=generation,
            asset=self.asset,
            role=self.role,
            reference_role=self.reference_role,
            tag=self.tag,
            words=self.words,
            position=self.position,
        )

    def pixels(self):
        """What was given, read from storage: a picture uint8 (H, W, 3), a clip uint8 (F, H, W, 3), a mask uint8 (H, W)
        that is 255 where a run may paint. Raises LostInput when it is not what was once chosen."""
        try:
            if self.role == Role.VIDEO:
                return self.asset.frames()
            picture = np.asarray(self.asset.open_picture())
        except StorageAway:
            raise  # it is not lost
        except (OSError, ValueError, UnreadableVideo) as error:
            raise LostInput(
                _("A picture of this run is missing or damaged (%(what)s). Choose it again, then generate once more.")
                % {"what": self.label}
            ) from error
        if self.role != Role.MASK:
            return picture
        return np.where(picture.mean(axis=2) >= HALF, 255, 0).astype(np.uint8)

    def samples(self):
        """The sound that was given, or that of a clip: samples float32 (N, channels), and how many a second.

        Raises LostInput when it is not what was once chosen.
        """
        try:
            return self.asset.samples()
        except StorageAway:
            raise
        except (OSError, ValueError, UnreadableSound) as error:
            raise LostInput(_("The sound of this run is missing or damaged. Choose it again.")) from error

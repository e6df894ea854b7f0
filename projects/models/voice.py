"""A voice of a workspace, under a name of its own: one that an installed engine has, as fast as it is to speak."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.engine import catalogue
from generation.engine.sound_request import SPEED, SpeechRequest
from runwayweb.accounts.models import Belonging
from runwayweb.subscriptions.refused import Refused

MOST = 200  # of a workspace


class TooManyVoices(Refused):
    def __init__(self):
        super().__init__(_("A workspace has at most %(most)d voices. Delete one first.") % {"most": MOST})


class VoiceQuerySet(Belonging, models.QuerySet):
    def in_sight(self):
        return self.live()

    def live(self):
        return self.filter(deleted_at=None)

    def make(self, workspace, **columns):
        """A new one. Raises TooManyVoices."""
        if self.live().filter(workspace=workspace).count() >= MOST:
            raise TooManyVoices
        return self.create(workspace=workspace, **columns)


class Voice(models.Model):
    """`model` is the id of the engine that speaks; `speed` 1 is as fast as it does by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.PROTECT, related_name="voices")
    name = models.CharField(gettext_lazy("name"), max_length=60)
    description = models.TextField(gettext_lazy("description"), max_length=500, blank=True)
    model = models.CharField(max_length=100)
    speed = models.FloatField(default=1, validators=[MinValueValidator(SPEED[0]), MaxValueValidator(SPEED[1])])
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = VoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="voices_newest_first")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(speed__gte=SPEED[0], speed__lte=SPEED[1]), name="voice_speed_can_be_spoken"
            )
        ]

    def __str__(self):
        return self.name

    @property
    def key(self):
        """How whoever speaks with it names it."""
        return str(self.pk)

    @property
    def card(self):
        """The engine that speaks, or None where it is not installed any more."""
        return next((card for card in catalogue.cards() if card.id == self.model), None)

    def says(self, text, seed, speed=1.0):
        """The SpeechRequest of a text in this voice, `speed` times as fast as it speaks. Raises InvalidRequest."""
        least, most = SPEED
        return SpeechRequest(text, seed, speed=min(most, max(least, self.speed * speed)))

    def rename(self, *, name=None, description=None):
        """Call it otherwise, or say something else of it; None leaves that as it is."""
        told = {"name": name, "description": description}
        changed = {field: value for field, value in told.items() if value is not None}
        for field, value in changed.items():
            setattr(self, field, value)
        self.save(update_fields=list(changed))

    def delete_softly(self):
        """Take it away; True if this call did. What was said with it stays."""
        return bool(Voice.objects.live().filter(pk=self.pk).update(deleted_at=timezone.now()))

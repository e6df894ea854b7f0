"""The processes that do the work, as they announce themselves."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generation.engine.memory import Room

from .wish import Wish


class WorkerQuerySet(models.QuerySet):
    def beating(self, kind, within):
        """The workers of `kind` that gave a sign of life within this timedelta, by the database's clock."""
        return self.filter(kind=kind, beat_at__gt=Now() - within)

    def at_work(self):
        """Without those that an operator wants to rest."""
        return self.exclude(Wish.objects.meant_for())

    def living(self):
        """Those that gave one lately, whatever they do."""
        return self.filter(beat_at__gt=Now() - timedelta(seconds=3 * settings.BEAT_SECONDS + 5))


class Worker(models.Model):
    """One process. A worker stuck inside a single call stops beating, and the supervisor replaces it."""

    class Kind(models.TextChoices):
        GPU = "gpu", _("GPU worker")
        MEDIA = "media", _("Media worker")
        DISPATCHER = "dispatcher", _("Dispatcher")
        WEBHOOKS = "webhooks", _("Webhooks")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=100)
    host = models.CharField(max_length=255)
    # Its place on the machine, which the process that is started after it takes.
    slot = models.CharField(max_length=100, blank=True, default="", db_default="")
    pid = models.PositiveIntegerField()
    device = models.CharField(max_length=100, blank=True)
    gpu_gb = models.FloatField(null=True)  # of its GPU, 0 without one; not told by those that run no models
    ram_gb = models.FloatField(null=True)
    gpu_used_gb = models.FloatField(null=True)  # of its GPU, by whomever
    installed = models.JSONField(null=True)  # ids of the models where it runs; not told by those that run none
    warm = models.JSONField(null=True)  # ids of those it has loaded
    started_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(db_default=Now(), db_index=True)

    objects = WorkerQuerySet.as_manager()

    def __str__(self):
        return f"{self.name} ({self.pid} on {self.host})"

    def has(self, model):
        """Whether a model (its id) is installed where it runs; one that does not tell is taken to have it."""
        return self.installed is None or model in self.installed

    @property
    def room(self):
        """What it has for models, a Room; None where it did not say."""
        return None if self.gpu_gb is None else Room(self.gpu_gb, self.ram_gb or 0.0)

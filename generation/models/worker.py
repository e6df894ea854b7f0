"""The processes that do the work, as they announce themselves."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generation.engine.memory import Room


class WorkerQuerySet(models.QuerySet):
    def beating(self, kind, within):
        """The workers of `kind` that gave a sign of life within this timedelta, by the database's clock."""
        return self.filter(kind=kind, beat_at__gt=Now() - within)


class Worker(models.Model):
    """One process. A worker stuck inside a single call stops beating, and the supervisor replaces it."""

    class Kind(models.TextChoices):
        GPU = "gpu", _("GPU worker")
        MEDIA = "media", _("Media worker")
        DISPATCHER = "dispatcher", _("Dispatcher")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=100)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    device = models.CharField(max_length=100, blank=True)
    gpu_gb = models.FloatField(null=True)  # of its GPU, 0 without one; not told by those that run no models
    ram_gb = models.FloatField(null=True)
    started_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(db_default=Now(), db_index=True)

    objects = WorkerQuerySet.as_manager()

    def __str__(self):
        return f"{self.name} ({self.pid} on {self.host})"

    @property
    def room(self):
        """What it has for models, a Room; None where it did not say."""
        return None if self.gpu_gb is None else Room(self.gpu_gb, self.ram_gb or 0.0)

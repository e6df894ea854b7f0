"""The states of a generation, in the order it goes through them."""

from django.db import models
from django.utils.translation import gettext_lazy


class Status(models.TextChoices):
    """THROTTLED: accepted, and its credits held, but its workspace has as much in work as its plan allows."""

    THROTTLED = "throttled", gettext_lazy("Waiting for a place")
    QUEUED = "queued", gettext_lazy("Queued")
    RUNNING = "running", gettext_lazy("Running")
    SUCCEEDED = "succeeded", gettext_lazy("Succeeded")
    FAILED = "failed", gettext_lazy("Failed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


WAITING = (Status.THROTTLED, Status.QUEUED)
IN_WORK = (Status.QUEUED, Status.RUNNING)  # what takes a place of those that a plan has
IN_PROGRESS = (Status.THROTTLED, Status.QUEUED, Status.RUNNING)

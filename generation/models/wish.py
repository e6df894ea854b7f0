"""What an operator wants of a worker: kept in the database, and heeded by the process with its next beat."""

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.models import AuditEntry


class WishQuerySet(models.QuerySet):
    def of(self, worker):
        """What is wanted of a worker, a `What`; "" where it is to work. One query."""
        return self.filter(host=worker.host, slot=worker.slot).values_list("what", flat=True).first() or ""

    @transaction.atomic
    def ask(self, worker, what, *, by):
        """Want `what` of a worker; "": it is to work again. True if that is something else than before."""
        about = f"{worker.slot} · {worker.host}"
        here = self.filter(host=worker.host, slot=worker.slot)
        if not what:
            changed = bool(here.delete()[0])
        else:
            told = {"what": What(what), "since": timezone.now()}
            changed = bool(here.exclude(what=what).update(**told))
            if not changed and not here.exists():
                changed = self.get_or_create(host=worker.host, slot=worker.slot, defaults=told)[1]
        if changed:
            AuditEntry.objects.record(None, by, f"operator.worker_{DEEDS[what]}", about=about)
        return changed

    def meant_for(self):
        """Whether one of these is meant for the worker of an outer query."""
        return Exists(self.filter(host=OuterRef("host"), slot=OuterRef("slot")))


class What(models.TextChoices):
    """DRAIN: finish what is at hand and begin nothing. STOP: hand it back, without spending an attempt, then wait."""

    DRAIN = "drain", _("Draining")
    STOP = "stop", _("Stopped")


DEEDS = {What.DRAIN: "drained", What.STOP: "stopped", "": "resumed"}


class Wish(models.Model):
    """Of a place on a machine and not of a process: one that is started again there keeps to it."""

    What = What

    host = models.CharField(max_length=255)
    slot = models.CharField(max_length=100)
    what = models.CharField(max_length=8, choices=What)
    since = models.DateTimeField(default=timezone.now)

    objects = WishQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "slot"], name="wish_once_for_a_place")]

    def __str__(self):
        return f"{self.what}: {self.slot} on {self.host}"

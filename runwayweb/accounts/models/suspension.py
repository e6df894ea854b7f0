"""Stopping a person or a workspace, with a reason, and letting them go on later. Nothing is deleted."""

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.hooks import stop_work_of

from .audit import AuditEntry


class Suspendable(models.Model):
    """What the operator may stop. `suspended_because`: a sentence for whoever it concerns."""

    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    suspended_because = models.CharField(_("suspended because"), max_length=500, blank=True)

    class Meta:
        abstract = True

    @property
    def is_suspended(self):
        return self.suspended_at is not None

    @transaction.atomic
    def suspend(self, reason, *, by=None):
        """Stop it at once: nobody comes in by it, what runs is cancelled and paid back. True if this call did it.

        `by` None: the studio itself. Open pages hear of nothing any more within seconds, as after any lost right.
        """
        rows = type(self).objects.filter(pk=self.pk, suspended_at=None)
        suspended = rows.update(suspended_at=timezone.now(), suspended_because=reason, **self._closed(True))
        if suspended:
            self.refresh_from_db()
            for workspace, user in self._stopped():
                stop_work_of(workspace, user)
            self._tell("suspended", by, reason=reason)
        return bool(suspended)

    @transaction.atomic
    def lift_suspension(self, *, by):
        """Let them go on; True if this call did it. What was cancelled stays so."""
        rows = type(self).objects.filter(pk=self.pk, suspended_at__isnull=False)
        lifted = rows.update(suspended_at=None, suspended_because="", **self._closed(False))
        if lifted:
            self.refresh_from_db()
            self._tell("readmitted", by)
        return bool(lifted)

    def _tell(self, deed, by, **details):
        workspace, noun, about = self._logged()
        AuditEntry.objects.record(workspace, by, f"operator.{noun}_{deed}", about=about, **details)

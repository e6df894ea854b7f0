"""What an operator has switched otherwise than it is by default: for the studio, or for one workspace."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from .audit import AuditEntry


class FlagQuerySet(models.QuerySet):
    @transaction.atomic
    def switch(self, name, on, *, by, workspace=None):
        """Let the flag called `name` be True or False, or None: as it is by default, of a workspace as in the studio.
        True if that is something else than before."""
        from runwayweb.accounts import flags

        rows = self.filter(name=name, workspace=workspace)
        before = rows.values_list("is_on", flat=True).first()
        if before == on:
            return False
        if on is None:
            rows.delete()
        else:
            told = {"is_on": on, "by": by, "at": timezone.now()}
            self.update_or_create(name=name, workspace=workspace, defaults=told)
        state = {True: "on", False: "off", None: "default"}[on]
        AuditEntry.objects.record(workspace, by, "operator.flag_switched", about=name, state=state)
        flags.forget()
        transaction.on_commit(flags.forget)
        return True


class Flag(models.Model):
    """`name`: one of `flags.FLAGS`; `workspace` None: in the whole studio."""

    name = models.SlugField(max_length=50)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, null=True, related_name="flags")
    is_on = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "workspace"], name="flag_once_in_a_workspace"),
            models.UniqueConstraint(fields=["name"], condition=Q(workspace=None), name="flag_once_in_the_studio"),
        ]

    def __str__(self):
        return f"{self.name}: {self.is_on}"

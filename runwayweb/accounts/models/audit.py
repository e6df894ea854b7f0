"""What was done in a workspace: who, what, when. Written once, never changed."""

from django.conf import settings
from django.db import models

from runwayweb.accounts import acting


class AuditEntryQuerySet(models.QuerySet):
    def record(self, workspace, by, action, about="", **details):
        """Write down that `by` (None: the studio itself) did `action`, a noun and a verb ("member.invited").

        `workspace`: whose log tells it; None for what an operator did to the studio as a whole. `about`: whom or what
        it was done to, as people call it; `details`: what else JSON can hold. Belongs in the transaction of what was
        done.
        """
        name = by.email if by else ""
        if operator := acting.operator_of_this_request():
            if by and operator != by.email:
                details["operator"] = operator
        return self.create(workspace=workspace, by=by, by_name=name, action=action, about=about[:255], details=details)

    def forget(self, name):
        """Take a person's name out of every line: what was done stays, by somebody."""
        self.filter(by_name=name).update(by_name="")
        self.filter(about=name).update(about="")


class AuditEntry(models.Model):
    """One line of a workspace's log, or of the studio's."""

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, null=True, blank=True, related_name="audit_entries"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="audit_entries"
    )
    by_name = models.CharField(max_length=254, blank=True)  # stays when the account goes
    action = models.CharField(max_length=64)
    about = models.CharField(max_length=255, blank=True)
    details = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="audit_newest_first")]

    def __str__(self):
        return f"{self.action} {self.about}".strip()

"""A team, even of one: everything people make belongs to a workspace."""

import uuid

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .audit import AuditEntry
from .membership import Membership
from .role import Right, Role


class WorkspaceQuerySet(models.QuerySet):
    def of(self, user):
        """Those that `user` belongs to, in whatever role."""
        return self.filter(pk__in=Membership.objects.of(user).values("workspace"))

    def where(self, user, right):
        """Those in which `user` has `right`."""
        return self.filter(pk__in=Membership.objects.of(user).with_right(right).values("workspace"))

    def visible_to(self, user):
        """Those whose films `user` may see."""
        return self.where(user, Right.SEE)

    @transaction.atomic
    def open_for(self, user, name=""):
        """Make a workspace owned by `user`."""
        name = name or _("%(name)s's studio") % {"name": user.short_name}
        workspace = self.create(name=name)
        workspace.memberships.create(user=user, role=Role.OWNER)
        AuditEntry.objects.record(workspace, user, "workspace.created", about=name)
        return workspace


class Workspace(models.Model):
    """Owns projects, assets, generations and a wallet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(gettext_lazy("name"), max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WorkspaceQuerySet.as_manager()

    def __str__(self):
        return self.name

    @transaction.atomic
    def rename(self, name, *, by):
        """Call it `name`; True if it was called otherwise."""
        before = Workspace.objects.select_for_update().get(pk=self.pk).name
        if name == before:
            return False
        self.name = name
        self.save(update_fields=["name"])
        AuditEntry.objects.record(self, by, "workspace.renamed", about=name, before=before)
        return True

    def allows(self, user, right):
        """Whether `user` has `right` here. One query."""
        return Membership.objects.of(user).with_right(right).filter(workspace=self.pk).exists()

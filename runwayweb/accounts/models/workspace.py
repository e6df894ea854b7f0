"""A team, even of one: everything people make belongs to a workspace."""

import uuid

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class WorkspaceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The workspaces `user` is a member of."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(memberships__user=user)

    @transaction.atomic
    def open_for(self, user):
        """Make a workspace owned by `user`."""
        workspace = self.create(name=_("%(name)s's studio") % {"name": user.short_name})
        workspace.memberships.create(user=user, role="owner")
        return workspace


class Workspace(models.Model):
    """Owns projects, assets, generations and a wallet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(gettext_lazy("name"), max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WorkspaceQuerySet.as_manager()

    def __str__(self):
        return self.name

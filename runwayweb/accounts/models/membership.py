"""Who belongs to which workspace, and as what."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .role import Role


class MembershipQuerySet(models.QuerySet):
    def of(self, user):
        """Those of `user`; none of somebody who is not signed in."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def with_right(self, right):
        """Those whose role has `right`."""
        return self.filter(role__in=right.roles)


class Membership(models.Model):
    """One person in one workspace. A personal workspace has one, its owner."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.EDITOR)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "workspace"], name="member_once"),
            models.UniqueConstraint(fields=["workspace"], condition=Q(role="owner"), name="workspace_one_owner"),
        ]

    def __str__(self):
        return f"{self.user} in {self.workspace}"

    @property
    def rights(self):
        return Role(self.role).rights

    @property
    def role_words(self):
        """What the role may do, in a sentence."""
        return Role(self.role).words

"""Who belongs to which workspace, and as what."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Q, When
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from runwayweb.accounts.hooks import end_work_of

from .audit import AuditEntry
from .role import Right, Role

# What may still be done where the operator suspended a workspace: nobody has to go on paying for it.
STAYING = frozenset({Right.BILLING})


class OwnerStays(Exception):
    """A workspace is never without its owner: they hand it over before they leave, or become something else."""

    def __init__(self):
        super().__init__(_("This is the owner. The workspace is handed over to somebody else first."))


class MembershipQuerySet(models.QuerySet):
    def of(self, user):
        """Those of `user`; none of somebody who is not signed in."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def by_rank(self):
        """The owner first, then as the roles are told, then by name."""
        rank = Case(*[When(role=role, then=n) for n, role in enumerate(Role)], default=len(Role))
        return self.order_by(rank, Lower("user__name"), Lower("user__email"))

    def with_right(self, right):
        """Those whose role has `right`; in a workspace that is suspended, only rights that stay."""
        having = self.filter(role__in=right.roles)
        return having if right in STAYING else having.filter(workspace__suspended_at=None)


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
        rights = Role(self.role).rights
        return rights & STAYING if self.workspace.is_suspended else rights

    @property
    def role_words(self):
        """What the role may do, in a sentence."""
        return Role(self.role).words

    @transaction.atomic
    def change_role(self, role, *, by):
        """Make them another one here; True if they were none before. Raises OwnerStays."""
        if role == Role.OWNER:
            raise ValueError("A workspace is handed over to become somebody's.")
        before = self._locked()
        if before is None or before.role == role:
            return False
        self.role = role
        self.save(update_fields=["role"])
        AuditEntry.objects.record(
            self.workspace, by, "member.role_changed", about=self.user.email, before=before.role, role=role
        )
        if Right.MAKE in before.rights and Right.MAKE not in self.rights:
            end_work_of(self.workspace, self.user)
        return True

    @transaction.atomic
    def end(self, *, by):
        """Take them out, or let them go where they ask themselves; True if this call did it. Raises OwnerStays.

        What they made stays. Open pages hear of nothing any more within seconds: projects.consumers looks again.
        """
        if self._locked() is None:
            return False
        action = "member.left" if by == self.user else "member.removed"
        AuditEntry.objects.record(self.workspace, by, action, about=self.user.email, role=self.role)
        self.delete()
        end_work_of(self.workspace, self.user)
        return True

    def _locked(self):
        """The row as it is now, locked with its workspace; None where it is gone. Raises OwnerStays for the owner's."""
        self.workspace.locked()
        row = Membership.objects.filter(pk=self.pk).first()
        if row and row.role == Role.OWNER:
            raise OwnerStays
        return row

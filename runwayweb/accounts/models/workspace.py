"""A team, even of one: everything people make belongs to a workspace."""

import uuid
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runwayweb.accounts import hooks
from runwayweb.accounts.hooks import NotJoining, ask_for_seats

from .audit import AuditEntry
from .invitation import VALID_FOR
from .membership import Membership
from .role import Right, Role
from .suspension import Suspendable

MOST_MAILS_A_DAY = 100


class NotHandedOver(Exception):
    """Why a workspace stays with its owner: a sentence."""


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

    def of_the_people_behind(self, workspace):
        """`workspace`, and every other that its owners own, or that they or whoever made it have made."""
        owners = workspace.memberships.filter(role=Role.OWNER).values("user")
        makers = workspace.audit_entries.filter(action="workspace.created").values("by")
        theirs = Q(memberships__user__in=owners, memberships__role=Role.OWNER) | Q(
            Q(audit_entries__by__in=owners) | Q(audit_entries__by__in=makers), audit_entries__action="workspace.created"
        )
        return self.filter(theirs).distinct()

    @transaction.atomic
    def open_for(self, user, name=""):
        """Make a workspace owned by `user`."""
        name = name or _("%(name)s's studio") % {"name": user.short_name}
        workspace = self.create(name=name)
        workspace.memberships.create(user=user, role=Role.OWNER)
        AuditEntry.objects.record(workspace, user, "workspace.created", about=name)
        return workspace


class Workspace(Suspendable):
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
        before = self.locked().name
        if name == before:
            return False
        self.name = name
        self.save(update_fields=["name"])
        AuditEntry.objects.record(self, by, "workspace.renamed", about=name, before=before)
        return True

    @transaction.atomic
    def invite(self, email, role, *, by):
        """An invitation for an address, still to be sent; the open one with a new link where there is one.

        Raises NotJoining, with a sentence, where nobody more may come, or they are here.
        """
        email = email.lower()
        self.locked()
        reached = Q(email__iexact=email) | Q(emailaddress__email__iexact=email, emailaddress__verified=True)
        if get_user_model().objects.filter(reached, memberships__workspace=self).exists():
            raise NotJoining(_("%(email)s is in this workspace already.") % {"email": email})
        open_one = self.invitations.open().filter(email=email).first()
        if open_one:
            open_one.renew(by=by, role=role)
            return open_one
        ask_for_seats(self, self.seats_taken() + 1)
        self.ask_for_a_mail()
        now = timezone.now()
        made = self.invitations.create(email=email, role=role, by=by, sent_at=now, expires_at=now + VALID_FOR)
        AuditEntry.objects.record(self, by, "member.invited", about=email, role=role)
        return made

    @transaction.atomic
    def hand_over(self, member, *, by):
        """Make `member` the owner, and the owner an admin. Raises NotHandedOver."""
        self.locked()
        owner = self.memberships.filter(user=by, role=Role.OWNER).first()
        heir = self.memberships.filter(pk=member.pk, user__is_active=True).exclude(role=Role.OWNER).first()
        if not owner or not heir:
            raise NotHandedOver(_("Only the owner can hand a workspace over, to somebody else who is in it."))
        # The owner first: at no moment does the database let two be.
        self.memberships.filter(pk=owner.pk).update(role=Role.ADMIN)
        self.memberships.filter(pk=heir.pk).update(role=Role.OWNER)
        AuditEntry.objects.record(self, by, "workspace.handed_over", about=heir.user.email)
        return heir

    @transaction.atomic
    def erase(self):
        """Take everything out of it, for good. The row stays, nameless: its ledger and payments are kept."""
        for handler in reversed(hooks.erasing):
            handler(self)
        self.invitations.all().delete()
        self.audit_entries.all().delete()
        self.memberships.all().delete()
        self.name = "—"
        self.save(update_fields=["name"])

    def _closed(self, closed):
        return {}

    def _stopped(self):
        return [(self, None)]

    def _logged(self):
        return self, "workspace", self.name

    def seats_taken(self):
        """How many are here or may come by an invitation."""
        return self.memberships.count() + self.invitations.pending().count()

    def ask_for_a_mail(self):
        """Raises NotJoining where too many were invited today: nobody writes to strangers through us."""
        day = timezone.now() - timedelta(days=1)
        sent = self.audit_entries.filter(action__in=["member.invited", "invitation.resent"], created_at__gt=day)
        if sent.count() >= MOST_MAILS_A_DAY:
            raise NotJoining(_("Too many invitations were sent today. Go on tomorrow."))

    def locked(self):
        """This row for the rest of the transaction: who comes in, leaves or becomes the owner, does so one by one.

        What is made in the workspace meanwhile does not wait: it only needs the row to stay.
        """
        return Workspace.objects.select_for_update(no_key=True).get(pk=self.pk)

    @property
    def owner(self):
        return get_user_model().objects.get(memberships__workspace=self, memberships__role=Role.OWNER)

    def allows(self, user, right):
        """Whether `user` has `right` here. One query."""
        return Membership.objects.of(user).with_right(right).filter(workspace=self.pk).exists()

"""Leaving for good: asked for, thought over for a while, then done."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.db import models, transaction
from django.utils import timezone

from runwayweb.accounts.hooks import end_elsewhere

from .audit import AuditEntry
from .invitation import Invitation
from .membership import Membership
from .role import Role

GRACE = timedelta(days=14)


class ClosingQuerySet(models.QuerySet):
    def due_to_close(self):
        """Those whose time to think it over has passed."""
        return self.filter(closes_at__lte=timezone.now())


class Closable:
    """An account that its owner may give up: it stays as it is for GRACE, and signing in keeps it."""

    def owned(self, *, shared):
        """The workspaces this person owns: those with somebody else in them, or those without."""
        others = Membership.objects.filter(workspace=models.OuterRef("workspace")).exclude(user=self)
        owned = Membership.objects.filter(user=self, role=Role.OWNER).select_related("workspace")
        return [one.workspace for one in owned.filter(models.Exists(others) if shared else ~models.Exists(others))]

    def close_later(self):
        """Begin the time to think it over, and sign out everywhere; when it ends. The caller sends the mail."""
        self.closes_at = timezone.now() + GRACE
        self.save(update_fields=["closes_at"])
        for session in UserSession.objects.filter(user=self):
            session.end()
        return self.closes_at

    def stay(self):
        """Think better of it; True if there was something to think better of."""
        stays = type(self).objects.filter(pk=self.pk, closes_at__isnull=False).update(closes_at=None)
        self.closes_at = None
        return bool(stays)

    def erase(self):
        """Take the person away, and with them the workspaces that are theirs alone; True if this call did it.

        Raises NotYet where something of these elsewhere could not be ended just now: it all stays until the next try.

        What is shared goes on: a workspace that others came into meanwhile is handed to the first of them. The ledger
        stays as it was written: it knows workspaces, and no people.
        """
        if not type(self).objects.due_to_close().filter(pk=self.pk).exists():
            return False
        for workspace in self.owned(shared=False):
            end_elsewhere(workspace)
        return self._erase()

    @transaction.atomic
    def _erase(self):
        due = type(self).objects.select_for_update().due_to_close().filter(pk=self.pk).first()
        if due is None:
            return False
        for workspace in due.owned(shared=True):
            heir = workspace.memberships.exclude(user=due).by_rank().first()
            workspace.hand_over(heir, by=due)
        for workspace in due.owned(shared=False):
            workspace.erase()
        AuditEntry.objects.forget(due.email)
        Invitation.objects.filter(email=due.email.lower()).delete()
        due.delete()
        return True

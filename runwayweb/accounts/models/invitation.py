"""Somebody who was asked by mail to come into a workspace."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runwayweb.accounts.hooks import NotJoining, ask_for_seats
from runwayweb.accounts.mail import send_mail

from .audit import AuditEntry
from .role import Role

VALID_FOR = timedelta(days=7)
BETWEEN_MAILS = timedelta(minutes=1)
SIGNER = signing.Signer(salt="runwayweb.accounts.invitation")
BY_MAIL = "mail"  # in the token that is in the mail, and in no other


class InvitationQuerySet(models.QuerySet):
    def open(self):
        """Neither accepted nor revoked; perhaps expired."""
        return self.filter(accepted_at=None, revoked_at=None)

    def pending(self):
        """Those whose link lets somebody in."""
        return self.open().filter(expires_at__gt=timezone.now())

    def of_link(self, token):
        """The invitation that a link is of, whatever became of it; None where it is none, or an older one's."""
        try:
            id, turn, *more = SIGNER.unsign(token).split(".")
        except signing.BadSignature:
            return None
        invitation = self.filter(pk=uuid.UUID(id), turn=int(turn)).select_related("workspace", "by").first()
        if invitation:
            invitation.by_mail = more == [BY_MAIL]
        return invitation


class Invitation(models.Model):
    """An address that may come into a workspace, until it did, the link expires or somebody takes it back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()  # in lower case
    role = models.CharField(max_length=16, choices=Role, default=Role.EDITOR)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    turn = models.PositiveIntegerField(default=1)  # each mail has a link of its own, which ends those before
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()
    by_mail = False  # whether the link it was found by is the one of its mail: then whoever has it reads that address

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            ),
            models.CheckConstraint(condition=~Q(role="owner"), name="invitation_nobody_becomes_owner"),
        ]
        indexes = [models.Index(fields=["workspace", "sent_at"], name="invitation_by_sending")]

    def __str__(self):
        return f"{self.email} to {self.workspace}"

    @property
    def token(self):
        """What the link says that members may copy. It can be said again: nothing is kept but that it was sent."""
        return SIGNER.sign(f"{self.pk.hex}.{self.turn}")

    @property
    def mailed_token(self):
        """What the link of its mail says. Shown to nobody: it vouches for the address, as that of members does not."""
        return SIGNER.sign(f"{self.pk.hex}.{self.turn}.{BY_MAIL}")

    @property
    def has_expired(self):
        return self.expires_at <= timezone.now()

    @property
    def is_pending(self):
        return not (self.accepted_at or self.revoked_at or self.has_expired)

    @property
    def role_words(self):
        return Role(self.role).words

    def is_for(self, user):
        """Whether `user` has the address it was sent to."""
        return user.has_address(self.email)

    def send(self, link):
        """Mail `link`, the address of its page. Raises MailNotSent."""
        told = {"by": self.by.short_name if self.by else "Runwayweb", "workspace": self.workspace.name}
        told |= {"role": Role(self.role), "expires_at": self.expires_at, "button": gettext_lazy("Come in")}
        send_mail("invitation", self.email, language=self._language(), link=link, **told)

    @transaction.atomic
    def renew(self, *, by, role=None):
        """Make another link, valid from now on; the one before is no good any more. Raises NotJoining."""
        workspace = self.workspace.locked()
        before = Invitation.objects.open().filter(pk=self.pk).first()
        if before is None:
            raise NotJoining(_("This invitation was accepted or taken back meanwhile."))
        if before.sent_at > timezone.now() - BETWEEN_MAILS:
            raise NotJoining(_("A mail left for them a moment ago. Wait a minute before the next."))
        if before.has_expired:
            ask_for_seats(workspace, workspace.seats_taken() + 1)
        workspace.ask_for_a_mail()
        self.turn = before.turn + 1
        self.role, self.by = role or before.role, by
        self.sent_at = timezone.now()
        self.expires_at = self.sent_at + VALID_FOR
        self.save(update_fields=["turn", "role", "by", "sent_at", "expires_at"])
        AuditEntry.objects.record(workspace, by, "invitation.resent", about=self.email, role=self.role)

    @transaction.atomic
    def revoke(self, *, by):
        """Take it back; True if this call did it."""
        self.workspace.locked()  # first, as every other verb does: two that lock in another order wait for each other
        revoked = Invitation.objects.open().filter(pk=self.pk).update(revoked_at=timezone.now())
        if revoked:
            AuditEntry.objects.record(self.workspace, by, "invitation.revoked", about=self.email)
        return bool(revoked)

    @transaction.atomic
    def accept(self, user):
        """Let `user` in, and use the workspace from now on; the membership. Raises NotJoining.

        Accepted twice by the same person, the second finds the first's.
        """
        if not self.is_for(user):
            sentence = _("This invitation is for %(email)s, which is not an address of yours.")
            raise NotJoining(sentence % {"email": self.email})
        workspace = self.workspace.locked()
        now = timezone.now()
        accepted = Invitation.objects.pending().filter(pk=self.pk, turn=self.turn)
        accepted = accepted.update(accepted_at=now, accepted_by=user)
        member = workspace.memberships.filter(user=user).first()
        if not accepted and not member:
            raise NotJoining(_("This invitation is no good any more. Ask for another."))
        if not member:
            ask_for_seats(workspace, workspace.memberships.count() + 1)
            member = workspace.memberships.create(user=user, role=self.role)
            AuditEntry.objects.record(workspace, user, "member.joined", about=user.email, role=self.role)
        user.use(workspace)
        return member

    def _language(self):
        """That of whoever has the address here, or else the one that is spoken now."""
        known = get_user_model().objects.filter(email__iexact=self.email).first()
        return (known and known.language) or None

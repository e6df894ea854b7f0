"""A key by which a program reaches a workspace."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from runwayweb.accounts.models import AuditEntry, Belonging, Membership, Right
from runwayweb.api import keys

from .budget import Budgeted

USED_SECONDS = 60  # how exactly it is known when a key was last used
MOST_KEYS = 100  # of a workspace: each has its own count of requests


class TooManyKeys(Exception):
    """Why a workspace gets no further key: a sentence."""

    def __init__(self):
        super().__init__(_("A workspace has %(most)d keys at most. Revoke one first.") % {"most": MOST_KEYS})


class Scope(models.TextChoices):
    """What a key may do; each one by itself."""

    READ = "read", "Read"  # tasks, assets, films, usage
    GENERATE = "generate", "Generate"  # everything that makes work and spends credits
    ADMIN = "admin", "Admin"  # webhooks and other settings


class KeyQuerySet(Belonging, models.QuerySet):
    def live(self):
        """Those that open something now."""
        return self.good().filter(workspace__suspended_at=None)

    def good(self):
        """Those that open something now, or would if their workspace were not suspended. A key does nothing that
        whoever made it may not do: it opens nothing while they are suspended or giving up their account, or may not
        make films in its workspace."""
        makers = Membership.objects.filter(
            role__in=Right.MAKE.roles,
            workspace=OuterRef("workspace"),
            user=OuterRef("created_by"),
            user__is_active=True,
            user__closes_at=None,
        )
        return self.filter(Exists(makers), Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)

    @transaction.atomic
    def issue(self, workspace, *, by, name, scopes=tuple(Scope), credit_budget=None, expires_at=None):
        """A new key and, for the only time, how it reads in plain: (Key, str). Raises TooManyKeys."""
        if self.filter(workspace=workspace, revoked_at=None).count() >= MOST_KEYS:
            raise TooManyKeys
        plain = keys.new_key()
        key = self.create(
            workspace=workspace,
            created_by=by,
            name=name,
            digest=keys.digest_of(plain),
            last_four=plain[-4:],
            scopes=sorted(scopes),
            credit_budget=credit_budget,
            expires_at=expires_at,
        )
        key._record(by, "key.created")
        return key, plain

    def find(self, plain):
        """The good key that reads so, or None; its workspace may be suspended. One query, none for what has not the
        shape of a key.

        The checksum is looked at last: so a wrong one takes as long as a key that is unknown or revoked.
        """
        if not keys.SHAPE.fullmatch(plain):
            return None
        found = self.good().select_related("workspace", "created_by").filter(digest=keys.digest_of(plain)).first()
        return found if keys.is_well_formed(plain) else None

    def give_back(self, credits):
        """Take credits that were not spent after all off what these used. Where more was spent than was counted (what
        a workflow had made before went into the trash meanwhile, and was made again) nothing: the line is crossed
        already, and the key stops there."""
        if credits > 0:
            self.update(credits_used=F("credits_used") - credits)

    def end_those_of(self, workspace, user):
        """Revoke the keys of somebody who may not make films there any more: they know how these read, and coming back
        does not bring them back."""
        for key in self.filter(workspace=workspace, created_by=user, revoked_at=None):
            if self.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
                key._record(None, "key.ended", maker=user.email)


class Key(Budgeted, models.Model):
    """Only its digest is kept. `scopes`: names of Scope. `credit_budget`: the most it may spend in all; None: no such
    limit."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="api_keys")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="api_keys"
    )
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    last_four = models.CharField(max_length=4)
    scopes = models.JSONField(default=list)
    credit_budget = models.PositiveIntegerField(null=True)
    credits_used = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(credit_budget=None) | Q(credits_used__lte=F("credit_budget")), name="key_within_its_budget"
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.shown})"

    @property
    def shown(self):
        """As much of how it reads as anybody may see."""
        return f"{keys.PREFIX}…{self.last_four}"

    @property
    def has_expired(self):
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def opens(self):
        """Whether it opens something now. One query."""
        return Key.objects.live().filter(pk=self.pk).exists()

    def may(self, scope):
        """Whether it reaches what has that scope; settings only while they are its maker's business. One query where
        it is asked for those."""
        within = scope in self.scopes
        return within and (scope != Scope.ADMIN or self.workspace.allows(self.created_by, Right.SETTINGS))

    @transaction.atomic
    def revoke(self, *, by=None):
        """It opens nothing any more; True if this call did it."""
        revoked = Key.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now())
        if revoked:
            self._record(by, "key.revoked")
        return bool(revoked)

    def was_used(self):
        """Remember when, to the minute, so that most calls write nothing."""
        now = timezone.now()
        if self.last_used_at is None or (now - self.last_used_at).total_seconds() > USED_SECONDS:
            self.last_used_at = now
            Key.objects.filter(pk=self.pk).update(last_used_at=now)

    def _record(self, by, action, **details):
        AuditEntry.objects.record(self.workspace, by, action, about=self.name, key=self.shown, **details)

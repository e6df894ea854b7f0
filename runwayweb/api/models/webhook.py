"""Addresses that are told what happens in a workspace, and all that they were told."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation.models import Event
from runwayweb.accounts.models import AuditEntry, Belonging
from runwayweb.api.webhooks import addresses
from runwayweb.api.webhooks.addresses import AddressRefused
from runwayweb.api.webhooks.kinds import ASKED_FOR, EVERYTHING, TEST, payload
from runwayweb.api.webhooks.signing import new_secret
from runwayweb.sealing import Seal
from runwayweb.subscriptions import limits
from runwayweb.subscriptions.refused import Refused

OLD_SECRET = timedelta(hours=24)  # so long the one before still signs
MOST_SECRETS = 4
FAILING = timedelta(days=5)  # of nothing but failures
SEAL = Seal(b"runwayweb.api.webhooks ")
TRIED_BEFORE = 4  # attempts at one message: a receiver that is seldom told anything is not judged by a single one
TESTS_A_MINUTE = 5
SLOW_SECONDS = 3  # whoever takes longer for an answer waits behind the others
LONGEST_DESCRIPTION = 200


class EndpointQuerySet(Belonging, models.QuerySet):
    def enabled(self):
        return self.filter(disabled_at=None)

    def add(self, workspace, *, by, url, event_types=(EVERYTHING,), description=""):
        """A new one and, for the only time, its secret in plain: (Endpoint, str). Raises Refused."""
        limits.check_api(workspace)
        url = addresses.check(url)
        event_types = asked_for(event_types)
        plain = new_secret()
        with transaction.atomic():
            workspace.locked()
            if self.filter(workspace=workspace).count() >= settings.WEBHOOK_ENDPOINTS:
                raise Refused(
                    ngettext(
                        "A workspace has %(most)d webhook at most. Delete one that is not needed any more.",
                        "A workspace has %(most)d webhooks at most. Delete one that is not needed any more.",
                        settings.WEBHOOK_ENDPOINTS,
                    )
                    % {"most": settings.WEBHOOK_ENDPOINTS}
                )
            self.refuse_twice(workspace, url)
            endpoint = self.create(
                workspace=workspace, url=url, event_types=event_types, description=on_one_line(description)
            )
            endpoint.secrets.create(sealed=SEAL.seal(plain))
            endpoint.listen_from_now()
            AuditEntry.objects.record(workspace, by, "webhook.added", about=url)
        return endpoint, plain

    def refuse_twice(self, workspace, url):
        """Raises Refused for an address that would be told everything twice."""
        if self.filter(workspace=workspace, url=url).exists():
            raise AddressRefused(_("There is a webhook for this address already."))


class Endpoint(models.Model):
    """One address, with what it wants to be told of. `event_types`: of `kinds.ASKED_FOR`."""

    class Disabled(models.TextChoices):
        BY_HAND = "by_hand", gettext_lazy("Switched off by hand")
        GONE = "gone", gettext_lazy("Switched off: it answered 410, nothing is wanted there any more")
        FAILING = "failing", gettext_lazy("Switched off: for five days nothing could be delivered")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=2048)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, blank=True)
    event_types = models.JSONField(default=list)
    heard_until = models.PositiveBigIntegerField(default=0)  # the event after which it wants to know
    disabled_at = models.DateTimeField(null=True)
    disabled_why = models.CharField(max_length=16, choices=Disabled, blank=True)
    failing_since = models.DateTimeField(null=True)  # the first of the failures since something was taken
    slow = models.BooleanField(default=False)  # it kept somebody waiting the last time
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self):
        return self.url

    # Questions

    @property
    def is_enabled(self):
        return self.disabled_at is None

    def wants(self, event_type):
        return EVERYTHING in self.event_types or event_type in self.event_types

    def check_enabled(self):
        """Raises Refused where nothing is sent there."""
        if not self.is_enabled:
            raise Refused(_("This webhook is switched off. Switch it on first."))

    def plain_secrets(self):
        """Those that sign just now, the newest first. Raises Sealed. One query."""
        return [SEAL.unseal(secret.sealed) for secret in self.secrets.signing()]

    # Verbs

    def change(self, *, by, url=None, event_types=None, description=None):
        """Whatever is given. Raises Refused."""
        before = self.url
        changed = {}
        if url is not None and url.strip() != before:
            changed["url"] = addresses.check(url)
        if event_types is not None:
            changed["event_types"] = asked_for(event_types)
        if description is not None:
            changed["description"] = on_one_line(description)
        with transaction.atomic():
            self.workspace.locked()
            if "url" in changed:
                Endpoint.objects.refuse_twice(self.workspace, changed["url"])
            Endpoint.objects.filter(pk=self.pk).update(**changed)
            AuditEntry.objects.record(self.workspace, by, "webhook.changed", about=changed.get("url", before))
        self.refresh_from_db()

    @transaction.atomic
    def rotate(self, *, by):
        """A new secret, in plain; the one before signs beside it for a day."""
        self.workspace.locked()
        plain, now = new_secret(), timezone.now()
        self.secrets.filter(ends_at=None).update(ends_at=now + OLD_SECRET)
        self.secrets.create(sealed=SEAL.seal(plain))
        kept = self.secrets.signing()[:MOST_SECRETS]
        self.secrets.exclude(pk__in=[secret.pk for secret in kept]).delete()
        AuditEntry.objects.record(self.workspace, by, "webhook.rotated", about=self.url)
        return plain

    @transaction.atomic
    def disable(self, why, *, by=None):
        """Nothing more is sent there; what waits is given up. True if this call did it."""
        now = timezone.now()
        disabled = Endpoint.objects.filter(pk=self.pk, disabled_at=None).update(disabled_at=now, disabled_why=why)
        if disabled:
            self.deliveries.waiting().give_up()
            AuditEntry.objects.record(self.workspace, by, "webhook.disabled", about=self.url, why=why)
            self.refresh_from_db()
        return bool(disabled)

    @transaction.atomic
    def enable(self, *, by):
        """From now on it is told again. True if this call did it. Raises LimitReached."""
        limits.check_api(self.workspace)
        again = {"disabled_at": None, "disabled_why": "", "failing_since": None, "slow": False}
        enabled = Endpoint.objects.filter(pk=self.pk).exclude(disabled_at=None).update(**again)
        if enabled:
            self.listen_from_now()
            AuditEntry.objects.record(self.workspace, by, "webhook.enabled", about=self.url)
            self.refresh_from_db()
        return bool(enabled)

    @transaction.atomic
    def remove(self, *, by):
        """It is forgotten, with all that it was told."""
        AuditEntry.objects.record(self.workspace, by, "webhook.deleted", about=self.url)
        self.delete()

    def send_test(self):
        """A message that means nothing, sent once. Raises Refused."""
        self.check_enabled()
        now = timezone.now()
        lately = self.deliveries.filter(event_type=TEST, created_at__gt=now - timedelta(minutes=1))
        if lately.count() >= TESTS_A_MINUTE:
            raise Refused(_("Enough tests were sent for the moment. Wait a minute."))
        said = payload(TEST, now, {"webhook": str(self.pk)})
        return self.deliveries.create(event_type=TEST, payload=said, next_attempt_at=now)

    def replay(self, since):
        """Send again what failed since a moment; how many messages. Raises Refused."""
        self.check_enabled()
        return self.deliveries.failed().filter(created_at__gte=since).again()

    def heard(self, outcome, attempts):
        """What an attempt tells of the receiver: True where it was the last, and nothing more is sent there.

        Writes only where something is other than before.
        """
        slow = not outcome.was_taken or outcome.seconds > SLOW_SECONDS
        row = Endpoint.objects.filter(pk=self.pk)
        row.exclude(slow=slow).update(slow=slow)
        if outcome.was_taken:
            row.exclude(failing_since=None).update(failing_since=None)
            return False
        now = timezone.now()
        row.filter(failing_since=None).update(failing_since=now)
        if outcome.is_gone:
            return self.disable(self.Disabled.GONE)
        tired = attempts >= TRIED_BEFORE and row.filter(failing_since__lte=now - FAILING).exists()
        return tired and self.disable(self.Disabled.FAILING)

    def listen_from_now(self):
        """Of what happened before nothing is told. Inside the transaction in which it begins to listen."""
        self.heard_until = Event.objects.last_sequence(self.workspace)
        self.save(update_fields=["heard_until"])
        Cursor.objects.get_or_create(workspace=self.workspace, defaults={"sequence": self.heard_until})


class SecretQuerySet(models.QuerySet):
    def signing(self):
        """Those that have not ended, the newest first."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now())).order_by("-pk")

    def ended(self):
        return self.filter(ends_at__lte=timezone.now())


class Secret(models.Model):
    """What messages to an endpoint are signed with; until `ends_at`, None for the newest."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(null=True)

    objects = SecretQuerySet.as_manager()

    def __str__(self):
        return f"of {self.endpoint_id}"


class CursorQuerySet(models.QuerySet):
    def behind(self):
        """[(cursor, newest sequence)] of workspaces where something happened that was not looked at. One query."""
        behind = self.filter(workspace__event_counter__last__gt=models.F("sequence"))
        return [(cursor, cursor.last) for cursor in behind.annotate(last=models.F("workspace__event_counter__last"))]


class Cursor(models.Model):
    """Up to which event messages were written for the endpoints of a workspace."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, related_name="webhook_cursor")
    sequence = models.PositiveBigIntegerField(default=0)

    objects = CursorQuerySet.as_manager()

    def __str__(self):
        return f"{self.workspace_id}: {self.sequence}"

    def move(self, sequence):
        """True if nobody else moved it since it was read."""
        return bool(Cursor.objects.filter(pk=self.pk, sequence=self.sequence).update(sequence=sequence))


def on_one_line(text):
    """Words as they are kept, without what nobody sees."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def asked_for(event_types):
    """Event types, each once, in the order in which they are told. Raises Refused."""
    strange = sorted(set(event_types) - set(ASKED_FOR))
    if strange:
        told = {"strange": ", ".join(strange), "known": ", ".join(ASKED_FOR)}
        raise Refused(_("There is no such event: %(strange)s. There are: %(known)s.") % told)
    if not event_types:
        raise Refused(_("Choose at least one event."))
    return [one for one in ASKED_FOR if one in event_types]

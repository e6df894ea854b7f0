"""One message to one endpoint: written when something happened, sent until it is taken."""

import random
import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from runwayweb.accounts.models import Belonging
from runwayweb.api.webhooks.kinds import TEST
from runwayweb.api.webhooks.sending import Why

# Between one attempt and the next, as Standard Webhooks proposes: ten attempts within little more than three days.
PAUSES = [
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
]  # fmt: skip
ATTEMPTS = len(PAUSES) + 1
JITTER = 0.1  # of a pause at most, on top of it: receivers that come back are not overrun
CLAIMED = timedelta(seconds=60)  # longer than an attempt can take
BATCH = 500


class DeliveryQuerySet(Belonging, models.QuerySet):
    to_workspace = "endpoint__workspace"

    def waiting(self):
        return self.filter(status=Delivery.Status.PENDING)

    def failed(self):
        return self.filter(status=Delivery.Status.FAILED)

    def due(self):
        """Those whose time has come and that may be sent."""
        return self.waiting().unclaimed().filter(next_attempt_at__lte=timezone.now(), endpoint__disabled_at=None)

    def unclaimed(self):
        """Those that nobody is sending. A sender that died is waited for until CLAIMED has gone by."""
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lte=timezone.now()))

    def endpoints_due(self):
        """Ids of the endpoints of these rows, whoever waits longest first."""
        return self.order_by().values("endpoint").annotate(first=Min("next_attempt_at")).order_by("first")

    def again(self):
        """Send these once more from the beginning, under the ids they have; how many."""
        return self.update(
            status=Delivery.Status.PENDING, attempts=0, why="", next_attempt_at=timezone.now(), claimed_until=None
        )

    def give_up(self):
        return self.update(status=Delivery.Status.FAILED, why=Why.DISABLED, next_attempt_at=None, claimed_until=None)

    def forget(self, before):
        """Delete what ended and was written before a moment, BATCH at most; how many."""
        old = self.exclude(status=Delivery.Status.PENDING).filter(created_at__lt=before)
        return self.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()[0]


class Delivery(models.Model):
    """Its id is the message's: the same however often it is sent. `sequence`: of the event; None for a test."""

    class Status(models.TextChoices):
        PENDING = "pending", gettext_lazy("Waiting")
        SUCCEEDED = "succeeded", gettext_lazy("Delivered")
        FAILED = "failed", gettext_lazy("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey("api.Endpoint", on_delete=models.CASCADE, related_name="deliveries")
    sequence = models.PositiveBigIntegerField(null=True)
    event_type = models.CharField(max_length=40)
    payload = models.JSONField()
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)  # somebody is sending it
    # Of the last attempt:
    sent_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=16, choices=Why, blank=True)
    response_code = models.PositiveSmallIntegerField(null=True)
    response_start = models.TextField(blank=True)  # 1 kB of it
    seconds = models.FloatField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            # Whoever reads the events twice writes no message twice.
            models.UniqueConstraint(fields=["endpoint", "sequence"], name="delivery_once_an_event"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(status="pending"), name="delivery_waiting"),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="delivery_newest_first"),
            models.Index(fields=["created_at"], name="delivery_oldest_first"),
        ]

    def __str__(self):
        return f"{self.event_type} {self.message_id}"

    @property
    def message_id(self):
        return f"msg_{self.pk.hex}"

    @property
    def has_ended(self):
        return self.status != self.Status.PENDING

    def claim(self):
        """Take it to be sent now; True if nobody else did. The attempt counts from here, be it lost."""
        now = timezone.now()
        claimed = Delivery.objects.waiting().unclaimed().filter(pk=self.pk, attempts=self.attempts)
        if not claimed.update(attempts=F("attempts") + 1, claimed_until=now + CLAIMED, sent_at=now):
            return False
        self.attempts += 1
        return True

    def settle(self, outcome):
        """Keep what came of the attempt; True if it still was this call's to say."""
        kept = {
            "why": outcome.why,
            "response_code": outcome.code,
            "response_start": outcome.reply,
            "seconds": outcome.seconds,
            "claimed_until": None,
        }
        if outcome.was_taken:
            kept |= {"status": self.Status.SUCCEEDED, "next_attempt_at": None}
        elif self.attempts >= ATTEMPTS or self.event_type == TEST:
            kept |= {"status": self.Status.FAILED, "next_attempt_at": None}
        else:
            kept |= {"next_attempt_at": timezone.now() + pause_after(self.attempts)}
        mine = Delivery.objects.waiting().filter(pk=self.pk, attempts=self.attempts)
        return bool(mine.update(**kept))

    def replay(self):
        """Send it again, or now rather than later; True if that changes anything. Raises Refused."""
        self.endpoint.check_enabled()
        mine = Delivery.objects.filter(pk=self.pk)
        if mine.exclude(status=self.Status.PENDING).again():
            return True
        now = timezone.now()
        return bool(mine.waiting().unclaimed().filter(next_attempt_at__gt=now).update(next_attempt_at=now))


def pause_after(attempts):
    """How long until the next attempt, after so many that failed."""
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    return pause * (1 + random.random() * JITTER)  # nosec B311  # whoever guesses it gains nothing

"""What became of the credits of one grant: they are spent in the order in which they expire."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .entry import Entry, Kind, Written


class Source(models.TextChoices):
    SIGNUP = "signup", _("A start")
    PLAN = "plan", _("The plan")
    PACK = "pack", _("A pack")
    OPERATOR = "operator", _("The studio")


class LotQuerySet(models.QuerySet):
    def oldest_first(self):
        """What expires first, first; what never does, last."""
        return self.order_by(F("expires_at").asc(nulls_last=True), "pk")

    def spendable(self):
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), available__gt=0)

    def due(self):
        """Those with credits that are past their time."""
        return self.filter(expires_at__lte=timezone.now(), available__gt=0)


class Lot(models.Model):
    """One grant. Its `amount` never changes, and lies in its other columns, as its portions of the entries say."""

    Source = Source

    wallet = models.ForeignKey("subscriptions.Wallet", on_delete=models.PROTECT, related_name="lots")
    source = models.CharField(_("source"), max_length=16, choices=Source, default=Source.OPERATOR)
    reference = models.CharField(max_length=100)
    amount = models.BigIntegerField(_("granted"))
    available = models.BigIntegerField(_("available"), default=0)
    held = models.BigIntegerField(_("held"), default=0)
    spent = models.BigIntegerField(_("spent"), default=0)
    expired = models.BigIntegerField(_("expired"), default=0)
    taken = models.BigIntegerField(_("taken back"), default=0)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        indexes = [
            models.Index(fields=["wallet", "expires_at"], condition=Q(available__gt=0), name="lots_to_spend"),
            models.Index(fields=["expires_at"], condition=Q(available__gt=0), name="lots_to_expire"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["wallet", "reference"], name="lot_once_per_reference"),
            models.CheckConstraint(
                condition=Q(available__gte=0, held__gte=0, spent__gte=0, expired__gte=0, taken__gte=0),
                name="lot_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(amount=F("available") + F("held") + F("spent") + F("expired") + F("taken")),
                name="lot_every_credit_accounted_for",
            ),
        ]

    def __str__(self):
        return self.reference

    @property
    def is_over(self):
        return self.expires_at is not None and self.expires_at <= timezone.now()


# kind → (the column of a lot it leaves, the column it enters)
COLUMNS = {
    Kind.GRANT: (None, "available"),
    Kind.HOLD: ("available", "held"),
    Kind.CAPTURE: ("held", "spent"),
    Kind.RELEASE: ("held", "available"),
    Kind.EXPIRE: ("available", "expired"),
    Kind.TAKE_BACK: ("available", "taken"),
    Kind.REPAY: ("available", "taken"),
}


class Portion(Written):
    """How much of an entry is of which lot. What is owed is of none: it was spent."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="portions")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="portions")
    amount = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "lot"], name="portion_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="portion_moves_something"),
        ]

    def __str__(self):
        return f"{self.amount} of {self.lot_id}"

"""One line of the ledger: credits that moved from one account to another. Written once, never changed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Account(models.TextChoices):
    """Where credits can lie. Two are sources, and stand below zero: `granted`, what the house gave, and `debt`, what a
    workspace spent of credits that were taken back from it."""

    GRANTED = "granted", _("Granted")
    AVAILABLE = "available", _("Available")
    HELD = "held", _("Held")
    SPENT = "spent", _("Spent")
    EXPIRED = "expired", _("Expired")
    DEBT = "debt", _("Owed")


SOURCES = (Account.GRANTED, Account.DEBT)


class Kind(models.TextChoices):
    GRANT = "grant", _("Grant")
    HOLD = "hold", _("Hold")
    CAPTURE = "capture", _("Capture")
    RELEASE = "release", _("Release")
    EXPIRE = "expire", _("Expiry")
    TAKE_BACK = "take_back", _("Taken back")
    OWE = "owe", _("Taken back after it was spent")
    REPAY = "repay", _("Repaid")


# kind → (the account it leaves, the account it enters)
ROUTES = {
    Kind.GRANT: (Account.GRANTED, Account.AVAILABLE),
    Kind.HOLD: (Account.AVAILABLE, Account.HELD),
    Kind.CAPTURE: (Account.HELD, Account.SPENT),
    Kind.RELEASE: (Account.HELD, Account.AVAILABLE),
    Kind.EXPIRE: (Account.AVAILABLE, Account.EXPIRED),
    Kind.TAKE_BACK: (Account.AVAILABLE, Account.GRANTED),
    Kind.OWE: (Account.DEBT, Account.GRANTED),
    Kind.REPAY: (Account.AVAILABLE, Account.DEBT),
}


class AppendOnly(Exception):
    """The ledger is only ever added to; a mistake is set right by another entry."""


class LedgerQuerySet(models.QuerySet):
    def update(self, **values):
        raise AppendOnly("Ledger entries are not changed.")

    def delete(self):
        raise AppendOnly("Ledger entries are not deleted.")


class Written(models.Model):
    """A row that is written once."""

    objects = LedgerQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise AppendOnly("Ledger entries are not changed.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnly("Ledger entries are not deleted.")


class Entry(Written):
    """`amount` whole credits moved from `debit` to `credit`; `reference` says what for, once for each kind."""

    wallet = models.ForeignKey("subscriptions.Wallet", on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=16, choices=Kind)
    debit = models.CharField(max_length=16, choices=Account)
    credit = models.CharField(max_length=16, choices=Account)
    amount = models.PositiveBigIntegerField()
    reference = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = _("entries")
        ordering = ["id"]
        indexes = [models.Index(fields=["wallet", "kind", "created_at"])]
        constraints = [
            models.UniqueConstraint(fields=["wallet", "reference", "kind"], name="entry_once_per_reference_and_kind"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="entry_moves_something"),
            models.CheckConstraint(
                condition=Q(*[Q(kind=kind, debit=debit, credit=credit) for kind, (debit, credit) in ROUTES.items()],
                            _connector=Q.OR),
                name="entry_takes_its_kinds_route",
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.kind} {self.amount} for {self.reference}"

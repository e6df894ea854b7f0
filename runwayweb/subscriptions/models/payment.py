"""What a workspace paid, or owes: an invoice at Stripe, or a checkout without one."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .lot import Lot, Source

A_MINUTE = timedelta(minutes=1)  # by which Stripe may have begun a period after the payment for it


class Status(models.TextChoices):
    """An invoice's, as Stripe calls them."""

    OPEN = "open", _("Open")
    PAID = "paid", _("Paid")
    VOID = "void", _("Withdrawn")
    UNCOLLECTIBLE = "uncollectible", _("Given up")


class PaymentQuerySet(models.QuerySet):
    def owed_by(self, workspace):
        """What was tried to be collected and could not, the newest first."""
        return self.filter(workspace=workspace, status=Status.OPEN, attempts__gt=0)

    def of_period(self, workspace, starts_at):
        """What was paid for the period of a plan that began then, or None. Packs are no such thing."""
        bought = Lot.objects.filter(wallet__workspace=workspace, source=Source.PACK)
        packs = set(bought.values_list("reference", flat=True))
        since = self.filter(workspace=workspace, status=Status.PAID, paid_at__gte=starts_at - A_MINUTE)
        return next((one for one in since.order_by("paid_at", "pk") if one.reference not in packs), None)


class Payment(models.Model):
    """`credits`: how many it brought; `taken_back` of them were taken again when money went back. `read_at`: when what
    is known of that began to be read."""

    Status = Status

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="payments")
    stripe_id = models.CharField(max_length=200, unique=True)  # in_…, or cs_…
    intent = models.CharField(max_length=200, blank=True, db_index=True)  # pi_…, by which refunds name it
    number = models.CharField(_("number"), max_length=100, blank=True)
    about = models.CharField(max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.OPEN)
    cents = models.BigIntegerField(_("amount, in cents"), default=0)
    refunded_cents = models.BigIntegerField(_("paid back, in cents"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    disputed = models.BooleanField(default=False)
    page = models.URLField(max_length=1000, blank=True)
    credits = models.PositiveBigIntegerField(_("credits"), default=0)
    taken_back = models.PositiveBigIntegerField(_("credits taken back"), default=0)
    corrections = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return self.number or self.stripe_id

    @property
    def reference(self):
        """By which the ledger names it."""
        return f"{'invoice' if self.stripe_id.startswith('in_') else 'checkout'}:{self.stripe_id}"

    @property
    def corrected_as(self):
        """By which the ledger names what was taken back of it and given again, oldest first."""
        return [f"{self.reference}:{number}" for number in range(1, self.corrections + 1)]

    @property
    def is_withdrawn(self):
        """Whether what was paid is gone: paid back whole, or in dispute."""
        return self.disputed or 0 < self.cents <= self.refunded_cents

    @property
    def is_paid(self):
        return self.status == Status.PAID

    def bring_month(self, wallet, number, plan, ends_at):
        """The credits of a later month of the year that this paid for, once; whether this call did it.

        As they are its credits from then on, a refund takes its part of them, too; of what was paid back before, that
        part does not come.
        """
        credits = self.credits + plan.credits_a_month
        taken_back = credits * self.refunded_cents // self.cents if self.cents else self.taken_back
        part = plan.credits_a_month - max(taken_back - self.taken_back, 0)
        if self.is_withdrawn or part <= 0:
            return False
        reference = f"{self.reference}:month:{number}"
        given = wallet.grant_month(plan, reference=reference, ends_at=ends_at, credits=part)
        if given:
            self.credits, self.taken_back = credits, taken_back
            self.save(update_fields=["credits", "taken_back"])
        return given

"""Which plan a workspace is on, whether Stripe says so or the operator."""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .plan import Plan


class Interval(models.TextChoices):
    MONTH = "month", _("Monthly")
    YEAR = "year", _("Yearly")


class Status(models.TextChoices):
    """As Stripe calls them."""

    ACTIVE = "active", _("Active")
    TRIALING = "trialing", _("On trial")
    PAST_DUE = "past_due", _("Payment overdue")
    INCOMPLETE = "incomplete", _("First payment missing")
    INCOMPLETE_EXPIRED = "incomplete_expired", _("Never paid")
    UNPAID = "unpaid", _("Not paid")
    PAUSED = "paused", _("Paused")
    CANCELED = "canceled", _("Ended")


IN_FORCE = (Status.ACTIVE, Status.TRIALING)
ENDED = (Status.CANCELED, Status.INCOMPLETE_EXPIRED)


class SubscriptionQuerySet(models.QuerySet):
    @transaction.atomic
    def assign(self, workspace, plan, *, until=None):
        """Put a workspace on a plan without a payment, as an operator does, with the credits of its first month.

        `until`: when that ends by itself. Raises PaidFor where Stripe is asked for money: that has to end first.
        """
        from .wallet import Wallet

        mine = self.select_for_update().filter(workspace=workspace).first() or self.model(workspace=workspace)
        if mine.stripe_id and mine.status not in ENDED:
            raise PaidFor(f"{workspace} pays for {mine.plan}. Cancel that first, at Stripe or on its billing page.")
        if not (mine.pk and mine.is_assigned and mine.plan == plan and mine.in_force):
            mine.period_start = timezone.now()
        mine.plan, mine.status, mine.cancels_at, mine.stripe_id = plan, Status.ACTIVE, until, ""
        mine.period_end = mine.past_due_since = mine.trial_end = mine.next_plan = None
        mine.save()
        Wallet.objects.of(workspace).begin_month()
        return mine


class PaidFor(Exception):
    """A workspace pays for its plan, so that nobody may put it on another for nothing."""


class Subscription(models.Model):
    """One for a workspace at most. Without `stripe_id` the operator assigned it, and nobody pays."""

    Status = Status
    Interval = Interval

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, related_name="subscription")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")
    interval = models.CharField(_("interval"), max_length=8, choices=Interval, default=Interval.MONTH)
    status = models.CharField(_("status"), max_length=24, choices=Status, default=Status.ACTIVE)
    stripe_customer = models.CharField(max_length=100, blank=True)
    stripe_id = models.CharField(max_length=100, blank=True)
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    cancels_at = models.DateTimeField(null=True, blank=True)
    past_due_since = models.DateTimeField(null=True, blank=True)
    trial_end = models.DateTimeField(null=True, blank=True)
    next_plan = models.ForeignKey(Plan, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["stripe_id"], condition=~models.Q(stripe_id=""), name="subscription_once_at_stripe"
            )
        ]

    def __str__(self):
        return f"{self.workspace}: {self.plan}"

    @property
    def is_assigned(self):
        """Whether the operator gave it, and nobody pays."""
        return not self.stripe_id

    @property
    def is_paid_by_the_year(self):
        """Whether a year is paid for, as far as Stripe says; its months' credits come one by one."""
        return not self.is_assigned and self.interval == Interval.YEAR and self.status == Status.ACTIVE

    @property
    def in_force(self):
        """Whether its plan counts now: until it is cancelled, and for PAST_DUE_GRACE_DAYS after a payment failed."""
        now = timezone.now()
        if self.cancels_at and self.cancels_at <= now:
            return False
        if self.status == Status.PAST_DUE:
            return self.past_due_since is None or now < self.grace_ends_at
        return self.status in IN_FORCE

    @property
    def grace_ends_at(self):
        """When a plan that is not paid for stops to count; None where nothing is owed."""
        return self.past_due_since and self.past_due_since + timedelta(days=settings.PAST_DUE_GRACE_DAYS)

"""The credits that a plan gives every month. Those of a month that is paid for come with its invoice, those of a year's
first month, too; others here."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from ..months import month_at, month_of_year, months_after
from .lot import Source
from .payment import Payment
from .plan import Plan
from .subscription import Subscription


class MonthlyQuerySet(models.QuerySet):
    def begin_months(self):
        """Give what is due to whoever's month is over. Can be called as often as wanted: a month is given once."""
        due = self.filter(models.Q(next_month_at=None) | models.Q(next_month_at__lte=timezone.now()))
        for wallet in due.select_related("workspace").iterator():
            wallet.begin_month()


class Monthly:
    """A wallet that is filled month by month."""

    def grant_month(self, plan, *, reference, ends_at, credits=None):
        """A month's credits of `plan`, once for each `reference`; whether this call gave some.

        They expire `plan.rollover_months` months after `ends_at`, the end of that month. `credits`: how many of them.
        """
        if not plan.credits_a_month:
            return False
        kept = plan.rollover_months
        expires_at = None if kept is None else months_after(ends_at, kept)
        credits = plan.credits_a_month if credits is None else credits
        return self.grant(credits, reference=reference, expires_at=expires_at, source=Source.PLAN)

    @transaction.atomic
    def begin_month(self):
        """Give this month's credits where no invoice does; months that went by meanwhile are not made up for."""
        subscription = Subscription.objects.filter(workspace=self.workspace).select_related("plan").first()
        in_force = subscription is not None and subscription.in_force
        if in_force and subscription.is_paid_by_the_year:
            self.next_month_at = self._begin_month_of_year(subscription)
        else:
            plan = subscription.plan if in_force else Plan.objects.default()
            begin = in_force and subscription.period_start or self.workspace.created_at
            number, starts_at, ends_at = month_at(begin, timezone.now())
            if subscription.is_assigned if in_force else self._gives_by_itself(plan, number):
                self.grant_month(plan, reference=f"plan:{plan.slug}:{starts_at:%Y-%m-%d}", ends_at=ends_at)
            self.next_month_at = ends_at
        self.save(update_fields=["next_month_at"])

    def look_again(self):
        """Have the next sweep see whether a month of a year is due: something changed about what is paid."""
        subscription = Subscription.objects.filter(workspace=self.workspace).first()
        if subscription and subscription.is_paid_by_the_year:
            type(self).objects.filter(pk=self.pk).update(next_month_at=None)

    def _begin_month_of_year(self, subscription):
        """Give this month's credits of a year, where that is paid and goes on; when to look again."""
        begins, ends = subscription.period_start, subscription.period_end
        number, ends_at = month_of_year(begins, ends, timezone.now())
        if number and (payment := Payment.objects.of_period(self.workspace, begins)):
            payment = Payment.objects.select_for_update().get(pk=payment.pk)
            payment.bring_month(self, number, subscription.plan, ends_at)
        return ends_at

    def _gives_by_itself(self, plan, number):
        """Whether a month of the default plan is: with a start there is none in the first, and one person has one."""
        started = self.entries.filter(reference="signup").exists()
        return self.gets_a_start(plan) and not (started and number == 0)

    def gets_a_start(self, plan):
        """Whether credits come without a payment. Where plans are sold that is once for a person: else new
        workspaces would be made for them, and handed over. Where FREE_CREDITS_VERIFIED is on, only once an owner showed
        that an address is theirs."""
        owners = self.workspace.memberships.filter(role="owner").values("user")
        if settings.FREE_CREDITS_VERIFIED and not EmailAddress.objects.filter(user__in=owners, verified=True).exists():
            return False
        if not plan.is_public:
            return True
        theirs = type(self.workspace).objects.of_the_people_behind(self.workspace)
        return not theirs.filter(created_at__lt=self.workspace.created_at).exists()

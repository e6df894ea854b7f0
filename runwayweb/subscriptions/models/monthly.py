"""The credits that a plan gives every month. Those of a month that is paid for come with its invoice; others here."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from ..months import month_at, months_after
from .lot import Source
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

    def grant_month(self, plan, *, reference, ends_at):
        """A month's credits of `plan`, once for each `reference`; whether this call gave some.

        They expire `plan.rollover_months` months after `ends_at`, the end of that month.
        """
        if not plan.credits_a_month:
            return False
        kept = plan.rollover_months
        expires_at = None if kept is None else months_after(ends_at, kept)
        return self.grant(plan.credits_a_month, reference=reference, expires_at=expires_at, source=Source.PLAN)

    @transaction.atomic
    def begin_month(self):
        """Give this month's credits where no invoice does; months that went by meanwhile are not made up for."""
        subscription = Subscription.objects.filter(workspace=self.workspace).select_related("plan").first()
        in_force = subscription is not None and subscription.in_force
        plan = subscription.plan if in_force else Plan.objects.default()
        begin = in_force and subscription.period_start or self.workspace.created_at
        number, starts_at, ends_at = month_at(begin, timezone.now())
        if subscription.is_assigned if in_force else self._gives_by_itself(plan, number):
            self.grant_month(plan, reference=f"plan:{plan.slug}:{starts_at:%Y-%m-%d}", ends_at=ends_at)
        self.next_month_at = ends_at
        self.save(update_fields=["next_month_at"])

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
        makers = self.workspace.audit_entries.filter(action="workspace.created").values("by")
        theirs = Q(memberships__user__in=owners, memberships__role="owner") | Q(
            Q(audit_entries__by__in=owners) | Q(audit_entries__by__in=makers), audit_entries__action="workspace.created"
        )
        older = type(self.workspace).objects.filter(theirs, created_at__lt=self.workspace.created_at)
        return not older.exists()

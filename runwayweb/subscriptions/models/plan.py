"""What a workspace may do and is given: data that an operator edits."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class PlanQuerySet(models.QuerySet):
    def of(self, workspace):
        """The plan in force: the one subscribed to, else the default one. Two queries at most."""
        from .subscription import Subscription

        try:
            subscription = Subscription.objects.select_related("plan").get(workspace=workspace)
        except Subscription.DoesNotExist:
            return self.default()
        return subscription.plan if subscription.in_force else self.default()

    def of_each(self, workspaces):
        """The plans in force of several workspaces, by their ids: {id: Plan}. Two queries at most."""
        from .subscription import Subscription

        subscriptions = Subscription.objects.filter(workspace__in=workspaces).select_related("plan")
        plans = {one.workspace_id: one.plan for one in subscriptions if one.in_force}
        without = [workspace for workspace in workspaces if workspace not in plans]
        return plans | (dict.fromkeys(without, self.default()) if without else {})

    def default(self):
        """The plan of whoever has none: the operator's DEFAULT_PLAN. Raises ImproperlyConfigured where it is none."""
        try:
            return self.get(slug=settings.DEFAULT_PLAN)
        except self.model.DoesNotExist:
            known = ", ".join(self.values_list("slug", flat=True)) or "none"
            raise ImproperlyConfigured(
                f"DEFAULT_PLAN is {settings.DEFAULT_PLAN!r}, and there is no such plan. There are: {known}. "
                "`manage.py plans seed` makes the ones a new installation starts with."
            ) from None

    def public(self):
        """Those that are offered, in the order they are shown in."""
        return self.filter(is_public=True)

    def seed(self):
        """Make those of a new installation that are missing; what there is stays as the operator has it."""
        from ..seeds import PLANS

        for plan in PLANS:
            self.get_or_create(slug=plan["slug"], defaults=plan)


class Plan(models.Model):
    """A limit that is empty is none. Prices are in the smallest unit of the currency, like Stripe's."""

    slug = models.SlugField(_("short name"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Where it stands among the plans; a later one is the larger one.")
    )
    is_public = models.BooleanField(_("offered"), default=True, help_text=_("Shown on the pricing page."))

    currency = models.CharField(_("currency"), max_length=3, default="usd")
    monthly_cents = models.PositiveIntegerField(_("price of a month, in cents"), default=0)
    yearly_cents = models.PositiveIntegerField(_("price of a year, in cents"), default=0)

    credits_a_month = models.PositiveIntegerField(_("credits a month"), default=0)
    rollover_months = models.PositiveSmallIntegerField(
        _("months that credits roll over"),
        null=True,
        blank=True,
        default=0,
        help_text=_("0: a month's credits expire when the next ones come. Empty: they never expire."),
    )
    unmetered_slow_lane = models.BooleanField(
        _("unmetered slow lane"),
        default=False,
        help_text=_("Work without credits, done when nobody who pays for it is waiting."),
    )

    concurrency = models.PositiveSmallIntegerField(_("runs at once"), null=True, blank=True)
    longest_seconds = models.FloatField(_("longest clip, in seconds"), null=True, blank=True)
    largest_pixels = models.PositiveIntegerField(
        _("largest frame, in pixels"), null=True, blank=True, help_text=_("Width × height.")
    )
    storage_bytes = models.PositiveBigIntegerField(_("storage, in bytes"), null=True, blank=True)
    seats = models.PositiveSmallIntegerField(_("seats"), null=True, blank=True)
    watermark = models.BooleanField(_("watermark"), default=False)
    api_access = models.BooleanField(_("API access"), default=True)
    requests_a_minute = models.PositiveIntegerField(
        _("API requests a minute"), null=True, blank=True, help_text=_("Of each key.")
    )
    generations_a_day = models.PositiveIntegerField(
        _("API generations a day"), null=True, blank=True, help_text=_("Of each model, by all keys of a workspace.")
    )
    allowed_models = models.JSONField(
        _("allowed models"), default=list, blank=True, help_text=_("Their names in the catalogue; empty: all of them.")
    )

    weight = models.PositiveSmallIntegerField(
        _("share"), default=1, help_text=_("How many turns it has in the queue where others have one.")
    )
    priority = models.SmallIntegerField(
        _("priority"), default=0, help_text=_("Larger ones are served before smaller ones.")
    )

    stripe_product = models.CharField(max_length=100, blank=True, editable=False)
    stripe_monthly_price = models.CharField(max_length=100, blank=True, editable=False)
    stripe_yearly_price = models.CharField(max_length=100, blank=True, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(weight__gte=1), name="plan_has_a_share", violation_error_message=_("A share is at least 1.")
            ),
            models.CheckConstraint(
                condition=Q(concurrency=None) | Q(concurrency__gte=1),
                name="plan_runs_something",
                violation_error_message=_("At least one run at once, or empty: no limit."),
            ),
            models.CheckConstraint(
                condition=Q(seats=None) | Q(seats__gte=1),
                name="plan_seats_somebody",
                violation_error_message=_("At least one seat, or empty: no limit."),
            ),
            models.CheckConstraint(
                condition=Q(requests_a_minute=None) | Q(requests_a_minute__gte=1),
                name="plan_answers_some_request",
                violation_error_message=_("At least one request a minute, or empty: no limit."),
            ),
        ]

    def __str__(self):
        return self.name

    # Questions

    @property
    def is_free(self):
        return not (self.monthly_cents or self.yearly_cents)

    def price_cents(self, interval):
        """The price of "month" or "year"."""
        return self.yearly_cents if interval == "year" else self.monthly_cents

    def allows_model(self, model):
        return not self.allowed_models or model in self.allowed_models

    @cached_property
    def larger_ones(self):
        """What is offered above it, nearest first. One query, once."""
        return list(Plan.objects.public().filter(position__gt=self.position))

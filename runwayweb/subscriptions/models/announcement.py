"""A sentence from whoever runs the studio, on every page of those whom it concerns, for a while."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.models import AuditEntry

from .plan import Plan


class Level(models.TextChoices):
    INFO = "info", _("News")
    WARNING = "warning", _("Warning")
    MAINTENANCE = "maintenance", _("Maintenance")


class Audience(models.TextChoices):
    ALL = "all", _("Everybody")
    STAFF = "staff", _("Staff")
    PLAN = "plan", _("Workspaces on a plan")


class AnnouncementQuerySet(models.QuerySet):
    @transaction.atomic
    def publish(self, *, by, **told):
        """Show it, from its first moment on, to whom it concerns."""
        made = self.create(by=by, **told)
        made._remind()
        AuditEntry.objects.record(None, by, "operator.announced", about=made.words, level=made.level)
        return made

    def to_come_or_on(self):
        """Those that are not over."""
        return self.filter(Q(until=None) | Q(until__gt=timezone.now()), withdrawn_at=None)

    def greet(self, user):
        """Somebody new hears of what is announced already."""
        if self.to_come_or_on().exists():
            user.has_announcements = True
            user.save(update_fields=["has_announcements"])

    def for_page(self, user, workspace):
        """Those that `user` sees in `workspace` now and did not put away. None, without a query, where there is nothing
        for anybody: the row of the user says so; it is set right here once all are over."""
        if not user.has_announcements:
            return []
        rows = list(self.to_come_or_on().order_by("since", "pk"))
        if not rows:
            get_user_model().objects.filter(pk=user.pk).update(has_announcements=False)
            return []
        away = set(user.dismissals.values_list("announcement", flat=True))
        plan = Plan.objects.of(workspace) if any(one.audience == Audience.PLAN for one in rows) else None
        now = timezone.now()
        return [one for one in rows if one.since <= now and one.pk not in away and one.concerns(user, plan)]


class Announcement(models.Model):
    """`plan`: whose workspaces see it, where `audience` is that; `until` None: for as long as it is not withdrawn."""

    Level = Level
    Audience = Audience

    words = models.CharField(_("sentence"), max_length=300)
    level = models.CharField(_("level"), max_length=16, choices=Level, default=Level.INFO)
    audience = models.CharField(_("for whom"), max_length=8, choices=Audience, default=Audience.ALL)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, null=True, blank=True, related_name="announcements")
    since = models.DateTimeField(_("from"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=models.F("since")), name="announcement_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(audience="plan", plan__isnull=False) | (~Q(audience="plan") & Q(plan=None)),
                name="announcement_names_its_plan",
            ),
        ]

    def __str__(self):
        return self.words

    @property
    def is_over(self):
        return self.withdrawn_at is not None or (self.until is not None and self.until <= timezone.now())

    @property
    def is_on(self):
        return not self.is_over and self.since <= timezone.now()

    def concerns(self, user, plan):
        """Whether `user`, whose workspace in use is on `plan`, is meant."""
        if self.audience == Audience.STAFF:
            return user.is_staff
        return self.audience == Audience.ALL or self.plan == plan

    @transaction.atomic
    def withdraw(self, *, by):
        """Show it no more; True if this call did it."""
        withdrawn = Announcement.objects.filter(pk=self.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
        if withdrawn:
            AuditEntry.objects.record(None, by, "operator.withdrew", about=self.words)
        return bool(withdrawn)

    def dismiss(self, user):
        """Put it away for good, for one person; True if this call did it."""
        return Dismissal.objects.get_or_create(announcement=self, user=user)[1]

    def _remind(self):
        # The row of a user is read for every page anyway: what it says costs nothing while nothing is announced.
        get_user_model().objects.filter(has_announcements=False).update(has_announcements=True)


class Dismissal(models.Model):
    """Somebody has read an announcement, and put it away."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="dismissals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dismissals")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["announcement", "user"], name="dismissed_once")]

    def __str__(self):
        return f"{self.user}: {self.announcement}"

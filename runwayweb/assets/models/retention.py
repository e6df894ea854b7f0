"""How long what nobody looks for any more is kept: as the operator said it in the console, else by the settings."""

from dataclasses import dataclass

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runwayweb.accounts.models import AuditEntry


@dataclass(frozen=True)
class Rule:
    """`days`: by default, or the name of the setting that says it; None: for good."""

    label: str | Promise
    words: str | Promise
    days: float | str | None
    least: float = 1
    most: float = 3650

    @property
    def default(self):
        return getattr(settings, self.days) if isinstance(self.days, str) else self.days


RULES = {
    "trash": Rule(_("Trash"), _("Files that somebody threw away, and can bring back until then."), "TRASH_DAYS"),
    "ephemeral": Rule(_("Files for a day"), _("What programs upload to use at once."), 1, most=30),
    "given": Rule(_("Files given by programs"), _("Of which nothing was made, since they were given last."), 30),
    "takes": Rule(
        _("Takes that nobody wanted"),
        _(
            "Finished takes that are not chosen, rated, marked, filed, in a cut or used to make something else. They "
            "go to the trash, and from there with it."
        ),
        None,
    ),
    "webhooks": Rule(
        _("Messages of webhooks"), _("What was told to addresses elsewhere, and how it went."), "WEBHOOK_DAYS"
    ),
}


class RetentionQuerySet(models.QuerySet):
    def days(self, rule):
        """For how many days what a rule is about is kept; None: for good. One query."""
        said = self.filter(rule=rule).values_list("days", flat=True).first()
        return RULES[rule].default if said is None else said

    @transaction.atomic
    def say(self, rule, days, *, by):
        """From now on so many days; None: by default. True if that is something else than before."""
        before = self.days(rule)
        if days is None:
            self.filter(rule=rule).delete()
        else:
            self.update_or_create(rule=rule, defaults={"days": days, "by": by, "at": timezone.now()})
        after = self.days(rule)
        if after != before:
            told = {"before": _written(before), "days": _written(after)}
            AuditEntry.objects.record(None, by, "operator.retention_changed", about=rule, **told)
        return after != before


def _written(days):
    return "∞" if days is None else f"{days:g}"


class Retention(models.Model):
    """`rule`: one of RULES; there is a row where the operator said otherwise than by default."""

    rule = models.SlugField(max_length=50, unique=True)
    days = models.FloatField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = RetentionQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(days__gt=0), name="retention_keeps_for_a_while")]

    def __str__(self):
        return f"{self.rule}: {self.days:g} days"

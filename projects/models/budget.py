"""What a film may cost: a line in credits that its runs stop at."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runwayweb.subscriptions.refused import Refused

MOST = 10**9


class BudgetReached(Refused):
    """What is asked for would cross the line."""

    def __init__(self, project, needed, left):
        self.needed, self.left = needed, left
        super().__init__(
            _(
                "The budget of “%(project)s” stops this: it needs %(needed)d credits, and %(left)d are left of "
                "%(credits)d. Whoever looks after the workspace's settings can raise it in the project's settings."
            )
            % {"project": project, "needed": needed, "left": left, "credits": project.budget.credits}
        )


class Budget(models.Model):
    """One of a project, made with its first run. `used`: what was spent for it and what is held; `credits` None: no
    line. A row beside the project's, since runs that end must not wait for whoever renames it."""

    project = models.OneToOneField("projects.Project", on_delete=models.CASCADE, related_name="budget")
    credits = models.PositiveIntegerField(gettext_lazy("budget"), null=True, blank=True)
    used = models.BigIntegerField(gettext_lazy("used"), default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(used__gte=0), name="budget_used_not_negative")]

    def __str__(self):
        return f"{self.project}: {self.used}"

    @property
    def left(self):
        """Credits until the line, at least 0; None without one."""
        return None if self.credits is None else max(0, self.credits - self.used)


class Budgeted:
    """A project that counts what is spent for it."""

    @property
    def budget_or_none(self):
        """Its budget; None before its first run."""
        return Budget.objects.filter(project=self).first()

    def set_budget(self, credits):
        """Draw the line at so many credits, or None: nowhere. What runs already goes on."""
        Budget.objects.update_or_create(project=self, defaults={"credits": credits})

    def lock_budget(self):
        """In a transaction that will come to both, the budget is locked before the wallet, as by whoever begins or ends
        a run: two that lock the other way round wait for each other. One query."""
        Budget.objects.select_for_update().filter(project=self).first()

    def take_from_budget(self, credits):
        """Count credits that are held for it. Raises BudgetReached where that would cross the line."""
        mine = Budget.objects.filter(project=self)
        within = Q(credits=None) | Q(credits__gte=F("used") + credits)
        if mine.filter(within).update(used=F("used") + credits):
            return
        budget, made = Budget.objects.get_or_create(project=self, defaults={"used": credits})
        if not made:
            if budget.left is None or budget.left >= credits:  # somebody made it, or gave something back, meanwhile
                return self.take_from_budget(credits)
            self.budget = budget
            raise BudgetReached(self, credits, budget.left)

    def give_back_to_budget(self, credits):
        """Count what is not spent after all."""
        if credits:
            Budget.objects.filter(project=self).update(used=F("used") - credits)

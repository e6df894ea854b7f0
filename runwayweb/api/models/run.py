"""Whose key a run of a workflow is, and what it holds of that key's budget until it is over."""

from django.db import models, transaction
from django.utils import timezone

from generation import hooks
from projects.models.invocation import LIVE, Status

from .key import Key
from .use import Begun


class RunQuerySet(models.QuerySet):
    def keep(self, invocation, caller, cards):
        """Count a run that `caller` begins, in the transaction that does: all that it may cost against the budget of
        the key, what it makes by each of `cards` against the day. Raises KeyBudgetReached, ApiError 429."""
        Begun.objects.count([card.id for card in cards], caller)
        caller.key.take_from_budget(invocation.quoted)
        return self.create(invocation=invocation, key=caller.key)

    def settle(self):
        """Give back what those that are over did not spend; how many they were. Called on each round of the
        dispatcher: nodes end one by one, in any process."""
        over = self.filter(settled_at=None).exclude(invocation__status__in=LIVE)
        rows = over.exclude(invocation__nodes__status=Status.RUNNING).select_related("invocation")
        return hooks.look_after_each(rows, Run.settle)


class Run(models.Model):
    """`charged`: what it came to, known once it is settled."""

    invocation = models.OneToOneField(
        "projects.Invocation", on_delete=models.CASCADE, primary_key=True, related_name="api_run"
    )
    key = models.ForeignKey("api.Key", on_delete=models.CASCADE, related_name="runs")
    charged = models.PositiveIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, db_index=True)

    objects = RunQuerySet.as_manager()

    def __str__(self):
        return f"{self.invocation_id}: {self.key}"

    @transaction.atomic
    def settle(self):
        """True if this call did it."""
        charged = self.invocation.charged
        settled = Run.objects.filter(pk=self.pk, settled_at=None).update(charged=charged, settled_at=timezone.now())
        if settled:
            Key.objects.filter(pk=self.key_id).give_back(self.invocation.quoted - charged)
        return bool(settled)

"""What a key may spend: a line in credits that its tasks stop at."""

from django.db.models import F, Q

from runwayweb.subscriptions.refused import Refused


class KeyBudgetReached(Refused):
    """What is asked for would cross the line."""

    def __init__(self, key, needed, left):
        self.needed, self.left = needed, left
        super().__init__(
            f"The budget of this key stops this: it needs {needed} credits, and {left} are left of "
            f"{key.credit_budget}. Use a key with a larger budget."
        )


class Budgeted:
    """A key that counts what is held for its tasks and what they spent."""

    @property
    def credits_left(self):
        """Credits until the line; None without one."""
        return None if self.credit_budget is None else self.credit_budget - self.credits_used

    def take_from_budget(self, credits):
        """Count credits that are held, in the transaction that holds them. Raises KeyBudgetReached. One query."""
        mine = type(self).objects.filter(pk=self.pk)
        within = Q(credit_budget=None) | Q(credit_budget__gte=F("credits_used") + credits)
        if not mine.filter(within).update(credits_used=F("credits_used") + credits):
            self.refresh_from_db(fields=["credit_budget", "credits_used"])
            raise KeyBudgetReached(self, credits, self.credits_left)


def give_back(generation, charged):
    """Take what a run is not charged for off what its key used: where generation.hooks.settled tells of it. Of a
    chain's runs the chain does, when it ends."""
    from .key import Key

    Key.objects.filter(tasks__generation=generation).give_back(generation.cost - charged)

"""The credits of a workspace. The ledger's entries are the truth; the wallet's columns are its running balances."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..refused import Refused
from .entry import ROUTES, Account, Entry, Kind

SIGNUP_REFERENCE = "signup"


class InsufficientCredits(Refused):
    """The wallet holds less than was asked for."""

    def __init__(self, needed, available):
        self.needed, self.available = needed, available
        super().__init__(
            _("You do not have enough credits to run this task. It needs %(needed)d; you have %(available)d.")
            % {"needed": needed, "available": available}
        )


class WalletQuerySet(models.QuerySet):
    @transaction.atomic
    def of(self, workspace):
        """The wallet of `workspace`, made on first use with the first grant."""
        wallet, made = self.get_or_create(workspace=workspace)
        if made and settings.SIGNUP_CREDITS:
            wallet.grant(settings.SIGNUP_CREDITS, reference=SIGNUP_REFERENCE)
        return wallet


class Wallet(models.Model):
    """Balances in whole credits. Every verb is one transaction: a conditional UPDATE and its ledger entry."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.PROTECT, related_name="wallet")
    granted = models.BigIntegerField(gettext_lazy("granted"), default=0)
    available = models.BigIntegerField(gettext_lazy("available"), default=0)
    held = models.BigIntegerField(gettext_lazy("held"), default=0)
    spent = models.BigIntegerField(gettext_lazy("spent"), default=0)

    objects = WalletQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(available__gte=0), name="wallet_available_not_negative"),
            models.CheckConstraint(condition=Q(held__gte=0), name="wallet_held_not_negative"),
            models.CheckConstraint(condition=Q(spent__gte=0), name="wallet_spent_not_negative"),
            models.CheckConstraint(
                condition=Q(granted=F("available") + F("held") + F("spent")), name="wallet_every_credit_accounted_for"
            ),
        ]

    def __str__(self):
        return f"{self.workspace}: {self.available}"

    def grant(self, amount, *, reference):
        """Add credits. Raises IntegrityError when `reference` was granted before."""
        self._move(Kind.GRANT, amount, reference)

    def hold(self, amount, *, reference):
        """Set credits aside. Raises InsufficientCredits."""
        self._move(Kind.HOLD, amount, reference)

    @transaction.atomic
    def settle(self, *, reference, captured):
        """End the hold for `reference`: `captured` of it is spent, the rest is available again."""
        held = self.held_for(reference)
        if captured > held:
            raise ValueError(f"{captured} credits cannot be captured from a hold of {held}.")
        if captured:
            self._move(Kind.CAPTURE, captured, reference)
        if held > captured:
            self._move(Kind.RELEASE, held - captured, reference)

    def release(self, *, reference):
        """Give the whole hold for `reference` back."""
        self.settle(reference=reference, captured=0)

    def held_for(self, reference):
        """The credits set aside for `reference`; 0 when there was no hold."""
        return self.entries.filter(reference=reference, kind=Kind.HOLD).aggregate(total=Sum("amount"))["total"] or 0

    def recomputed(self):
        """The balances as the ledger has them: {account: credits}. Reads every entry of this wallet."""
        balances = dict.fromkeys(Account.values, 0)
        rows = self.entries.order_by().values_list("debit", "credit").annotate(total=Sum("amount"))
        for debit, credit, total in rows:
            balances[debit] -= total
            balances[credit] += total
        balances[Account.GRANTED] = -balances[Account.GRANTED]
        return balances

    @transaction.atomic
    def _move(self, kind, amount, reference):
        """Move credits along the route of `kind`. The UPDATE comes first: it locks the row, so entries cannot race."""
        if amount <= 0:
            raise ValueError("Only whole, positive amounts of credits can be moved.")
        debit, credit = ROUTES[kind]
        if debit == Account.GRANTED:
            changes = {"granted": F("granted") + amount, credit: F(credit) + amount}
            enough = Q()
        else:
            changes = {debit: F(debit) - amount, credit: F(credit) + amount}
            enough = Q(**{f"{debit}__gte": amount})
        moved = Wallet.objects.filter(enough, pk=self.pk).update(**changes)
        if not moved:
            self.refresh_from_db()
            raise InsufficientCredits(amount, getattr(self, debit))
        Entry.objects.create(wallet=self, kind=kind, debit=debit, credit=credit, amount=amount, reference=reference)
        self.refresh_from_db()

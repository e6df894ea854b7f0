"""The credits of a workspace. The ledger's entries are the truth; the columns of wallets and lots are its balances."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from runwayweb.accounts import acting

from ..refused import Refused
from .entry import ROUTES, SOURCES, Account, Entry, Kind
from .lot import COLUMNS, Lot, Portion, Source
from .monthly import Monthly, MonthlyQuerySet
from .plan import Plan

SIGNUP_REFERENCE = "signup"
MOST = 10**12  # credits that are moved at once: more is a slip of the hand


class InsufficientCredits(Refused):
    """The wallet holds less than was asked for."""

    def __init__(self, needed, available):
        self.needed, self.available = needed, available
        super().__init__(
            _("You do not have enough credits to run this task. It needs %(needed)d; you have %(available)d.")
            % {"needed": needed, "available": available}
        )


class Indebted(Refused):
    """Credits that were paid back to the customer had been spent; until they are made up for, nothing new is made."""

    def __init__(self, debt):
        self.debt = debt
        super().__init__(
            ngettext(
                "This workspace owes %(debt)d credit: its payment was refunded after it was spent. Nothing new can be "
                "made until that is made up for by the next credits.",
                "This workspace owes %(debt)d credits: their payment was refunded after they were spent. Nothing new "
                "can be made until that is made up for by the next credits.",
                debt,
            )
            % {"debt": debt}
        )


class NotYours(Refused):
    """An operator who looks at the studio as somebody else spends nothing of theirs."""

    def __init__(self):
        super().__init__(_("These credits are not yours: as an operator you look, and spend nothing."))


class WalletQuerySet(MonthlyQuerySet):
    def of(self, workspace):
        """The wallet of `workspace`, made on first use with the first grant. Mostly one query."""
        try:
            return self.get(workspace=workspace)
        except self.model.DoesNotExist:
            return self._begin(workspace)

    @transaction.atomic
    def _begin(self, workspace):
        wallet, made = self.get_or_create(workspace=workspace)
        if made:
            wallet.start()
        return wallet

    def expire(self):
        """Let what is past its time expire; how many credits did. A second call changes nothing."""
        due = self.filter(pk__in=Lot.objects.due().values("wallet"))
        return sum(wallet.expire() for wallet in due.iterator())


class Wallet(Monthly, models.Model):
    """Balances in whole credits. Every verb is one transaction, which begins with a conditional UPDATE of this row: it
    keeps whoever else moves credits of the wallet waiting, so entries and lots cannot race."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.PROTECT, related_name="wallet")
    granted = models.BigIntegerField(gettext_lazy("granted"), default=0)
    available = models.BigIntegerField(gettext_lazy("available"), default=0)
    held = models.BigIntegerField(gettext_lazy("held"), default=0)
    spent = models.BigIntegerField(gettext_lazy("spent"), default=0)
    expired = models.BigIntegerField(gettext_lazy("expired"), default=0)
    debt = models.BigIntegerField(gettext_lazy("owed"), default=0)
    next_month_at = models.DateTimeField(null=True, blank=True, db_index=True)  # empty: to be looked at

    objects = WalletQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(granted__gte=0), name="wallet_granted_not_negative"),
            models.CheckConstraint(condition=Q(available__gte=0), name="wallet_available_not_negative"),
            models.CheckConstraint(condition=Q(held__gte=0), name="wallet_held_not_negative"),
            models.CheckConstraint(condition=Q(spent__gte=0), name="wallet_spent_not_negative"),
            models.CheckConstraint(condition=Q(expired__gte=0), name="wallet_expired_not_negative"),
            models.CheckConstraint(condition=Q(debt__gte=0), name="wallet_debt_not_negative"),
            models.CheckConstraint(
                condition=Q(granted=F("available") + F("held") + F("spent") + F("expired") - F("debt")),
                name="wallet_every_credit_accounted_for",
            ),
        ]

    def __str__(self):
        return f"{self.workspace}: {self.available}"

    # Questions

    def held_for(self, reference):
        """The credits set aside for `reference`; 0 when there was no hold."""
        return self.entries.filter(reference=reference, kind=Kind.HOLD).aggregate(total=Sum("amount"))["total"] or 0

    def next_expiry(self):
        """The lot whose credits expire next, or None."""
        return self.lots.spendable().exclude(expires_at=None).oldest_first().first()

    def taken_back_as(self, references, *, granted_as):
        """What take_back really took under these references and no grant under them gave again: [(lot, credits)].

        The newest first. What was spent already and is owed counts as of the grant `granted_as`.
        """
        spent_of = self.lots.filter(reference=granted_as).first()
        entries = self.entries.filter(reference__in=references, kind__in=(Kind.TAKE_BACK, Kind.OWE, Kind.GRANT))
        taken = []
        for entry in entries.order_by("pk").prefetch_related("portions__lot"):
            if entry.kind == Kind.GRANT:
                taken = _split(taken, entry.amount)[1]
            else:
                portions = [(portion.lot, portion.amount) for portion in entry.portions.all()]
                taken = (portions or [(spent_of, entry.amount)]) + taken
        return taken

    def recomputed(self):
        """The balances as the ledger has them: {account: credits}. Reads every entry of this wallet."""
        balances = dict.fromkeys(Account.values, 0)
        rows = self.entries.order_by().values_list("debit", "credit").annotate(total=Sum("amount"))
        for debit, credit, total in rows:
            balances[debit] -= total
            balances[credit] += total
        return balances | {source: -balances[source] for source in SOURCES}

    # Verbs

    @transaction.atomic
    def grant(self, amount, *, reference, expires_at=None, source=Source.OPERATOR):
        """Add credits, once for each `reference`; whether this call did it. What is owed is made up for first."""
        self._lock()
        if self.entries.filter(reference=reference, kind=Kind.GRANT).exists():
            return False
        lot = Lot.objects.create(
            wallet=self, source=source, reference=reference, amount=whole(amount), expires_at=expires_at,
            available=amount,
        )  # fmt: skip
        self._shift(Kind.GRANT, amount)
        self._write(Kind.GRANT, reference, [(lot, amount)], lots_too=False)
        self._make_up(reference)
        self.refresh_from_db()
        return True

    def start(self):
        """Give the credits that a workspace begins with, once and where it gets them; whether this call did."""
        if not settings.SIGNUP_CREDITS or not self.gets_a_start(Plan.objects.default()):
            return False
        return self.grant(settings.SIGNUP_CREDITS, reference=SIGNUP_REFERENCE, source=Source.SIGNUP)

    def check_debt(self):
        """Raise Indebted while something is owed: what costs nothing waits for it as well."""
        if self.debt:
            raise Indebted(self.debt)

    @transaction.atomic
    def hold(self, amount, *, reference):
        """Set credits aside, of the lots that expire first. Raises InsufficientCredits, or Indebted. Six queries."""
        if acting.operator_of_this_request():
            raise NotYours
        self._shift(Kind.HOLD, whole(amount))
        self._write(Kind.HOLD, reference, self._oldest(amount))
        self._forget()

    @transaction.atomic(savepoint=False)  # what it raises is a defect, after which nobody goes on
    def settle(self, *, reference, captured):
        """End the hold for `reference`: `captured` of it is spent, the rest goes back to where it was taken from."""
        rows = Portion.objects.filter(entry__wallet=self, entry__reference=reference, entry__kind=Kind.HOLD)
        held = [(row.lot, row.amount) for row in rows.select_related("lot").order_by("pk")]
        if captured < 0 or captured > _sum(held):
            raise ValueError(f"{captured} credits cannot be captured from a hold of {_sum(held)}.")
        spent, back = _split(held, captured)
        if spent:
            self._shift(Kind.CAPTURE, captured)
            self._write(Kind.CAPTURE, reference, spent)
        if back:
            self._shift(Kind.RELEASE, _sum(back))
            self._write(Kind.RELEASE, reference, back)
            self._expire([(lot, amount) for lot, amount in back if lot.is_over], reference)
            self._make_up(reference)
        self._forget()

    def release(self, *, reference):
        """Give the whole hold for `reference` back."""
        self.settle(reference=reference, captured=0)

    @transaction.atomic
    def take_back(self, amount, *, reference, granted_as=None):
        """Undo a grant whose payment was refunded, once for each `reference`; whether this call did it.

        Never below zero: what is spent already becomes a debt, which blocks new work until later credits make up for
        it. `granted_as`: the reference of that grant: its credits go first, those of grants that are named after it
        (`granted_as:…`) with them, and what expired of them is not owed.
        """
        self._lock()
        if self.entries.filter(reference=reference, kind__in=(Kind.TAKE_BACK, Kind.OWE)).exists():
            return False
        self.refresh_from_db()
        amount = min(whole(amount), self.granted)  # nobody owes more than was ever given
        granted = list(self.lots.filter(_named_after(granted_as))) if granted_as else []
        if granted:
            amount = min(amount, self._not_taken_of(granted, granted_as))
        taken, left = [], amount
        for lot in sorted(self.lots.filter(available__gt=0).oldest_first(), key=lambda lot: lot not in granted):
            if part := min(lot.available, left):
                taken.append((lot, part))
                left -= part
        if taken:
            self._shift(Kind.TAKE_BACK, _sum(taken))
            self._write(Kind.TAKE_BACK, reference, taken)
        if left:
            self._shift(Kind.OWE, left)
            self._write(Kind.OWE, reference, [], amount=left)
        self.refresh_from_db()
        return bool(taken or left)

    @transaction.atomic
    def expire(self):
        """Let what is past its time expire; how many credits did."""
        self._lock()
        due = list(self.lots.due().oldest_first())
        for lot in due:
            # A lot may expire more than once: where a clock that goes behind put something back into it.
            self._expire([(lot, lot.available)], f"lot:{lot.pk}:{lot.expired}")
        self.refresh_from_db()
        return sum(lot.available for lot in due)

    # Private

    def _not_taken_of(self, lots, granted_as):
        """How many credits of these grants did not expire and were not taken back yet, spent ones with them."""
        of_them = Q(lot__in=lots) | Q(_named_after(granted_as, "entry__"), entry__wallet=self)
        taken = Portion.objects.filter(of_them, entry__kind=Kind.TAKE_BACK).aggregate(total=Sum("amount"))["total"]
        owed = self.entries.filter(_named_after(granted_as), kind=Kind.OWE).aggregate(total=Sum("amount"))["total"]
        return max(sum(lot.amount - lot.expired for lot in lots) - (taken or 0) - (owed or 0), 0)

    def _forget(self):
        """Let the balances be read again by whoever looks at them: a run that ends does not."""
        for account in Account.values:
            self.__dict__.pop(account, None)

    def _lock(self):
        Wallet.objects.filter(pk=self.pk).update(debt=F("debt"))  # SQLite and PostgreSQL alike

    def _oldest(self, amount):
        """So many credits, of the lots that expire first: [(lot, amount)]. Raises InsufficientCredits."""
        there = [(lot, lot.available) for lot in self.lots.spendable().oldest_first()]
        if _sum(there) < amount:  # the rest is past its time, and will be swept
            raise InsufficientCredits(amount, _sum(there))
        return _split(there, amount)[0]

    def _expire(self, portions, reference):
        if portions:
            self._shift(Kind.EXPIRE, _sum(portions))
            self._write(Kind.EXPIRE, reference, portions)

    def _make_up(self, reference):
        """Pay back what is owed with what came."""
        self.refresh_from_db()
        if self.debt and self.available:
            there = [(lot, lot.available) for lot in self.lots.filter(available__gt=0).oldest_first()]
            portions = _split(there, min(self.debt, self.available))[0]
            self._shift(Kind.REPAY, _sum(portions))
            self._write(Kind.REPAY, reference, portions)

    def _shift(self, kind, amount):
        """Move credits along the route of `kind` in the balances. Raises InsufficientCredits, or Indebted."""
        debit, credit = ROUTES[kind]
        changes = {debit: F(debit) - amount, credit: F(credit) + amount}
        changes |= {source: F(source) + amount for source in SOURCES if source == debit}
        changes |= {source: F(source) - amount for source in SOURCES if source == credit}
        enough = Q() if debit in SOURCES else Q(**{f"{debit}__gte": amount})
        if kind == Kind.HOLD:
            enough &= Q(debt=0)
        if not Wallet.objects.filter(enough, pk=self.pk).update(**changes):
            self.refresh_from_db()
            raise Indebted(self.debt) if self.debt else InsufficientCredits(amount, getattr(self, debit))

    def _write(self, kind, reference, portions, *, amount=None, lots_too=True):
        """The entry, what of it is of which lot, and the balances of those."""
        debit, credit = ROUTES[kind]
        entry = Entry.objects.create(
            wallet=self, kind=kind, debit=debit, credit=credit, amount=amount or _sum(portions), reference=reference
        )
        if lots_too:
            for lot, part in portions:
                leaves, enters = COLUMNS[kind]
                Lot.objects.filter(pk=lot.pk).update(**{leaves: F(leaves) - part, enters: F(enters) + part})
        Portion.objects.bulk_create(Portion(entry=entry, lot=lot, amount=part) for lot, part in portions)


def whole(amount):
    """The amount, which is a whole number of credits above 0. Raises ValueError for any other."""
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= MOST:
        raise ValueError("Only whole, positive amounts of credits can be moved.")
    return amount


def _named_after(reference, before=""):
    """What is called `reference`, or `reference:…`."""
    return Q(**{f"{before}reference": reference}) | Q(**{f"{before}reference__startswith": f"{reference}:"})


def _sum(portions):
    return sum(amount for _lot, amount in portions)


def _split(portions, amount):
    """The first `amount` credits of portions, and the rest."""
    first, rest = [], []
    for lot, there in portions:
        part = min(there, amount)
        amount -= part
        if part:
            first.append((lot, part))
        if there > part:
            rest.append((lot, there - part))
    return first, rest

"""Whether every credit is accounted for: balances are added up anew from the ledger, and what is off is told."""

from collections import defaultdict

from django.db.models import Count, F, Q, Sum

from runwayweb.subscriptions.models import Portion
from runwayweb.subscriptions.models.entry import Kind
from runwayweb.subscriptions.models.lot import COLUMNS

SETTLEMENTS = (Kind.CAPTURE, Kind.RELEASE)


def problems_of(wallet):
    """Sentences about what is off in one wallet: its balances, its lots', its holds'. Six queries, all its entries."""
    for problem in (*_balances(wallet), *_holds(wallet), *_portions(wallet), *_lots(wallet)):
        yield f"Wallet {wallet.pk} ({wallet.workspace}): {problem}"


def _balances(wallet):
    for account, credits in wallet.recomputed().items():
        stands = getattr(wallet, account)
        if stands != credits:
            yield f"{account} stands at {stands}, its entries say {credits}."
    if wallet.debt and wallet.available:
        yield f"{wallet.debt} credits are owed while {wallet.available} are available."


def _holds(wallet):
    """Those settled for more or less than was held, or more than once."""
    rows = (
        wallet.entries.filter(kind__in=(Kind.HOLD, *SETTLEMENTS))
        .order_by()
        .values("reference")
        .annotate(
            held=Sum("amount", filter=Q(kind=Kind.HOLD), default=0),
            settled=Sum("amount", filter=Q(kind__in=SETTLEMENTS), default=0),
            settlements=Count("pk", filter=Q(kind__in=SETTLEMENTS)),
        )
    )
    for row in rows:
        if row["settlements"] and row["settled"] != row["held"]:
            yield f"{row['reference']} held {row['held']} credits and settled {row['settled']}."


def _portions(wallet):
    """Entries that their portions do not add up to: what is owed has none, everything else is of some lot."""
    entries = wallet.entries.exclude(kind=Kind.OWE).order_by("pk").annotate(told=Sum("portions__amount", default=0))
    for entry in entries.exclude(told=F("amount")):
        yield f"the {entry.kind} for {entry.reference} moved {entry.amount} credits, its lots say {entry.told}."


def _lots(wallet):
    """Lots whose balances are not what their portions say, and holds that were not given back where they came from."""
    rows = Portion.objects.filter(lot__wallet=wallet).order_by().values_list("lot", "entry__kind")
    told = defaultdict(lambda: defaultdict(int))
    for lot, kind, amount in rows.annotate(total=Sum("amount")):
        leaves, enters = COLUMNS[kind]
        told[lot]["amount" if leaves is None else leaves] += amount if leaves is None else -amount
        told[lot][enters] += amount
    sums = defaultdict(int)
    for lot in wallet.lots.order_by("pk"):
        for column in ("amount", "available", "held", "spent", "expired", "taken"):
            stands, says = getattr(lot, column), told[lot.pk][column]
            sums[column] += stands
            if stands != says:
                yield f"{column} of the grant {lot.reference} stands at {stands}, its entries say {says}."
    for account in ("available", "held", "spent", "expired"):
        if sums[account] != getattr(wallet, account):
            yield f"{account} stands at {getattr(wallet, account)}, its grants say {sums[account]}."
    rows = (
        Portion.objects.filter(entry__wallet=wallet, entry__kind__in=(Kind.HOLD, *SETTLEMENTS))
        .order_by()
        .values("lot", "entry__reference")
        .annotate(
            held=Sum("amount", filter=Q(entry__kind=Kind.HOLD), default=0),
            settled=Sum("amount", filter=Q(entry__kind__in=SETTLEMENTS), default=0),
        )
    )
    for row in rows.exclude(settled=0).exclude(settled=F("held")):
        yield f"{row['entry__reference']} took {row['held']} credits of a grant and settled {row['settled']} of it."

"""`manage.py audit_ledger`: recomputes every balance from the ledger and says what is off."""

from django.core.management.base import BaseCommand
from django.db.models import Count, Q, Sum

from runwayweb.subscriptions.models import Wallet
from runwayweb.subscriptions.models.entry import Kind


class Command(BaseCommand):
    help = "Prove that every credit is accounted for. Exit status 1 when one is not."

    def handle(self, **options):
        wallets = Wallet.objects.select_related("workspace").order_by("pk")
        problems = [problem for wallet in wallets.iterator() for problem in problems_of(wallet)]
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise SystemExit(1)
        self.stdout.write(f"All is well: {wallets.count()} wallets, every credit accounted for.")


def problems_of(wallet):
    """Sentences about what is off in one wallet: balances, and holds settled for more or less than was held."""
    for account, credits in wallet.recomputed().items():
        stands = getattr(wallet, account)
        if stands != credits:
            yield f"Wallet {wallet.pk} ({wallet.workspace}): {account} stands at {stands}, its entries say {credits}."
    rows = (
        wallet.entries.exclude(kind=Kind.GRANT)
        .order_by()
        .values("reference")
        .annotate(
            held=Sum("amount", filter=Q(kind=Kind.HOLD), default=0),
            settled=Sum("amount", filter=~Q(kind=Kind.HOLD), default=0),
            settlements=Count("pk", filter=~Q(kind=Kind.HOLD)),
        )
    )
    for row in rows:
        if row["settlements"] and row["settled"] != row["held"]:
            yield (
                f"Wallet {wallet.pk} ({wallet.workspace}): {row['reference']} held {row['held']} credits "
                f"and settled {row['settled']}."
            )

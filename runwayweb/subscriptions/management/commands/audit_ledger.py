"""`manage.py audit_ledger`: recomputes every balance from the ledger and says what is off."""

from django.core.management.base import BaseCommand

from runwayweb.subscriptions.accounted import problems_of
from runwayweb.subscriptions.models import Lot, Wallet


class Command(BaseCommand):
    help = "Prove that every credit is accounted for. Exit status 1 when one is not."

    def handle(self, **options):
        wallets = Wallet.objects.select_related("workspace").order_by("pk")
        problems = [problem for wallet in wallets.iterator() for problem in problems_of(wallet)]
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise SystemExit(1)
        self.stdout.write(
            f"All is well: {wallets.count()} wallets, {Lot.objects.count()} grants, every credit accounted for."
        )

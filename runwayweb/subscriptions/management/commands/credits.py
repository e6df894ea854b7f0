"""`manage.py credits`: what a workspace has, and a gift of some."""

import uuid

from django.core.management.base import BaseCommand, CommandError

from runwayweb.accounts.models import AuditEntry
from runwayweb.subscriptions.models import Wallet
from runwayweb.subscriptions.told import day_of, workspace_of


class Command(BaseCommand):
    help = "Show the credits of a workspace, give it some, or take some back."

    def add_arguments(self, parser):
        acts = parser.add_subparsers(dest="act", required=True)
        for act, words in (
            ("show", "balances, and every grant that has something left"),
            ("grant", "give so many"),
            ("take_back", "take so many back; what is spent already is owed"),
        ):
            told = acts.add_parser(act, help=words)
            told.add_argument("workspace", help="its id, or the e-mail address of its owner")
            if act != "show":
                told.add_argument("amount", help="whole credits")
                told.add_argument("--reference", help="what for; the same one is granted or taken back once")
            if act == "grant":
                told.add_argument("--until", help="when they expire, as 2027-01-31")

    def handle(self, *, act, workspace, amount=None, reference=None, until=None, **_told):
        workspace = workspace_of(workspace)
        wallet = Wallet.objects.of(workspace)
        if act == "show":
            return self._show(wallet)
        reference = f"operator:{reference or uuid.uuid4()}"
        try:
            amount = int(amount)
            if act == "grant":
                done = wallet.grant(amount, reference=reference, expires_at=until and day_of(until))
            else:
                done = wallet.take_back(amount, reference=reference)
        except ValueError:
            raise CommandError(f"{amount} is no whole number of credits above 0.") from None
        if not done:
            raise CommandError("Nothing was moved: that reference was used before, or nothing was ever granted.")
        AuditEntry.objects.record(
            workspace, None, "credits.granted" if act == "grant" else "credits.taken_back", credits=amount
        )
        wallet.refresh_from_db()
        self.stdout.write(f"{workspace} has {wallet.available} credits" + self._owed(wallet) + ".")

    def _show(self, wallet):
        self.stdout.write(
            f"{wallet.available} to spend, {wallet.held} held, {wallet.spent} spent, {wallet.expired} expired"
            + self._owed(wallet)
        )
        for lot in wallet.lots.spendable().oldest_first():
            until = f"until {lot.expires_at:%Y-%m-%d}" if lot.expires_at else "for ever"
            self.stdout.write(f"{lot.available:>8} of {lot.amount:<8} {until:<18} {lot.source:<10} {lot.reference}")

    def _owed(self, wallet):
        return f", {wallet.debt} owed" if wallet.debt else ""

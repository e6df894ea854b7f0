"""What was charged for a run, given back by hand: by the ledger once, whoever asks for it how often."""

from django.db import transaction

from runwayweb.subscriptions.models import Entry, Wallet
from runwayweb.subscriptions.models.entry import Kind


def reference_of(run):
    return f"refund:{run.reference}"


def was_refunded(run):
    """Whether its credits went back by hand. One query."""
    return Entry.objects.filter(reference=reference_of(run), kind=Kind.GRANT).exists()


@transaction.atomic
def refund(run):
    """Give back what a run that ended was charged, to its wallet and its film's budget; how many credits, 0 where there
    is nothing to give back, or they went back before. What was charged stays written as it was."""
    if not run.charged or run.in_progress:
        return 0
    run.project.lock_budget()
    if not Wallet.objects.of(run.workspace).grant(run.charged, reference=reference_of(run)):
        return 0
    run.project.give_back_to_budget(run.charged)
    return run.charged

"""Credits: every one is accounted for, and none is set aside for ever."""

from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from generation.models import Generation
from runwayweb.proof.finding import Finding
from runwayweb.subscriptions.accounted import SETTLEMENTS, problems_of
from runwayweb.subscriptions.models import Entry, Wallet
from runwayweb.subscriptions.models.entry import Kind


def findings(within):
    """What is off in any wallet: all that `audit_ledger` finds, and holds that nothing ended `within` that time or that
    are for a run that is not there."""
    for wallet in Wallet.objects.select_related("workspace").order_by("pk").iterator():
        for problem in problems_of(wallet):
            subject, _, sentence = problem.partition(": ")
            yield Finding("ledger", subject, sentence)
    settled = Entry.objects.filter(wallet=OuterRef("wallet"), reference=OuterRef("reference"), kind__in=SETTLEMENTS)
    for entry in Entry.objects.filter(~Exists(settled), kind=Kind.HOLD).iterator():
        held = f"Hold of {entry.amount} for {entry.reference}"
        if timezone.now() - entry.created_at > within:
            yield Finding("hold", held, f"is older than {within}, and nothing ended it.")
        elif _is_lost(entry.reference):
            yield Finding("hold", held, "is for a run that is not there.")


def _is_lost(reference):
    kind, _, key = reference.partition(":")
    return kind == "generation" and not Generation.objects.filter(pk=UUID(key)).exists()

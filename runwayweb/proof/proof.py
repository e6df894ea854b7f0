"""All that is looked at, one room after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from generation.models import Generation
from runwayweb.api.models import Delivery
from runwayweb.assets.models import Asset
from runwayweb.proof import credits, files, messages, processes, runs
from runwayweb.proof.finding import Finding
from runwayweb.subscriptions.models import Wallet


@dataclass(frozen=True)
class Proof:
    """`within`: how long a run may be on its way, and credits set aside, before that is a finding. `overdue`: how long
    something may stay undone that is done again and again, as the end of a lease is looked for. `hashes`: read every
    file, and decode what was made here; else it is only looked whether they are there."""

    within: timedelta = timedelta(days=1)
    overdue: timedelta = timedelta(seconds=60)
    hashes: bool = True

    def findings(self) -> Iterator[Finding]:
        lease = timedelta(seconds=settings.LEASE_SECONDS)
        yield from runs.findings(self.within, self.overdue + lease)
        yield from credits.findings(self.within)
        yield from files.findings(self.hashes)
        yield from messages.findings(self.overdue)
        yield from processes.findings()

    def looked_at(self) -> dict[str, int]:
        """How much there is of each."""
        return {
            "generations": Generation.objects.count(),
            "wallets": Wallet.objects.count(),
            "assets": Asset.objects.filter(state=Asset.State.READY).count(),
            "messages": Delivery.objects.count(),
        }

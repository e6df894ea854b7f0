"""Many processes at one wallet: never a credit too many."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from runwayweb.subscriptions.models import Wallet
from tests.factories import make_user

SPENDER = """
import sys, django
django.setup()
from runwayweb.subscriptions.models import InsufficientCredits, Wallet
wallet, accepted = Wallet.objects.get(pk=sys.argv[1]), 0
for turn in range(30):
    try:
        wallet.hold(1, reference=f"spender:{sys.argv[2]}:{turn}")
        accepted += 1
    except InsufficientCredits:
        pass
print(accepted)
"""


@pytest.mark.faults
def test_processes_that_spend_at_once_never_spend_more_than_there_is(transactional_db, database_url):
    wallet = Wallet.objects.of(make_user("ada").open_workspace())
    wallet.hold(400, reference="leaves a hundred")
    spenders = [
        subprocess.Popen(
            [sys.executable, "-c", SPENDER, str(wallet.pk), str(number)],
            env=os.environ | {"DATABASE_URL": database_url},
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    accepted = [int(spender.communicate(timeout=60)[0]) for spender in spenders]
    wallet.refresh_from_db()
    assert sum(accepted) == 100
    assert (wallet.available, wallet.held) == (0, 500)
    assert wallet.recomputed() == {"granted": 500, "available": 0, "held": 500, "spent": 0}

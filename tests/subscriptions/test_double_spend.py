"""Sixty-four at one wallet, each fifty times: never a credit too many."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from runwayweb.subscriptions.management.commands.audit_ledger import problems_of
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_user

PROCESSES, THREADS, TURNS = 8, 8, 50
SPENDER = """
import sys, threading
import django
django.setup()
from django.db import connection
from runwayweb.subscriptions.models import InsufficientCredits, Wallet
pk, process, threads, turns = map(int, sys.argv[1:])
accepted, begin = [], threading.Barrier(threads)

def spend(thread):
    wallet = Wallet.objects.get(pk=pk)
    begin.wait()
    for turn in range(turns):
        try:
            wallet.hold(1, reference=f"spender:{process}:{thread}:{turn}")
            accepted.append(turn)
        except InsufficientCredits:
            pass
    connection.close()

all_of_them = [threading.Thread(target=spend, args=(number,)) for number in range(threads)]
print("ready", flush=True)
sys.stdin.readline()  # everybody begins at once
for thread in all_of_them:
    thread.start()
for thread in all_of_them:
    thread.join()
print(len(accepted))
"""


@pytest.mark.slow
@pytest.mark.faults
def test_processes_that_spend_at_once_never_spend_more_than_there_is(transactional_db, database_url):
    wallet = Wallet.objects.of(make_user("ada").open_workspace())
    wallet.hold(400, reference="leaves a hundred")
    wallet.settle(reference="leaves a hundred", captured=400)
    spenders = [
        subprocess.Popen(
            [sys.executable, "-c", SPENDER, *map(str, (wallet.pk, number, THREADS, TURNS))],
            env=os.environ | {"DATABASE_URL": database_url},
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for spender in spenders:
        assert spender.stdout.readline() == "ready\n"
    accepted = [int(spender.communicate("go\n", timeout=120)[0]) for spender in spenders]
    wallet.refresh_from_db()
    assert PROCESSES * THREADS == 64
    assert sum(accepted) == 100
    assert (wallet.available, wallet.held, wallet.spent) == (0, 100, 400)
    assert not list(problems_of(wallet))

"""The row of the load table about runs a minute."""

import contextlib
import itertools
import random
import sys
import threading
import time

from bench.loading.asking import warm_up

BACKLOG = 60  # runs that wait: enough that no worker is ever without
DRAIN_SECONDS = 180.0


def jobs(studio, sockets, seconds, rounds):
    """Runs that succeeded within a time, while some always wait. Who asks is a part of what is measured, so not nice.
    `findings`: what `manage.py audit` says when all have ended."""
    from generation.models import Generation

    succeeded = Generation.objects.filter(status=Generation.Status.SUCCEEDED)
    with asking(hands=2):
        time.sleep(warm_up(seconds))
        for number in range(rounds):
            before, began = succeeded.count(), time.monotonic()
            time.sleep(seconds)
            made, took = succeeded.count() - before, time.monotonic() - began
            if number < rounds - 1:
                yield {"per_minute": 60 * made / took, "findings": 0}
    yield {"per_minute": 60 * made / took, "findings": len(ended_findings())}


@contextlib.contextmanager
def asking(hands):
    """Twenty people's runs come as fast as they are made, BACKLOG of them waiting."""
    from django.db import connections

    from generation.models import Generation
    from generation.models.status import WAITING
    from runwayweb.subscriptions.models import Wallet
    from tests.factories import make_generation, make_project

    films = [make_project() for _ in range(20)]
    for film in films:
        Wallet.objects.of(film.workspace).grant(10**7, reference="bench")
    over, seeds = threading.Event(), itertools.count(1)
    waiting = Generation.objects.filter(status__in=WAITING)

    def ask():
        try:
            while not over.is_set():
                for _ in range(max(0, BACKLOG - waiting.count())):
                    make_generation(random.choice(films), model="null", prompt="null 0 s", seed=next(seeds))
                over.wait(0.05)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(hands)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(60)


def ended_findings():
    """Wait until every run has ended and every file its poster, then what the audit finds."""
    from datetime import timedelta

    from generation.models import Generation
    from runwayweb.assets.models import Asset
    from runwayweb.proof.proof import Proof

    deadline = time.monotonic() + DRAIN_SECONDS
    while Generation.objects.in_progress().exists() or Asset.objects.unprepared().exists():
        if time.monotonic() > deadline:
            break
        time.sleep(0.5)
    findings = [str(finding) for finding in Proof(within=timedelta(0)).findings()]
    for finding in findings[:10]:
        print(finding, file=sys.stderr)
    return findings

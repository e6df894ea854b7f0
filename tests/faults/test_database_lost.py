"""The database ends every connection, as it does when it is restarted: whoever held one opens another."""

import threading
import time
from collections import Counter

import psycopg
import pytest
from django.db import OperationalError, connection

from generation.models import Generation
from generation.models.event import EventCounter
from generation.models.status import Status
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation
from tests.faults.auditor import findings
from tests.faults.lanes import report, times

pytestmark = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no server to lose")

PAUSES = (1, 3, 5, 7, 9, 12, 14, 16, 18, 20)  # tenths of a second; before and after the first to wait has looked


@pytest.mark.parametrize("pool", ["0", "4"])
def test_a_worker_that_lost_its_connection_goes_on_with_another(site, project, quick, pool):
    site.start("gpu", quick | {"DATABASE_POOL": pool})
    site.start("dispatcher", quick | {"DATABASE_POOL": pool})
    before = make_generation(project)
    site.wait(lambda: Generation.objects.get(pk=before.pk).status == Status.SUCCEEDED, seconds=40)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] > 0
    after = make_generation(project)
    site.wait(lambda: Generation.objects.get(pk=after.pk).status == Status.SUCCEEDED)


@pytest.mark.part(8)
@pytest.mark.timeout(300)
def test_two_that_wait_for_each_other_are_parted_and_nothing_is_half_done(project):
    """Somebody in the database's own shell holds what a cancel needs last, and asks for what it has first."""
    parted = Counter(meet(project, seconds / 10) for seconds in times((1, 9, 15), PAUSES))
    found = findings()
    report("two wait for each other", pairs=parted.total(), told_to_give_way=dict(parted), findings=found)
    assert set(parted) == {"the cancel", "the shell"}, "either is told at times"
    assert found == []


def meet(project, pause):
    """Let both meet, the shell so many seconds after the cancel; who of them was told to give way."""
    run, cancelled, told = make_generation(project), [], "the cancel"

    def cancel():
        try:
            cancelled.append(Generation.objects.get(pk=run.pk).cancel())
        except OperationalError as error:
            cancelled.append(error)
        finally:
            connection.close()

    where = {"conninfo": "", **connection.get_connection_params()} | {"cursor_factory": None}
    cancelling = threading.Thread(target=cancel)
    with psycopg.connect(**where) as shell:
        counter, table = EventCounter._meta.db_table, Generation._meta.db_table
        shell.execute(f"SELECT 1 FROM {counter} WHERE workspace_id = %s FOR UPDATE", [run.workspace_id])
        cancelling.start()
        time.sleep(pause)  # PostgreSQL looks for a circle once somebody waited for a second
        try:
            shell.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [run.pk])
        except psycopg.errors.DeadlockDetected:
            shell.rollback()
            told = "the shell"
    cancelling.join(30)
    [outcome] = cancelled
    run.refresh_from_db()
    if told == "the shell":
        assert outcome is True and run.status == Status.CANCELLED
    else:
        assert "deadlock" in str(outcome)
        assert run.status == Status.QUEUED and Wallet.objects.of(project.workspace).held == run.cost
        assert run.cancel(), "the next one has its way"
    wallet = Wallet.objects.of(project.workspace)
    assert (wallet.held, wallet.spent) == (0, 0)
    return told

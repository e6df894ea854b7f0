"""Disks that are full, shut or away: whoever asked is told and pays nothing, and afterwards it goes on by itself."""

import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import contextmanager

import pytest
from django.conf import settings

from generation.models import Generation
from generation.models.status import Status
from runwayweb.assets.models import Asset
from runwayweb.subscriptions.models import Wallet
from tests.faults.auditor import ended, findings
from tests.faults.lanes import report, times
from tests.faults.test_workers_killed import outcomes
from tests.small_disk import full, small_disk

RECOVERY_SECONDS = 60


@contextmanager
def shut(folder):
    with small_disk(folder):
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        yield lambda: subprocess.run(["mount", "-o", "remount,rw", folder], check=True)


@contextmanager
def away(folder):
    """Something else is where the folder was."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("no folder")
    try:
        yield folder.unlink
    finally:
        if folder.is_file():
            folder.unlink()


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("trouble", [full, shut, away])
def test_a_disk_in_trouble_costs_nobody_anything(cluster, project, trouble):
    mended = []
    for _ in range(times(1, 5)):
        with trouble(settings.MEDIA_ROOT) as mend:
            if not cluster.children:
                cluster.start("gpu", "dispatcher")
            runs = cluster.ask(3, seconds=(0.1, 0.2))
            cluster.finish()
            failed = Generation.objects.filter(pk__in=[run.pk for run in runs], status=Status.FAILED)
            assert failed.count() == 3, outcomes()
            assert set(failed.values_list("failure_code", flat=True)) == {"INTERNAL.STORAGE"}
            assert all("operator" in run.failure for run in failed)
            assert sum(Wallet.objects.of(project.workspace).held for project in cluster.users()) == 0
            mend()
            mended_at = time.monotonic()
            again = cluster.ask(2, seconds=(0.1, 0.2))
            cluster.wait(ended, seconds=RECOVERY_SECONDS)
            mended.append(time.monotonic() - mended_at)
            assert set(
                Generation.objects.filter(pk__in=[run.pk for run in again]).values_list("status", flat=True)
            ) == {Status.SUCCEEDED}
            found = findings()
        assert found == []
        forget_what_lay_there()
    report(
        f"disk {trouble.__name__}",
        faults=times(1, 5),
        seed=cluster.seed,
        seconds_until_runs_succeed_again=round(max(mended), 1),
        ended=outcomes(),
        findings=found,
    )


def forget_what_lay_there():
    """The disk is gone with all files; their assets are no finding of the next round."""
    Asset.objects.update(state=Asset.State.GONE)


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
def test_a_database_on_a_full_disk_is_whole_afterwards(tmp_path):
    """SQLite takes back what it could not write: nothing is half there, and with room it goes on."""
    with small_disk(tmp_path / "disk", "2m") as disk:
        database = sqlite3.connect(disk / "studio.sqlite3", isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, data BLOB)")
        rows = 0
        with pytest.raises(sqlite3.OperationalError, match="full"):
            while True:
                database.execute("BEGIN IMMEDIATE")
                database.execute("INSERT INTO kept (data) VALUES (?)", [os.urandom(10_000)])
                database.execute("COMMIT")
                rows += 1
        if database.in_transaction:
            database.execute("ROLLBACK")
        database.close()
        with sqlite3.connect(disk / "studio.sqlite3") as again:
            assert again.execute("SELECT count(*) FROM kept").fetchone() == (rows,)
            assert again.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert rows > 10

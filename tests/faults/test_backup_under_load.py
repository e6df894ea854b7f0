"""A studio is kept while it is busy, and what was kept goes on elsewhere with the runs that were on their way."""

import json
import os
import time

import pytest

from tests.faults.auditor import findings
from tests.faults.cluster import Cluster
from tests.faults.lanes import report, times
from tests.faults.test_workers_killed import outcomes
from tests.faults.visitor import Visitor
from tests.house.test_backups import back_up, elsewhere, rows
from tests.servers.valkey import Valkey

ON_THEIR_WAY = "SELECT COUNT(*) FROM generation_generation WHERE finished_at IS NULL"
ALL = "SELECT COUNT(*) FROM generation_generation"


@pytest.mark.full
@pytest.mark.part(5)
@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif(
    "DATABASE_URL" in os.environ, reason="SQLite is told here, PostgreSQL by tests/house/test_backups.py"
)
def test_what_is_kept_of_a_busy_studio_goes_on_elsewhere(cluster, project, quick, tmp_path):
    cluster.start("web", "gpu", "gpu", "dispatcher")
    kept = []
    with Visitor(cluster) as visitor:
        cluster.wait(lambda: visitor.statuses[200] > 1, seconds=300)
        visitor.statuses.clear()  # of a server that was still starting
        for _ in range(times(1, 3)):
            cluster.ask(times(15, 60))
            cluster.wait(cluster.working)
            began = time.monotonic()
            backup, said = back_up(tmp_path / "kept", media=True, check=True)
            kept.append((backup, time.monotonic() - began))
            assert "can be restored" in said
    cluster.finish()
    found = findings()
    assert found == [] and set(outcomes()) == {"succeeded"}
    assert visitor.wrong == [] and set(visitor.statuses) == {200}

    told = []
    for number, (backup, seconds) in enumerate(kept):
        new = tmp_path / f"new-{number}"
        restored = elsewhere(new, "restore", str(backup))
        assert restored.returncode == 0 and "All is well" in restored.stdout, restored.stdout + restored.stderr
        [(on_their_way,)], [(runs,)] = rows(new, ON_THEIR_WAY), rows(new, ALL)
        audit = went_on(new, quick)
        assert audit["findings"] == []
        assert rows(new, "SELECT DISTINCT status FROM generation_generation") == [("succeeded",)]
        told.append({"seconds": round(seconds, 1), "runs": runs, "on_their_way": on_their_way})
    assert any(backup["on_their_way"] for backup in told), "nothing was going on"
    report("kept while it works", seed=cluster.seed, backups=told, site=visitor.told, findings=found)


def went_on(data, quick):
    """What an audit says of an installation once all its runs have ended."""
    folder = data.with_name(f"{data.name}-processes")
    folder.mkdir()
    valkey = Valkey(folder / "valkey.sock")
    valkey.start()
    env = quick | {"RUNWAYWEB_DATA": str(data), "VALKEY_URL": f"unix://{folder / 'valkey.sock'}?db=0"}
    cluster = Cluster(f"sqlite:///{data / 'runwayweb.sqlite3'}", folder, env)
    try:
        cluster.start("gpu", "dispatcher")
        cluster.wait(lambda: rows(data, ON_THEIR_WAY) == [(0,)], seconds=300)
        audit = elsewhere(data, "audit", "--json", "--within", "0", VALKEY_URL=env["VALKEY_URL"])
        return json.loads(audit.stdout)
    finally:
        cluster.stop()
        valkey.stop()

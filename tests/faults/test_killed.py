"""Processes killed at the worst moments: nothing is lost, nothing is paid twice."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings

from generation.models import Generation
from generation.models.status import Status
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation
from tests.faults.auditor import audit, ended

IN_THE_WORKER = [
    "after_claim", "mid_render", "after_output_tmp", "after_output_rename", "before_final_tx", "after_final_tx",
    "before_ack",
]  # fmt: skip

REQUEST = """
import sys, django
django.setup()
from projects.models import Project
from tests.factories import make_generation
make_generation(Project.objects.get(pk=sys.argv[1]))
"""


@pytest.mark.slow
def test_a_worker_killed_at_any_point_costs_nothing_but_time(site, quick, project):
    for point in IN_THE_WORKER:
        make_generation(project)
        worker = site.start("gpu", env=quick | {"FAULT_AT": point})
        assert worker.wait(60) == -signal.SIGKILL, f"{point}\n{site.logs()}"
    site.start("dispatcher", env=quick)
    site.start("gpu", env=quick)
    site.wait(ended, seconds=60)
    assert set(Generation.objects.values_list("status", flat=True)) == {Status.SUCCEEDED}
    assert Wallet.objects.of(project.workspace).spent == len(IN_THE_WORKER)
    audit()


@pytest.mark.slow
@pytest.mark.parametrize(("point", "kept"), [("after_hold", 0), ("after_commit", 1), ("after_dispatch", 1)])
def test_a_web_process_killed_while_it_takes_a_request(site, quick, project, database_url, point, kept):
    """Before the commit it never was; after it, it runs, wake-up or not."""
    environment = os.environ | {"DATABASE_URL": database_url, "FAULT_AT": point}
    web = subprocess.run(
        [sys.executable, "-c", REQUEST, str(project.pk)], env=environment, cwd=settings.BASE_DIR, timeout=60
    )
    assert web.returncode == -signal.SIGKILL
    assert Generation.objects.count() == kept
    assert Wallet.objects.of(project.workspace).held == kept
    if kept:
        site.start("dispatcher", env=quick)
        site.start("gpu", env=quick)
        site.wait(ended, seconds=60)
        assert Generation.objects.get().status == Status.SUCCEEDED
    audit()


@pytest.mark.slow
def test_a_run_that_kills_its_worker_every_time_ends_after_three(site, quick, project):
    generation = make_generation(project)
    site.start("dispatcher", env=quick)
    for _ in range(3):
        assert site.start("gpu", env=quick | {"FAULT_AT": "mid_render"}).wait(60) == -signal.SIGKILL
    site.wait(ended, seconds=30)
    generation.refresh_from_db()
    assert (generation.status, generation.failure_code, generation.attempt) == (
        Status.FAILED,
        "INTERNAL.WORKER_LOST",
        3,
    )
    assert Wallet.objects.of(project.workspace).available == 500
    audit()


@pytest.mark.slow
def test_a_frozen_worker_that_wakes_changes_nothing(site, quick, project):
    generation = make_generation(project, width=512, height=288, num_frames=48)
    site.start("dispatcher", env=quick)
    sleeper = site.start("gpu", env=quick)
    row = Generation.objects.filter(pk=generation.pk)
    site.wait(lambda: row.filter(step__gt=0).exists(), seconds=60)
    os.kill(sleeper.pid, signal.SIGSTOP)
    site.start("gpu", env=quick)
    site.wait(ended, seconds=90)
    generation.refresh_from_db()
    assert (generation.status, generation.attempt) == (Status.SUCCEEDED, 2)
    finished_at, asset = generation.finished_at, generation.asset_id
    os.kill(sleeper.pid, signal.SIGCONT)
    # Awake, it finds the row gone at its next step, and goes on to the next run.
    make_generation(project)
    site.wait(ended, seconds=60)
    generation.refresh_from_db()
    assert (generation.finished_at, generation.asset_id, generation.attempt) == (finished_at, asset, 2)
    site.wait(lambda: not any((settings.MEDIA_ROOT / "tmp").glob("*")), seconds=30)
    audit()


@pytest.mark.slow
def test_sigterm_hands_the_run_back_without_spending_an_attempt(site, quick, project):
    generation = make_generation(project, width=512, height=288, num_frames=48)
    worker = site.start("gpu", env=quick)
    row = Generation.objects.filter(pk=generation.pk)
    site.wait(lambda: row.filter(step__gt=0).exists(), seconds=60)
    worker.terminate()
    assert worker.wait(30) == 0
    generation.refresh_from_db()
    assert (generation.status, generation.attempts_spent) == (Status.QUEUED, 0)
    generation.cancel()
    audit()

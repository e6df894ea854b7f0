"""Valkey is a hint: emptied, killed, frozen, it costs time and nothing else."""

import django_rq
import pytest

from generation.models import Generation
from generation.models.status import Status
from tests.factories import make_generation
from tests.faults.auditor import audit, ended


@pytest.mark.slow
def test_fifty_queued_all_run_after_flushall(site, quick, project):
    for seed in range(50):
        make_generation(project, seed=seed)
    connection = django_rq.get_connection("gpu")
    assert len(django_rq.get_queue("gpu").job_ids) == 50
    connection.flushall()
    assert django_rq.get_queue("gpu").job_ids == []
    site.start("dispatcher", env=quick)
    site.start("gpu", env=quick)
    site.wait(ended, seconds=120)
    assert Generation.objects.filter(status=Status.SUCCEEDED).count() == 50
    audit()


@pytest.mark.slow
def test_a_worker_outlives_a_server_that_dies_while_it_draws(site, quick, project, valkey):
    for seed in range(2):
        make_generation(project, seed=seed)
    site.start("dispatcher", env=quick)
    worker = site.start("gpu", env=quick)
    site.wait(lambda: Generation.objects.filter(status=Status.RUNNING).exists(), seconds=60, every=0.005)
    valkey.kill()
    site.wait(lambda: Generation.objects.filter(status=Status.SUCCEEDED).exists(), seconds=60)
    site.wait(lambda: "generation.worker: " in site.logs(lines=200), seconds=20)
    valkey.start()
    site.wait(ended, seconds=60)
    assert worker.poll() is None
    audit()


@pytest.mark.slow
def test_a_worker_that_waits_for_a_server_stops_when_it_is_told(site, quick, valkey):
    valkey.kill()
    worker = site.start("gpu", env=quick)
    site.wait(lambda: "generation.worker: " in site.logs(lines=200), seconds=60)
    worker.terminate()
    assert worker.wait(10) == 0
    valkey.start()


@pytest.mark.slow
def test_a_server_killed_under_load_and_started_empty_loses_no_run(site, quick, project, valkey):
    for seed in range(10):
        make_generation(project, seed=seed)
    site.start("dispatcher", env=quick)
    site.start("gpu", env=quick)
    site.wait(lambda: Generation.objects.filter(status=Status.SUCCEEDED).exists(), seconds=60)
    valkey.kill()
    make_generation(project, seed=99)
    valkey.start()
    site.wait(ended, seconds=60)
    assert Generation.objects.filter(status=Status.SUCCEEDED).count() == 11
    audit()


@pytest.mark.slow
def test_a_server_emptied_while_a_worker_draws_is_not_an_error(cluster, project, valkey):
    """rq finds its own notes of the wake-up gone; the run it was for ends as if nothing had happened."""
    cluster.start("gpu", "dispatcher")
    [run] = cluster.ask(1, seconds=(1.5, 1.5))
    cluster.wait(lambda: Generation.objects.filter(pk=run.pk, step__gt=0).exists(), seconds=60, every=0.02)
    django_rq.get_connection("gpu").flushall()
    cluster.wait(ended)
    cluster.wait(lambda: "Valkey forgot it meanwhile" in cluster.logs(), seconds=10)
    cluster.ask(2)
    cluster.wait(ended, seconds=30)
    assert "Traceback" not in cluster.logs(1000) and cluster.endings == []
    audit()

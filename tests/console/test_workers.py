"""Workers that an operator drains, stops and lets work again."""

import os
import signal

import pytest
from django.urls import reverse

from generation.models import Generation, Wish, Worker
from generation.pulse import Pulse
from tests.factories import make_generation, make_project

STATUS = Generation.Status
QUICK = {"LEASE_SECONDS": "3", "LEASE_RENEWAL_SECONDS": "1", "DISPATCH_SECONDS": "0.3", "BEAT_SECONDS": "0.5"}


def wish(console, worker, what):
    return console.post(reverse("console:worker-wish", args=[worker.pk]), {"what": what})


@pytest.fixture
def worker(db):
    pulse = Pulse("gpu")
    yield pulse.worker
    pulse.stop()


def test_a_wish_is_kept_heard_with_the_next_beat_and_told_in_the_log(console, told, worker, settings):
    settings.WORKER_SLOT = "gpu"
    pulse = Pulse("gpu")
    assert not pulse.is_to_rest
    for what, rests, hands_back in (("drain", True, False), ("stop", True, True), ("", False, False)):
        assert wish(console, worker, what).status_code == 302
        pulse.announce()
        assert (pulse.is_to_rest, pulse.hands_back) == (rests, hands_back)
    assert [deed for deed, _about, _details in told()] == ["worker_resumed", "worker_stopped", "worker_drained"]
    assert told()[0][1] == f"gpu · {worker.host}"


def test_asking_twice_changes_and_tells_nothing(console, told, worker, olga):
    assert Wish.objects.ask(worker, "drain", by=olga) is True
    assert Wish.objects.ask(worker, "drain", by=olga) is False
    assert len(told()) == 1
    assert wish(console, worker, "nonsense").status_code == 400


def test_a_process_that_is_started_again_keeps_to_it(worker, olga):
    Wish.objects.ask(worker, "drain", by=olga)
    assert Pulse("gpu").is_to_rest, "the same place"
    assert not Pulse("media").is_to_rest


def test_who_only_looks_after_rows_cannot_rest(console):
    dispatcher = Pulse("dispatcher").worker
    assert wish(console, dispatcher, "drain").status_code == 404


def test_the_page_tells_what_each_does(console, ada, worker, olga):
    run = make_generation(make_project(ada))
    Generation.objects.claim_next(worker)
    page = console.get(reverse("console:workers")).content.decode()
    assert "At work" in page and str(run.pk)[:8] in page
    Wish.objects.ask(worker, "drain", by=olga)
    assert "Finishing its last" in console.get(reverse("console:workers")).content.decode()
    run.cancel()
    assert "Draining" in console.get(reverse("console:workers")).content.decode()
    Worker.objects.update(beat_at="2020-01-01T00:00Z")
    assert "No sign of life" in console.get(reverse("console:workers")).content.decode()


def test_the_page_tells_what_each_machine_has(console, worker):
    has = {"installed": ["wan-2.2", "ltx-2.5", "animatic"], "warm": ["ltx-2.5"]}
    has |= {"host": "kiln", "device": "NVIDIA H200", "gpu_gb": 139.8, "gpu_used_gb": 61.2, "ram_gb": 503.0}
    Worker.objects.filter(pk=worker.pk).update(**has)
    page = " ".join(console.get(reverse("console:workers")).content.decode().split())
    for words in ("kiln", "NVIDIA H200", "140 GB + 503 GB RAM · 61 GB in use", "wan-2.2, animatic"):
        assert words in page
    assert page.index('title="Loaded">ltx-2.5') < page.index("wan-2.2, animatic")


@pytest.mark.slow
def test_a_drained_worker_finishes_its_run_and_leaves_the_rest_to_others(site, transactional_db):
    """Real processes: it is not replaced, loses nothing, and works again when it may."""
    project, olga, first = begin(site)
    gpu = Worker.objects.get(kind="gpu")
    Wish.objects.ask(gpu, "drain", by=olga)
    second = make_generation(project)
    site.wait(lambda: status_of(first) == STATUS.SUCCEEDED, seconds=60)
    site.wait(lambda: Worker.objects.get(pk=gpu.pk).beat_at > Generation.objects.get(pk=first.pk).finished_at)
    assert status_of(second) == STATUS.QUEUED
    other = site.start("gpu", env=QUICK | {"WORKER_SLOT": "gpu 2"})
    site.wait(lambda: status_of(second) == STATUS.SUCCEEDED, seconds=90)
    assert Generation.objects.get(pk=second.pk).worker.slot == "gpu 2"
    other.send_signal(signal.SIGTERM)
    other.wait(10)
    third = make_generation(project)
    Wish.objects.ask(gpu, "", by=olga)
    site.wait(lambda: status_of(third) == STATUS.SUCCEEDED, seconds=30)
    assert Generation.objects.get(pk=third.pk).worker == gpu, "the same process all the while"


@pytest.mark.slow
def test_a_stopped_worker_hands_its_run_back_and_no_attempt_is_spent(site, transactional_db):
    _project, olga, run = begin(site, num_frames=110, num_inference_steps=50, width=512, height=288)
    gpu = Worker.objects.get(kind="gpu")
    Wish.objects.ask(gpu, "stop", by=olga)
    site.wait(lambda: status_of(run) == STATUS.QUEUED)
    run.refresh_from_db()
    assert (run.attempt, run.attempts_spent) == (1, 0)
    os.kill(gpu.pid, 0)  # it lives
    Wish.objects.ask(gpu, "", by=olga)
    site.wait(lambda: status_of(run) == STATUS.RUNNING)
    run.refresh_from_db()
    assert (run.attempt, run.worker_id) == (2, gpu.pk)
    run.cancel()


def begin(site, **asked):
    """(project, operator, run that a worker has): a dispatcher and one worker at work."""
    from tests.factories import make_user

    project, olga = make_project(make_user("ada")), make_user("olga", is_staff=True)
    site.start("dispatcher", env=QUICK)
    site.start("gpu", env=QUICK | {"WORKER_SLOT": "gpu"})
    site.wait(lambda: Worker.objects.filter(kind="gpu").exists(), seconds=90)
    asked = {"num_frames": 48, "num_inference_steps": 20, "width": 256, "height": 144} | asked
    run = make_generation(project, **asked)
    site.wait(lambda: status_of(run) == STATUS.RUNNING and Generation.objects.get(pk=run.pk).step, seconds=30)
    return project, olga, run


def status_of(run):
    return Generation.objects.values_list("status", flat=True).get(pk=run.pk)

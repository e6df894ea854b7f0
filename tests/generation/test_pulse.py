"""Signs of life: a worker that hangs in one call falls silent, one that was forgotten comes back."""

import threading
import time

import pytest
from django.db.models.functions import Now

from generation.models import Generation, Wish, Worker
from generation.pulse import Pulse
from tests.factories import make_generation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def beating(settings):
    settings.BEAT_SECONDS, settings.LEASE_RENEWAL_SECONDS, settings.LEASE_SECONDS = 0.05, 0.05, 3
    pulse = Pulse("gpu").start()
    yield pulse
    pulse.stop()
    assert not Worker.objects.filter(pk=pulse.worker.pk).exists()


class Held:
    """What the pulse knows of an attempt."""

    def __init__(self, generation):
        self.generation, self.number, self.lost = generation, generation.attempt, threading.Event()


def beats(pulse, within=1.0):
    """Whether another beat comes."""
    beat_at = Worker.objects.get(pk=pulse.worker.pk).beat_at
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if Worker.objects.get(pk=pulse.worker.pk).beat_at > beat_at:
            return True
        time.sleep(0.02)
    return False


def test_an_idle_worker_beats(beating):
    assert beats(beating)


def test_a_worker_that_hangs_in_one_call_falls_silent_and_loses_its_lease(beating, project):
    make_generation(project)
    generation = Generation.objects.claim_next(beating.worker)
    beating.works_on(Held(generation), stall_seconds=0.5)
    assert beats(beating), "within the time one call may take"
    time.sleep(0.6)
    assert not beats(beating, within=0.4)
    lease = Generation.objects.get(pk=generation.pk).lease_until
    time.sleep(0.2)
    assert Generation.objects.get(pk=generation.pk).lease_until == lease
    beating.alive()
    assert beats(beating)


def test_a_worker_that_stores_what_it_drew_is_not_taken_for_stuck(beating, project):
    make_generation(project)
    generation = Generation.objects.claim_next(beating.worker)
    beating.works_on(Held(generation), stall_seconds=0.2)
    beating.stores()
    time.sleep(0.4)
    assert beats(beating)
    beating.works_on(Held(generation), stall_seconds=0.2)
    time.sleep(0.4)
    assert not beats(beating, within=0.4), "of the next run each call is as long as before"


def test_a_lease_is_renewed_while_a_step_takes_long_and_its_loss_is_noticed(beating, project):
    generation = make_generation(project)
    held = Held(Generation.objects.claim_next(beating.worker))
    beating.works_on(held, stall_seconds=10)
    Generation.objects.filter(pk=generation.pk).update(lease_until=Now())
    time.sleep(0.4)
    assert not Generation.objects.expired().exists()
    generation.cancel()
    assert held.lost.wait(1)


def test_a_worker_taken_off_the_list_comes_back(beating):
    Worker.objects.all().delete()
    time.sleep(0.3)
    assert Worker.objects.get().pk == beating.worker.pk


def test_what_is_wanted_is_heard_without_saying_again_that_it_lives(settings, django_assert_num_queries):
    told = {"warm": ["animatic"]}
    pulse = Pulse("gpu", tells=lambda: dict(told))
    beat_at = Worker.objects.get(pk=pulse.worker.pk).beat_at
    Wish.objects.create(host=pulse.worker.host, slot=pulse.worker.slot, what="drain")
    with django_assert_num_queries(1):
        pulse.hear()
    assert pulse.is_to_rest and Worker.objects.get(pk=pulse.worker.pk).beat_at == beat_at
    told["warm"] = ["built-in"]
    pulse.hear()
    assert Worker.objects.get(pk=pulse.worker.pk).warm == ["built-in"], "it has something to tell"
    Worker.objects.all().delete()  # as whoever slept for long is taken off the list
    settings.BEAT_SECONDS = 0
    pulse.hear()
    assert Worker.objects.filter(pk=pulse.worker.pk).exists()

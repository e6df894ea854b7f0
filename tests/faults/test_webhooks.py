"""The process that brings messages away, killed at its worst moment and started again: a real one, with the certificate
and the port of a real receiver."""

import os
import signal
import subprocess

import pytest
from django.conf import settings
from django.utils import timezone

from generation.models import Event, Worker
from runwayweb.api.models import Delivery, Endpoint
from runwayweb.api.models.delivery import CLAIMED
from tests.api.receiver import URL, hour_strikes, wait_for
from tests.factories import make_generation, make_project, make_user
from tests.faults.sender import command_of
from tests.servers.https import answer


@pytest.fixture
def start(database_url, receiver, tmp_path):
    """Start the process, with these extra variables."""
    running = []

    def start(**environment):
        variables = os.environ | {"DATABASE_URL": database_url, "WEBHOOK_SECONDS": "0.1"} | environment
        process = subprocess.Popen(command_of(receiver), env=variables, cwd=settings.BASE_DIR)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def made(transactional_db, receiver):
    ada = make_user("ada")
    return Endpoint.objects.add(ada.open_workspace(), by=ada, url=URL)


def test_killed_between_sending_and_keeping_it_sends_again_under_the_same_id(made, receiver, start):
    endpoint, secret = made
    project = make_project(endpoint.workspace.owner)
    make_generation(project)
    assert start(FAULT_AT="after_webhook_sent").wait(60) == -signal.SIGKILL
    assert len(receiver.posted) == 1, "it was sent, and nobody wrote that down"
    delivery = endpoint.deliveries.get()
    assert (delivery.status, delivery.attempts) == (Delivery.Status.PENDING, 1)
    assert timezone.now() < delivery.claimed_until < timezone.now() + CLAIMED, "nobody takes it for a moment"
    hour_strikes()
    process = start()
    wait_for(lambda: endpoint.deliveries.get().status == Delivery.Status.SUCCEEDED, seconds=30)
    assert len(receiver.posted) == 2
    first, second = (post.headers["webhook-id"] for post in receiver.posted)
    assert first == second == delivery.message_id
    assert receiver.verified(secret, 0) == receiver.verified(secret, 1)
    assert Worker.objects.filter(kind=Worker.Kind.WEBHOOKS, pid=process.pid).exists(), "the supervisor sees it beat"
    process.terminate()
    assert process.wait(15) == 0


def test_killed_before_it_wrote_anything_it_misses_nothing(made, receiver, start):
    """Events are read by their sequence: whatever happened while no process ran is told by the next."""
    endpoint, _secret = made
    project = make_project(endpoint.workspace.owner)
    for _ in range(5):
        make_generation(project)
    process = start()
    wait_for(lambda: len(receiver.posted) == 5, seconds=30)
    process.kill()
    process.wait()
    make_generation(project)
    hour_strikes()  # for what was not settled yet
    start()
    wait_for(lambda: endpoint.deliveries.filter(status=Delivery.Status.SUCCEEDED).count() == 6, seconds=30)
    told = {post.headers["webhook-id"] for post in receiver.posted}
    assert len(told) == 6 == Event.objects.count()


def test_two_processes_send_each_message_once(made, receiver, start):
    endpoint, _secret = made
    project = make_project(endpoint.workspace.owner)
    start(), start()
    for _ in range(20):
        make_generation(project)
    wait_for(lambda: endpoint.deliveries.filter(status=Delivery.Status.SUCCEEDED).count() == 20, seconds=60)
    assert len(receiver.posted) == 20


@pytest.mark.slow
def test_told_to_stop_it_goes_at_once_and_what_is_under_way_is_sent_again(made, receiver, start):
    endpoint, _secret = made
    came = []

    def silent(handler):
        came.append(1)
        wait_for(lambda: process.poll() is not None, seconds=20)

    receiver.says(silent)
    make_generation(make_project(endpoint.workspace.owner))
    process = start()
    wait_for(lambda: came, seconds=30)
    process.terminate()
    assert process.wait(8) == 0
    assert endpoint.deliveries.get().status == Delivery.Status.PENDING
    receiver.says(answer(status=204))
    hour_strikes()
    start()
    wait_for(lambda: endpoint.deliveries.get().status == Delivery.Status.SUCCEEDED, seconds=30)

"""A Valkey on the network: by TLS, with a password, and only one that the named authority vouches for."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from generation.models import Generation
from generation.models.status import Status
from runwayweb.neighbours import trusting
from runwayweb.valkey import valkey_answers
from tests.factories import make_generation, make_project, make_user
from tests.servers.tls import TlsFront
from tests.servers.valkey import Valkey

# Everybody here who speaks to Valkey, each in its own way; prints who was heard.
EVERYBODY = """
import asyncio, django
django.setup()
import django_rq
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.cache import cache
from rq import SimpleWorker
from runwayweb.api import rates
from runwayweb.valkey import valkey_answers

async def by_channels():
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("films", channel)
    await layer.group_send("films", {"type": "step"})
    return (await asyncio.wait_for(layer.receive(channel), 5))["type"]

cache.set("cache", ["kept"])
queue = django_rq.get_queue("media")
queue.enqueue("os.getpid", job_id="one")
worked = SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)
answers = valkey_answers(settings.VALKEY_URL), rates.valkey().ping()
print(*answers, cache.get("cache"), worked, asyncio.run(by_channels()))
"""


@pytest.fixture
def far_valkey(tmp_path):
    valkey = Valkey(tmp_path / "far.sock", password="secret")
    valkey.start()
    front = TlsFront(valkey.socket, tmp_path)
    front.env = {
        "VALKEY_URL": f"rediss://:secret@localhost:{front.port}/0",
        "VALKEY_CA_FILE": str(front.ca_file),
    }
    yield front
    front.stop()
    valkey.stop()


def test_who_it_is_and_who_asks_are_both_looked_at(far_valkey):
    address = far_valkey.env["VALKEY_URL"]
    assert valkey_answers(trusting(address, str(far_valkey.ca_file)))
    assert not valkey_answers(trusting(address, str(far_valkey.another_ca_file)))
    assert not valkey_answers(address), "nobody of this system vouches for it"
    assert not valkey_answers(trusting(address.replace("secret", "wrong"), str(far_valkey.ca_file)))
    assert not valkey_answers(address.replace("rediss", "redis"))


def test_everybody_here_speaks_it(far_valkey):
    told = subprocess.run(
        [sys.executable, "-c", EVERYBODY],
        cwd=settings.BASE_DIR,
        env=os.environ | far_valkey.env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.stdout.split("\n")[-2:] == ["True True ['kept'] True step", ""], told.stderr


@pytest.mark.slow
def test_a_clip_is_made_by_wake_ups_that_travel_by_it(site, far_valkey, transactional_db):
    env = far_valkey.env | {"DISPATCH_SECONDS": "0.3", "BEAT_SECONDS": "1"}
    for name in ("web", "dispatcher", "gpu", "media"):
        site.start(name, env=env)
    project = make_project(make_user("ada"))
    made = make_generation(project)  # this process speaks to another Valkey: the dispatcher leaves the wake-up
    site.wait(lambda: Generation.objects.get(pk=made.pk).status == Status.SUCCEEDED, seconds=60)
    site.wait(lambda: Generation.objects.get(pk=made.pk).asset.is_prepared, seconds=60)

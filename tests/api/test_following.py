"""A program follows its task over one line, and takes it up again where it broke."""

import json
import threading
import time

import pytest
import requests

from generation.attempt import Attempt
from runwayweb.api.following import MOST_OF_A_KEY
from runwayweb.api.models import Key, Task
from tests.api.conftest import HEADERS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def live(site, program):
    """The same key at a real server, whose answers come in pieces."""
    site.start("web")
    session = requests.Session()
    session.headers.update(HEADERS | {"Authorization": f"Bearer {program.plain}"})
    session.url = site.url
    yield session
    session.close()


def lines_of(answer):
    """(event, data, number) of each event as it comes."""
    event = {}
    for line in answer.iter_lines(decode_unicode=True):
        if line:
            name, _colon, value = line.partition(": ")
            event[name] = value
        elif "data" in event:
            yield event["event"], json.loads(event["data"]), event.get("id")
            event = {}
        else:
            event = {}


def test_a_task_is_followed_to_its_end(live, program, fox, pulse, backstage):
    id = program.post("/v1/text_to_video", fox).json()["id"]
    answer = live.get(f"{live.url}/v1/tasks/{id}/events", stream=True, timeout=20)
    assert answer.headers["Content-Type"] == "text/event-stream"
    heard = lines_of(answer)
    kind, first, _number = next(heard)
    assert kind == "task" and first["status"] == "PENDING"
    began = time.monotonic()
    Attempt.run_next(pulse)
    rest = list(heard)
    assert time.monotonic() - began < 15
    kind, last, number = rest[-1]
    assert kind == "task" and last["status"] == "SUCCEEDED" and last["output"][0].startswith(live.url)
    # Who was away meanwhile hears what was missed, and nothing twice.
    again = live.get(f"{live.url}/v1/tasks/{id}/events", headers={"Last-Event-ID": "1"}, timeout=20)
    told = list(lines_of(again))
    assert [data["status"] for kind, data, _number in told if kind == "status"] == ["running"]
    assert told[-1][1]["status"] == "SUCCEEDED" and told[-1][2] == number


def test_a_key_follows_so_many_at_once_and_a_stream_that_is_left_makes_room(live, program, fox):
    id = program.post("/v1/text_to_video", fox).json()["id"]
    address = f"{live.url}/v1/tasks/{id}/events"
    streams = [live.get(address, stream=True, timeout=20) for _number in range(MOST_OF_A_KEY)]
    heard = [lines_of(stream) for stream in streams]
    assert [next(lines)[0] for lines in heard] == ["task"] * MOST_OF_A_KEY
    refused = live.get(address, timeout=20)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert "follows 20 tasks at once" in refused.json()["error"]
    for stream in streams:
        stream.close()
    deadline = time.monotonic() + 15  # who left is noticed when something is to be told
    while (again := live.get(address, stream=True, timeout=20)).status_code == 429:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert next(lines_of(again))[0] == "task"
    again.close()


@pytest.mark.slow
def test_a_key_that_is_revoked_ends_the_line_within_five_seconds(live, program, fox):
    id = program.post("/v1/text_to_video", fox).json()["id"]
    answer = live.get(f"{live.url}/v1/tasks/{id}/events", stream=True, timeout=20)
    heard = lines_of(answer)
    next(heard)
    Key.objects.get().revoke()
    began = time.monotonic()
    assert [kind for kind, *_rest in heard] == ["gone"]
    assert time.monotonic() - began < 5


@pytest.mark.slow
def test_the_line_lives_on_without_valkey(live, program, fox, pulse, valkey):
    id = program.post("/v1/text_to_video", fox).json()["id"]
    answer = live.get(f"{live.url}/v1/tasks/{id}/events", stream=True, timeout=40)
    heard = lines_of(answer)
    next(heard)
    valkey.kill()
    try:
        task = Task.objects.get(pk=id)
        threading.Timer(0.5, task.generation.cancel).start()
        assert [data["status"] for kind, data, _number in heard if kind == "task"] == ["CANCELLED"]
    finally:
        valkey.start()

"""What a server of its own does with bodies that mean harm, and with fifty calls that come at once."""

import http.client
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import HEADERS
from tests.api.test_wire import NO_BODIES

MIB = 1024**2
# Read whole, each would take a hundred megabytes, or a while.
LARGE = {name: NO_BODIES[name] for name in NO_BODIES if len(NO_BODIES[name]) > 1000}
FOX = {"model": "animatic", "promptText": "a red fox", "ratio": "64:64", "duration": 0.25, "seed": 7}


@pytest.fixture(scope="module")
def web(live):
    """The folder in /proc of the process that answers."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            mine = f"RUNWAYWEB_DATA={live.folder}\0".encode() in (process / "environ").read_bytes()
            if mine and b"uvicorn" in (process / "cmdline").read_bytes():
                return process
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
    raise AssertionError("no web server runs")


def busy_seconds(process):
    """What it took of the processor, which tells its work from that of others on a busy machine."""
    told = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def memory_bytes(process, what):
    status = (process / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith(what)) * 1024


@pytest.mark.parametrize("body", LARGE.values(), ids=LARGE)
def test_a_body_that_is_none_takes_no_time_and_no_memory(live, live_key, web, body):
    headers = HEADERS | {"Authorization": f"Bearer {live_key}", "Content-Type": "application/json"}
    line = http.client.HTTPConnection("127.0.0.1", live.port, timeout=30)

    def seconds_of_refusal():
        began = busy_seconds(web)
        line.request("POST", "/v1/text_to_video", body, headers)
        answer = line.getresponse()
        told = json.loads(answer.read())
        assert answer.status == 400 and told["error"], told
        return busy_seconds(web) - began

    seconds_of_refusal()  # what is loaded at the first call is loaded now
    (web / "clear_refs").write_text("5")  # the highest so far is that of now
    before = memory_bytes(web, "VmRSS")
    assert min(seconds_of_refusal() for _time in range(3)) < 0.2
    assert memory_bytes(web, "VmHWM") - before < 50 * MIB


def test_fifty_at_once_under_one_key_are_one_task(live):
    key = live.new_key("--credits", "100", email="fifty@example.org")  # whose credits nothing else moves
    headers = HEADERS | {"Authorization": f"Bearer {key}", "Idempotency-Key": "fifty"}
    held = httpx.get(f"{live.url}/v1/organization", headers=headers).json()["creditBalance"]

    def call(_number):
        return httpx.post(f"{live.url}/v1/text_to_video", json=FOX, headers=headers, timeout=120)

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(call, range(50)))
    assert {answer.status_code for answer in answers} == {200}, {answer.text for answer in answers}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    told = httpx.post(f"{live.url}/v1/text_to_video", json=FOX | {"seed": 8}, headers=headers)
    assert told.status_code == 400 and "same parameters" in told.json()["error"]
    left = httpx.get(f"{live.url}/v1/organization", headers=headers).json()["creditBalance"]
    assert held - left == answers[0].json()["estimatedCost"]["credits"] == 1

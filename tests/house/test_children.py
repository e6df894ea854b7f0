"""How a single process is kept running, and which GPUs get one."""

import os
import platform
import signal
import subprocess
import sys
import time

import pytest

from runwayweb.supervisor.child import Child
from runwayweb.supervisor.commands import web_environment
from runwayweb.supervisor.gpus import devices_of, visible_gpus
from runwayweb.supervisor.roster import children
from tests.servers.studio import children_of, runs

LISTING = """\
GPU 0: NVIDIA H200 (UUID: GPU-11111111-aaaa-bbbb-cccc-000000000000)
GPU 1: NVIDIA H200 (UUID: GPU-22222222-aaaa-bbbb-cccc-000000000000)
  MIG 3g.71gb     Device  0: (UUID: MIG-33333333-aaaa-bbbb-cccc-000000000000)
  MIG 3g.71gb     Device  1: (UUID: MIG-44444444-aaaa-bbbb-cccc-000000000000)
"""


def tend(child, said, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        child.tend(said.append)
        time.sleep(0.01)


def test_what_fails_at_once_is_started_again_less_and_less_often():
    said = []
    child = Child("broken", [sys.executable, "-c", "print('no model'); exit(3)"])
    deadline = time.monotonic() + 30  # an interpreter takes its time to start on a busy machine
    while said.count("broken | no model") < 3 and time.monotonic() < deadline:
        tend(child, said, seconds=0.1)
    assert said.count("broken | no model") == 3
    endings = [line for line in said if "ended" in line]
    assert endings[:2] == [
        "broken ended with exit code 3; starting it again in 0.5 s",
        "broken ended with exit code 3; starting it again in 1 s",
    ]


def test_what_a_process_started_ends_with_it():
    said = []
    sleeper = "import subprocess, time; subprocess.Popen(['sleep', '60']); print('up'); time.sleep(60)"
    child = Child("parent", [sys.executable, "-c", sleeper])
    child.start(said.append)
    while "parent | up" not in said:
        time.sleep(0.01)
    (sleep,) = children_of(child.pid)
    child.process.send_signal(signal.SIGKILL)
    tend(child, said, seconds=0.3)
    assert not runs(sleep)


def test_those_who_draw_give_way_to_those_who_answer():
    told = {}
    for name, gives_way in (("web", False), ("gpu", True)):
        said = []
        child = Child(name, [sys.executable, "-c", "input()"], gives_way=gives_way)
        child.start(said.append)
        told[name] = os.getpriority(os.PRIO_PROCESS, child.pid)
        child.process.kill()
        child.process.wait()
    assert told["gpu"] == min(19, told["web"] + 5)
    assert {child.name for child in children(0) if not child.gives_way} == {"web", "dispatcher", "webhooks"}


def test_a_gpu_that_is_cut_into_slices_counts_as_its_slices():
    assert [device[:12] for device in devices_of(LISTING)] == ["GPU-11111111", "MIG-33333333", "MIG-44444444"]


@pytest.mark.parametrize(("chosen", "gpus"), [("", []), ("-1", []), ("0,3", ["0", "3"]), ("GPU-1", ["GPU-1"])])
def test_the_operators_choice_of_gpus_is_kept(monkeypatch, chosen, gpus):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    assert visible_gpus() == gpus


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Another library deals out memory here.")
def test_what_large_pages_took_does_not_stay_with_the_web_server():
    program = (
        "del [bytearray(1 << 20)][:]\n"  # glibc learns from the first that is given back
        "large, small = [], []\n"
        "for number in range(100):\n"
        "    large.append(bytearray(b'x') * (1 << 20)); small.append(bytearray(600))\n"
        "large.clear()\n"
        "print(open('/proc/self/status').read().partition('VmRSS:')[2].split()[0])\n"
    )

    def left_mb(environment):
        told = subprocess.run([sys.executable, "-c", program], env=environment, check=True, stdout=subprocess.PIPE)
        return int(told.stdout) / 1024

    assert left_mb({}) > 100 > 50 > left_mb(web_environment())
    (web,) = [child for child in children(0) if child.name == "web"]
    assert web.env == web_environment()


def test_the_operators_word_about_memory_counts(monkeypatch):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "8")
    assert web_environment()["MALLOC_ARENA_MAX"] == "8"

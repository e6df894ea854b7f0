"""Whatever decodes a file from outside reaches nobody, whether or not the system lets a process leave its network."""

import json
import os
import select
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings

from runwayweb.assets import sandbox
from runwayweb.assets.closed import (
    ALLOW,
    AT_LEAST,
    EQUAL,
    LOAD,
    MACHINE_AT,
    MACHINES,
    NUMBER_AT,
    OTHER_NUMBERS,
    REFUSE,
    RETURN,
    steps_for,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody may shut the network of a process")
REFUSING = Path(__file__).with_name("refusing.py")
# Calls four ports of this machine in every way that leads there, and has a child do the same.
CALLER = """
import json, socket, subprocess, sys

def calls():
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                with socket.socket(family, kind) as line:
                    line.connect((host, PORTS[f"{family} {kind}"]))
                    line.send(b"hello")
                yield f"{family} {kind}"
            except OSError:
                pass

if __name__ == "__main__":
    reached = list(calls())
    if "child" not in sys.argv:
        child = [sys.executable, "-I", __file__, "child"]
        reached += json.loads(subprocess.run(child, capture_output=True, check=True).stdout)["reached"]
    print(json.dumps({"reached": reached}))
"""


def has_ipv6():
    """Containers often have none."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


class Canary:
    """Listens on this machine, by TCP and UDP, IPv4 and IPv6; knows whether anybody called."""

    def __init__(self, stack):
        self.lines = {}
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            if family == socket.AF_INET6 and not has_ipv6():
                continue
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                line = self.lines[f"{int(family)} {int(kind)}"] = stack.enter_context(socket.socket(family, kind))
                line.bind((host, 0))
                if kind == socket.SOCK_STREAM:
                    line.listen()

    @property
    def ports(self):
        return {name: line.getsockname()[1] for name, line in self.lines.items()}

    def heard(self):
        return select.select(list(self.lines.values()), [], [], 0.2)[0]


@pytest.fixture
def canary():
    with ExitStack() as stack:
        yield Canary(stack)


@pytest.fixture
def caller(canary, tmp_path):
    program = tmp_path / "caller.py"
    program.write_text(f"PORTS = {canary.ports!r}\n{CALLER.replace('{family} {kind}', '{int(family)} {int(kind)}')}")
    return program


TOLD = """
import json, sys
from runwayweb.assets import sandbox
try:
    print(json.dumps(sandbox.told(sys.argv[1], seconds=20)))
except sandbox.Broken:
    print("null")
"""


def told_where(calls, program):
    """What the sandbox is told on a system that refuses these calls, None where it was broken; what the log says."""
    command = [sys.executable, str(REFUSING), calls, sys.executable, "-c", TOLD, str(program)]
    run = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout), run.stderr


def test_the_canary_hears_whoever_is_not_closed(canary, caller):
    """Else the stories below would tell nothing."""
    run = subprocess.run([sys.executable, "-I", str(caller)], capture_output=True, check=True)
    assert json.loads(run.stdout) == {"reached": 2 * list(canary.ports)}
    assert len(canary.heard()) == len(canary.lines)


def test_the_closed_process_reaches_nobody(canary, caller):
    assert sandbox.told(caller, seconds=20) == {"reached": []}
    assert not canary.heard()


def test_it_reaches_nobody_where_no_process_may_leave_its_network(canary, caller):
    """As in a container that has no capabilities, or where namespaces of users are switched off."""
    assert told_where("unshare", caller)[0] == {"reached": []}
    assert not canary.heard()


def test_where_neither_can_be_had_nothing_is_looked_into(canary, caller):
    told, errors = told_where("unshare,filters", caller)
    assert told is None and "network" in errors and "doctor" in errors
    assert not canary.heard()


WAYS_ROUND = """
import ctypes, errno, json, mmap, os

call = ctypes.CDLL(None, use_errno=True).syscall
NUMBERS = {
    "x86_64": {"pair": 53, "ring": 425, "other process": 438, "traced": 101, "x32": 0x40000000 + 41},
    "aarch64": {"pair": 199, "ring": 425, "other process": 438, "traced": 117},
}[os.uname().machine]
room = ctypes.create_string_buffer(256)
ARGUMENTS = {"pair": (1, 1, 0, room), "ring": (4, room), "x32": (2, 1, 0)}
told = {}
for way, number in NUMBERS.items():
    told[way] = call(number, *ARGUMENTS.get(way, (os.getppid(), 0, 0))) < 0 and errno.errorcode[ctypes.get_errno()]
print(json.dumps(told))
"""


AS_32_BITS = """
import ctypes, errno, json, mmap
# socket(AF_INET, SOCK_STREAM, 0) as 32-bit programs call it
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("53 b867010000 bb02000000 b901000000 31d2 cd80 5b c3"))
answer = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
print(json.dumps({"32 bits": answer < 0 and errno.errorcode[-answer]}))
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="Only x86_64 has such calls.")
def test_no_socket_comes_by_the_calls_of_32_bit_programs(tmp_path):
    program = tmp_path / "ways.py"
    program.write_text(AS_32_BITS)
    if subprocess.run([sys.executable, "-I", str(program)], capture_output=True).returncode:
        pytest.skip("This kernel knows no 32-bit programs.")
    assert told_where("unshare", program)[0] == {"32 bits": "EPERM"}


def test_no_socket_comes_by_another_way(tmp_path):
    """Not in pairs, from a ring or out of another process, nor by the numbers that calls have on other machines."""
    program = tmp_path / "ways.py"
    program.write_text(WAYS_ROUND)
    told, _errors = told_where("unshare", program)
    assert len(told) >= 4 and set(told.values()) == {"EPERM"}, told


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_of_each_machine_refuses_its_calls_and_no_others(machine):
    """Followed step by step: the machine that runs this is one of them only."""
    mark, calls = MACHINES[machine]
    other = next(mark for name, (mark, _calls) in MACHINES.items() if name != machine)
    refused = [(mark, number) for number in calls.values()]
    refused += [(mark, OTHER_NUMBERS), (mark, OTHER_NUMBERS + 41), (mark, 2**32 - 1), (other, 0), (0x40000003, 359)]
    assert {answer_to(machine, *call) for call in refused} == {REFUSE}
    assert {answer_to(machine, mark, number) for number in range(500) if number not in calls.values()} == {ALLOW}


def answer_to(machine, mark, number):
    """As the kernel goes through a filter."""
    steps, at, seen = steps_for(machine), 0, None
    while True:
        code, if_so, otherwise, k = steps[at]
        at += 1
        if code == LOAD:
            seen = {NUMBER_AT: number, MACHINE_AT: mark}[k]
        elif code == RETURN:
            return k
        else:
            at += if_so if {EQUAL: seen == k, AT_LEAST: seen >= k}[code] else otherwise

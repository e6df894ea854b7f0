"""Run as a process of its own: `python -I closed.py PROGRAM ARGUMENTS…`

Closes every door it finds before PROGRAM, a file of Python, runs in its place: no network, no more rights than now, few
files, no core, and an end when whoever started it ends. On Linux PROGRAM does not run where the network cannot be shut;
elsewhere, on a developer's machine, nobody may shut it. PROGRAM sets how much memory and time it may take by itself.
"""

import ctypes
import os
import resource
import runpy
import signal
import sys
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38  # linux/prctl.h
SECCOMP_MODE_FILTER = 2  # linux/seccomp.h, as what follows
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # the call fails with EPERM
NUMBER_AT, MACHINE_AT = 0, 4  # bytes into what a filter is shown of a call
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06  # linux/bpf_common.h: of a word, with a constant
OTHER_NUMBERS = 0x40000000  # from here on calls have second numbers on x86-64: asm/unistd.h, __X32_SYSCALL_BIT
# By machine: its own mark (linux/audit.h) and, by asm/unistd.h, the numbers of the calls that make a socket or open a
# ring that would make one unseen; and of those that reach into another process, which may have sockets.
MACHINES = {
    "x86_64": (
        0xC000003E,
        {"socket": 41, "socketpair": 53, "io_uring_setup": 425}
        | {"ptrace": 101, "process_vm_writev": 311, "pidfd_getfd": 438},
    ),
    "aarch64": (
        0xC00000B7,
        {"socket": 198, "socketpair": 199, "io_uring_setup": 425}
        | {"ptrace": 117, "process_vm_writev": 271, "pidfd_getfd": 438},
    ),
}
OPEN_FILES = 64
NO_ROOM = 28  # what it ends with where PROGRAM found no room for what it writes
NOT_SHUT = 69  # and where PROGRAM did not run: the network stayed open


class Step(ctypes.Structure):
    """struct sock_filter of linux/filter.h."""

    _fields_ = (("code", ctypes.c_uint16), ("if_so", ctypes.c_uint8), ("else", ctypes.c_uint8), ("k", ctypes.c_uint32))


class Steps(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("count", ctypes.c_ushort), ("steps", ctypes.POINTER(Step)))


def steps_for(machine):
    """The filter by which no socket comes to be on a machine of MACHINES: (code, steps over if so, else, constant).

    What is called by another machine's numbers, as 32-bit programs do, is refused whatever it is.
    Source: https://docs.kernel.org/userspace-api/seccomp_filter.html
    """
    mark, calls = MACHINES[machine]
    refuse = len(calls) + 5  # where the last step stands
    steps = [
        (LOAD, 0, 0, MACHINE_AT),
        (EQUAL, 0, refuse - 2, mark),
        (LOAD, 0, 0, NUMBER_AT),
        (AT_LEAST, refuse - 4, 0, OTHER_NUMBERS),
    ]
    steps += [(EQUAL, refuse - at - 1, 0, number) for at, number in enumerate(calls.values(), len(steps))]
    return [*steps, (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]


def close_doors():
    """Whether the network is shut, too: by a filter of calls, which needs no rights, by a network of one's own, or
    both.

    Both are handed on to whatever PROGRAM starts, and nobody takes them off again.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # A network of one's own has no way out; who is not root needs a world of users of their own for it. Containers and
    # careful kernels refuse both.
    alone = libc.unshare(CLONE_NEWNET) == 0 or libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return _without_sockets(libc) or alone


def _without_sockets(libc):
    machine = os.uname().machine
    if machine not in MACHINES:
        return False
    steps = [Step(*step) for step in steps_for(machine)]
    told = Steps(len(steps), (Step * len(steps))(*steps))
    return libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(told), 0, 0) == 0


if __name__ == "__main__":
    # Before PROGRAM loads anything: a process with threads may not move, and those it has would go without the filter.
    if not close_doors() and sys.platform == "linux":
        sys.exit(NOT_SHUT)
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from runwayweb.disks import is_full

    program = sys.argv[1]
    sys.argv = sys.argv[1:]
    try:
        runpy.run_path(program, run_name="__main__")
    except OSError as error:
        if is_full(error):
            sys.exit(NO_ROOM)
        raise

"""Run as a process of its own: `python -I closed.py PROGRAM ARGUMENTS…`

Closes every door it finds before PROGRAM, a file of Python, runs in its place: no network (where the system lets go of
it; decoders open no addresses anyway), no more rights than now, few files, no core, and an end when whoever started it
ends. PROGRAM sets how much memory and time it may take by itself.
"""

import ctypes
import os
import resource
import runpy
import signal
import sys
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
OPEN_FILES = 64
NO_ROOM = 28  # what it ends with where PROGRAM found no room for what it writes


def close_doors():
    """Whether the network is shut, too: elsewhere than on Linux, and in some containers, nobody may do that."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # A network of one's own has no way out; who is not root needs a world of users of their own for it.
    shut = libc.unshare(CLONE_NEWNET) == 0 or libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return shut


if __name__ == "__main__":
    # Before PROGRAM loads anything: a process with threads may not move.
    os.environ["RUNWAYWEB_NETWORK"] = "shut" if close_doors() else "open"
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

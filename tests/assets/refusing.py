"""A system that refuses what it is told to, for real.

    python refusing.py CALLS COMMAND…

CALLS, with commas: "unshare", as containers without capabilities refuse it; "filters", as kernels do that know none.
COMMAND runs in its place, and whatever that starts is refused the same.
"""

import ctypes
import errno
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runwayweb.assets.closed import ALLOW, EQUAL, LOAD, PR_SET_SECCOMP, REFUSE, RETURN, Step, Steps

NUMBERS = {
    "x86_64": {"unshare": 272, "prctl": 157, "seccomp": 317},
    "aarch64": {"unshare": 97, "prctl": 167, "seccomp": 277},
}
PR_SET_NO_NEW_PRIVS = 38
FIRST_ARGUMENT_AT = 16


def steps_against(calls):
    numbers = NUMBERS[os.uname().machine]
    steps = [(LOAD, 0, 0, 0)]
    if "unshare" in calls:
        steps += [(EQUAL, 0, 1, numbers["unshare"]), (RETURN, 0, 0, REFUSE)]
    if "filters" in calls:
        steps += [(EQUAL, 0, 1, numbers["seccomp"]), (RETURN, 0, 0, REFUSE)]
        steps += [(EQUAL, 0, 3, numbers["prctl"]), (LOAD, 0, 0, FIRST_ARGUMENT_AT)]
        steps += [(EQUAL, 0, 1, PR_SET_SECCOMP), (RETURN, 0, 0, REFUSE)]
    return [*steps, (RETURN, 0, 0, ALLOW)]


def refuse(calls):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    steps = [Step(*step) for step in steps_against(calls)]
    told = Steps(len(steps), (Step * len(steps))(*steps))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, 2, ctypes.addressof(told), 0, 0):
        sys.exit("This system takes no filters of calls.")
    if "unshare" in calls and (libc.unshare(0x40000000) == 0 or ctypes.get_errno() != errno.EPERM):
        sys.exit("It is not refused.")


if __name__ == "__main__":
    refuse(sys.argv[1].split(","))
    os.execv(sys.argv[2], sys.argv[2:])

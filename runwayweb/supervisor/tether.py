"""Runs a command that ends when its parent ends, even by `kill -9`: `python -ISu tether.py PARENT_PID COMMAND…`

Linux sends the signal (prctl(2), PR_SET_PDEATHSIG), and keeps it set over exec. Elsewhere the command just runs. A
small program of its own, since doing this between fork and exec is not safe in a process that has threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tether(parent: int) -> None:
    """Have the kernel kill this process when `parent` is gone, also when it is gone already."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def tethered(command: list[str]) -> list[str]:
    """The command line that runs `command` tethered to this process."""
    return [sys.executable, "-IS", __file__, str(os.getpid()), *command]


if __name__ == "__main__":
    tether(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # nosec B606  # the command line that the supervisor wrote

"""Who of this process writes to a file of SQLite: one after the other.

SQLite lets one connection write. Whoever else wants to asks again after a while, and the longer it waited the longer it
sleeps in between, up to a tenth of a second: under load most of that tenth nobody wrote, and who came last was often
first. Threads of one process know of each other, and need not ask.
"""

import os
import threading
from collections import defaultdict

_files: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def take(file: str, seconds: float) -> bool:
    """Whether it is the caller's turn to write to `file`, after at most so many seconds."""
    return _files[file].acquire(timeout=seconds)


def give_back(file: str) -> None:
    """Let the next one write. In a process that was forked meanwhile it is nobody's turn."""
    if _files[file].locked():
        _files[file].release()


# A process that was forked starts without those who wrote in its parent.
os.register_at_fork(after_in_child=_files.clear)

"""Programs that look into files from outside, each run as a closed process of its own: see closed.py."""

import errno
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from runwayweb.assets.closed import NO_ROOM, NOT_SHUT

logger = logging.getLogger(__name__)

CLOSED = Path(__file__).with_name("closed.py")
LISTEN_SECONDS = 1.0
ENDING_SECONDS = 1.0  # in which a process is gone that has said its last
BUSY_SECONDS = 10  # to wait for others that are at it

# A process each takes memory: no more at once, for one of ours, than there are processors, whatever comes. Visitors,
# who are countless, take half of the places at most, and so does what may take a minute: pictures go on beside it.
PLACES = max(2, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2))
_places = threading.BoundedSemaphore(PLACES)
_visitors_places = threading.BoundedSemaphore(PLACES // 2)
_slow_places = threading.BoundedSemaphore(PLACES // 2)
IN_TURN = (_places,)
VISITORS_IN_TURN = (_visitors_places, _places)
SLOW_IN_TURN = (_slow_places, _places)
AT_ONCE = ()  # of a worker, which does one thing after the other by itself


class Broken(Exception):
    """The process took too long, or was ended because it took too much."""


class Interrupted(Exception):
    """Whoever waited wanted to wait no longer."""


class Busy(Exception):
    """Too many files are looked through just now."""


def told(program, *arguments, seconds, turn=IN_TURN, on_progress=None, go_on=lambda: True):
    """What `program`, a file of Python, printed on its last line, as JSON.

    `on_progress(0 to 1)` hears of every other line. `go_on()` is asked about every second: once it says no the process
    is ended and Interrupted raised. Raises Busy where there is no place for one more by its `turn`, Broken for one that
    takes longer than `seconds` or says nothing at last, and OSError where it found no room for what it writes.
    """
    with _place(turn):
        return _told(program, arguments, seconds, on_progress, go_on)


@contextmanager
def _place(turn):
    held = []
    try:
        for places in turn:
            if not places.acquire(timeout=BUSY_SECONDS):
                raise Busy
            held.append(places)
        yield
    finally:
        for places in held:
            places.release()


def _told(program, arguments, seconds, on_progress, go_on):
    command = [sys.executable, "-I", str(CLOSED), str(program), *arguments]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **streams, text=True, env={}) as child:
        try:
            return _last(_lines(child, time.monotonic() + seconds, go_on), on_progress)
        except Broken:
            with suppress(subprocess.TimeoutExpired):
                ended = child.wait(ENDING_SECONDS)
                if ended == NO_ROOM:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
                if ended == NOT_SHUT:
                    logger.error("A file was refused: closed processes keep the network here, see `manage.py doctor`")
            raise
        finally:
            child.kill()


def _last(lines, on_progress):
    last = None
    for line in lines:
        try:
            last = json.loads(line)
        except ValueError:
            continue
        if on_progress and "progress" in last:
            on_progress(last["progress"])
    if not isinstance(last, dict) or "progress" in last:
        raise Broken
    return last


def _lines(child, deadline, go_on):
    """The lines as they come, heard by a thread: the process may be silent, and we must not be."""
    heard: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def hear():
        for line in child.stdout:
            heard.put(line)
        heard.put(None)

    threading.Thread(target=hear, name="sandbox", daemon=True).start()
    while True:
        try:
            line = heard.get(timeout=LISTEN_SECONDS)
        except queue.Empty:
            line = ""
        if line is None:
            return
        if line:
            yield line
        if time.monotonic() > deadline:
            raise Broken
        if not go_on():
            raise Interrupted

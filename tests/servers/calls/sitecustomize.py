"""Where PYTHONPATH names this folder, each process writes down every connection that it tries to open, into the file
that CALLS names: its pid, when by the monotonic clock, and where to."""

import os
import sys
import time


def _note(event, arguments):
    if event == "socket.connect":
        with open(os.environ["CALLS"], "a") as calls:  # one small write: lines of several processes do not mix
            calls.write(f"{os.getpid()} {time.monotonic():.3f} {arguments[1]}\n")


sys.addaudithook(_note)

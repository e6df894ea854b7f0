"""Ports nobody listens on, and ports somebody will."""

import socket
import time


def free_port():
    """A port of this machine that was free a moment ago."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def wait_for(port, seconds=5):
    """Come back when somebody listens on a port of this machine."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nobody listens on {port} after {seconds} s.")

"""Stands where Valkey listens, and hangs up on everybody."""

import socket
import threading
from contextlib import contextmanager, suppress


@contextmanager
def hanging_up(path):
    """Nobody else may listen on the socket at `path` meanwhile."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(2048)
        thread = threading.Thread(target=_hang_up, args=[listener], daemon=True)
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # ends the waiting
            thread.join(5)
    path.unlink()


def _hang_up(listener):
    with suppress(OSError):
        while True:
            listener.accept()[0].close()

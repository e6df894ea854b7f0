"""The lease of a row that a media worker works on, kept for as long as it does."""

import logging
import threading
import time
from datetime import timedelta

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
RENEWED_EVERY = 20.0  # seconds
STALL_SECONDS = 3600  # that one call may take: to fetch, to hash or to send the largest file


class Lease:
    """Renewed from a thread of its own while a call fetches, hashes or sends a file: `with Lease(renew) as lease:`

    `renew()` writes the row and says whether it still is this worker's; once it is not, that is all. A worker that has
    not called `alive()` for STALL_SECONDS hangs: its lease ends, and another one's turn comes.
    """

    def __init__(self, renew):
        self._renew = renew
        self._ended = threading.Event()
        self._alive_at = time.monotonic()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._ended.set()
        self._thread.join(timeout=2)

    def alive(self):
        """The main thread is moving."""
        self._alive_at = time.monotonic()

    def _keep(self):
        try:
            while not self._ended.wait(RENEWED_EVERY) and self._renewed():
                pass
        finally:
            connection.close()

    def _renewed(self):
        """False once the row is somebody else's, or nobody's."""
        if time.monotonic() - self._alive_at > STALL_SECONDS:
            return True
        try:
            return self._renew()
        except DatabaseError as error:
            logger.warning("A lease could not be renewed: %s", error)
            connection.close()
            return True

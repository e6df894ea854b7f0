"""The server's end of a connection that calls come by."""

from uvicorn.protocols.http.h11_impl import H11Protocol

FIRST_CALL_SECONDS = 1


class HttpLine(H11Protocol):
    """Of a server that stops, one by which nothing was asked yet stays for FIRST_CALL_SECONDS.

    uvicorn closes it at once. Whoever opened it a moment ago has sent a call that nobody read, and would hear nothing:
    those who wait at the door are taken by the next server, but this one is no longer at the door.
    """

    def shutdown(self):
        if self.cycle is None:
            self.loop.call_later(FIRST_CALL_SECONDS, self._shutdown)
        else:
            super().shutdown()

    def _shutdown(self):
        if self in self.connections:  # else it is closed, or a live line by now
            super().shutdown()

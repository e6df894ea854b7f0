"""The server's end of a websocket."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

UNREAD_SECONDS = 10


class LiveLine(WebSocketsSansIOProtocol):
    """One whose other end reads nothing for UNREAD_SECONDS is cut, with all that waits for it.

    uvicorn closes a line once everything is sent. Of one that nobody reads, on a machine that is there, that is never.
    """

    patience = None

    def connection_made(self, transport):
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # what the system does not take at once is waited for

    def pause_writing(self):
        super().pause_writing()
        self.patience = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self):
        super().resume_writing()
        self._be_patient()

    def connection_lost(self, exc):
        super().connection_lost(exc)
        self._be_patient()

    def _be_patient(self):
        if self.patience:
            self.patience.cancel()

"""Asking a service that the operator named, with the key for it: nobody else, and for no more than is wanted."""

import time
import urllib.request


class _NotAsked(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: the key, and what is asked, are for one address alone."""

    def redirect_request(self, *_arguments, **_named):
        return None


PIECE_BYTES = 64 * 1024
_opener = urllib.request.build_opener(_NotAsked)


def answer_of(request: urllib.request.Request, *, silent_seconds: float, seconds: float, most_bytes: int) -> bytes:
    """The body of what is answered. Raises OSError, and TimeoutError for an answer that takes longer or is larger."""
    until = time.monotonic() + seconds
    data = b""
    with _opener.open(request, timeout=silent_seconds) as answer:
        while piece := answer.read1(PIECE_BYTES):
            data += piece
            if len(data) > most_bytes or time.monotonic() > until:
                raise TimeoutError
    return data

"""Files from an address somebody wrote: from the open internet only, and from nowhere inside.

What may be connected to is guarded.py's to say. Redirects are not followed.
"""

import http.client
import time

from django.utils.translation import gettext as _

from runwayweb.assets.guarded import PORT, Guard, Unfetchable, cut_after, unreachable

SILENT_SECONDS = 15  # without a byte
SLOW_SECONDS = 15  # over which at least SLOW_BYTES come
SLOW_BYTES = 15_000
MOST_SECONDS = 1800
PIECE_BYTES = 256 * 1024
UNTOLD = ("application/octet-stream", "binary/octet-stream")  # what a server says of a file it does not know


class Fetcher:
    """Fetches what an Address holds into a file. `edge`: the Guard's, to the network.

    All of it may take `most_seconds`. Who waits for the answer must not learn from a clock why an address cannot be
    reached: that is said after `even_seconds` and no earlier.
    """

    def __init__(self, *, most_seconds=MOST_SECONDS, even_seconds=0.0, **edge):
        self.guard = Guard(**edge)
        self.most_seconds = most_seconds
        self.even_seconds = even_seconds

    def fetch(self, address, path, most_bytes, on_progress=lambda came, expected: None, kinds=()):
        """Write it to `path`; how many bytes it has. `on_progress(came, expected or None)` may raise to end it.

        `kinds`: how a media type begins that the other side may call it, where that matters; one that calls it nothing
        is believed. Raises Unfetchable.
        """
        began = time.monotonic()
        try:
            with self.guard.connected(address, min(SILENT_SECONDS, self.most_seconds)) as line:
                return self._received(line, address, path, most_bytes, on_progress, began, kinds)
        except (OSError, http.client.HTTPException) as error:
            self._be_even(began)
            raise unreachable() from error
        except Unfetchable as why:
            if why.why == "unreachable":
                self._be_even(began)
            raise

    def _be_even(self, began):
        time.sleep(max(0.0, began + self.even_seconds - time.monotonic()))

    def _received(self, line, address, path, most_bytes, on_progress, began, kinds):
        until = began + self.most_seconds
        headers = {"Host": address.host, "User-Agent": "Runwayweb", "Accept-Encoding": "identity", "Accept": "*/*"}
        connection = http.client.HTTPConnection(address.host, PORT)
        connection.sock = line
        with cut_after(line, min(SILENT_SECONDS, _left(until))):
            connection.request("GET", address.target, headers=headers)
            answer = connection.getresponse()
        expected = _refuse_answer(answer, most_bytes, kinds)
        try:
            with cut_after(line, _left(until)):
                came = _written(answer, path, most_bytes, on_progress, expected)
        except (OSError, http.client.HTTPException):
            came = -1  # it hung up, or did so to be rid of us
        if time.monotonic() > until:
            raise too_slow()
        if came < 1 or (expected is not None and came != expected):
            raise Unfetchable(_("The other side stopped before the file was whole. Try again."), "cut_off")
        return came


def _left(until):
    return max(0.05, until - time.monotonic())


def _written(answer, path, most_bytes, on_progress, expected):
    """How many bytes came before the other side stopped. Raises Unfetchable, OSError, HTTPException."""
    came, window, came_before = 0, time.monotonic(), 0
    with open(path, "wb") as file:
        while piece := _piece_of(answer):
            came += len(piece)
            if came > most_bytes:
                raise too_large(most_bytes)
            try:
                file.write(piece)
            except OSError as error:
                raise disk_full() from error
            on_progress(came, expected)
            now = time.monotonic()
            if now - window > SLOW_SECONDS:
                if came - came_before < SLOW_BYTES:
                    raise too_slow()
                window, came_before = now, came
    return came


def _piece_of(answer):
    try:
        return answer.read1(PIECE_BYTES)
    except TimeoutError:
        raise too_slow() from None


def _refuse_answer(answer, most_bytes, kinds):
    """How many bytes are said to come, or None. Raises Unfetchable for an answer that is no file of at most so many."""
    if 300 <= answer.status < 400:
        raise Unfetchable(
            _("This address leads on to another. Redirects are not followed: use the last one."), "redirect"
        )
    if answer.status != 200:
        raise Unfetchable(_("Whoever is at this address answers that there is no such file."), "missing")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise Unfetchable(
            _("This address sends packed files only. Download it and upload it from your computer."), "packed"
        )
    kind = answer.headers.get_content_type()
    if kind in ("text/html", "application/xhtml+xml"):
        raise Unfetchable(
            _("This is the address of a page, not of a file. Look for the address of the file itself."), "page"
        )
    if kinds and "Content-Type" in answer.headers and not kind.startswith((*kinds, *UNTOLD)):
        raise Unfetchable(_("What is at this address is a file of another kind."), "kind")
    said = answer.headers.get("Content-Length", "")
    if not said.isdigit() or len(said) > 18:
        return None
    if int(said) > most_bytes:
        raise too_large(most_bytes)
    return int(said)


def too_slow():
    return Unfetchable(_("The file came too slowly. Download it and upload it from your computer."), "slow")


def disk_full():
    return Unfetchable(_("The disk of this studio is full just now. Try again later."), "disk")


def too_large(most_bytes):
    most = max(1, most_bytes // 1024**2)
    return Unfetchable(_("This file is larger than the %(most)d MB that there is room for.") % {"most": most}, "large")

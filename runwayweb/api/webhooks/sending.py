"""One message to one address: one POST, and what came of it."""

import http.client
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

import runwayweb
from runwayweb.assets.guarded import PORT, Address, Guard, Unfetchable, cut_after

SECONDS = 15  # for all of it: to connect, to be heard, to be answered
READ_BYTES = 64 * 1024
KEPT_BYTES = 1024
GONE = 410


class Why(models.TextChoices):
    """Why a message was not taken."""

    UNREACHABLE = "unreachable", _("Nobody was reached at this address.")
    UNTRUSTED = "untrusted", _("The certificate of the receiver cannot be trusted.")
    SLOW = "slow", _("No answer came within 15 seconds.")
    REDIRECT = "redirect", _("The answer leads to another address. Redirects are not followed.")
    STATUS = "status", _("The answer was not one of success, 200 to 299.")
    GONE = "gone", _("The answer was 410: nothing is wanted there any more.")
    SEALED = "sealed", _("The secret cannot be read: the studio's own key changed. Make a new secret.")
    DISABLED = "disabled", _("The webhook was switched off.")


@dataclass(frozen=True)
class Outcome:
    """`why`: of Why, "" where it was taken. `code`: of the answer, None without one. `reply`: how that begins.
    `seconds`: how long it took; None where nobody was reached, for that would tell why."""

    why: str
    code: int | None = None
    reply: str = ""
    seconds: float | None = None

    @property
    def was_taken(self) -> bool:
        return not self.why

    @property
    def is_gone(self) -> bool:
        return self.why == Why.GONE


def send(guard: Guard, url: str, headers: dict[str, str], body: bytes) -> Outcome:
    """Takes SECONDS at most, and what a look at the name takes. Never raises for what is on the other side."""
    began = time.monotonic()

    def outcome(why, code=None, reply=b""):
        seconds = None if why == Why.UNREACHABLE else round(time.monotonic() - began, 3)
        return Outcome(why, code, reply[:KEPT_BYTES].decode(errors="replace").replace("\0", ""), seconds)

    try:
        address = Address(url)
        with guard.connected(address, SECONDS) as line:
            left = max(0.1, SECONDS - (time.monotonic() - began))
            with cut_after(line, left):
                code, reply = _answered(line, address, headers, body)
    except ssl.SSLCertVerificationError:
        return outcome(Why.UNTRUSTED)
    except Unfetchable:
        return outcome(Why.UNREACHABLE)
    except (OSError, http.client.HTTPException, ValueError):
        # A line that was cut says so in many ways: what counts is how long it was.
        return outcome(Why.SLOW if time.monotonic() - began >= SECONDS - 0.5 else Why.UNREACHABLE)
    return outcome(_why(code), code, reply)


def _answered(line, address, headers, body):
    connection = http.client.HTTPConnection(address.host, PORT)
    connection.sock = line
    said = {"Host": address.host, "User-Agent": f"Runwayweb/{runwayweb.__version__}", "Connection": "close"}
    said |= {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    connection.request("POST", address.target, body=body, headers=said | headers)
    answer = connection.getresponse()
    reply = bytearray()
    # Whatever the code says counts, also when the rest of the answer never comes.
    with suppress(OSError, http.client.HTTPException, ValueError):
        while len(reply) < READ_BYTES and (piece := answer.read1(READ_BYTES - len(reply))):
            reply += piece
    return answer.status, bytes(reply)


def _why(code):
    if 200 <= code < 300:
        return ""
    if code == GONE:
        return Why.GONE
    return Why.REDIRECT if 300 <= code < 400 else Why.STATUS

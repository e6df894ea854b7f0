"""Tells systemd that this process works, where systemd wants to know: `Type=notify` and `WatchdogSec` of a unit.

The protocol of sd_notify(3): a datagram to the socket that NOTIFY_SOCKET names.
"""

import logging
import os
import socket

logger = logging.getLogger(__name__)
READY, BEAT = "READY=1", "WATCHDOG=1"


def tell(what):
    """READY once, BEAT as long as all is well. Nothing happens where nobody wants to know."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(what.encode(), "\0" + address[1:] if address.startswith("@") else address)
    except OSError as error:
        logger.warning("systemd could not be told %s: %s", what, error)

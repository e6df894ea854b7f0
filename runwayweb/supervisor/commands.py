"""The command lines of the processes a studio consists of."""

import os
import sys

from django.conf import settings

# A socket here carries hints and acknowledgements: 64 KiB a message is plenty, and to pack those few bytes would take
# several times the memory that an open line takes by itself. An idle connection is kept for longer than proxies and
# clients keep theirs (nginx: a minute): who closes first must not be who is just being sent something.
SERVER_OPTIONS = (
    "--lifespan", "off", "--http", "runwayweb.http_line:HttpLine",
    "--ws", "runwayweb.live_line:LiveLine", "--ws-max-size", "65536",
    "--ws-per-message-deflate", "false", "--timeout-keep-alive", "75", "--timeout-graceful-shutdown", "5",
    "--no-access-log", "--no-server-header", "--log-level", "warning",
)  # fmt: skip

# Of glibc: few heaps, and what is large by itself, given back at once. Left alone it learns from the first large pieces
# that such belong on the heap, where small ones that live on keep them from going: after ten minutes 47 MB of the web
# server's 257 were room between (docs/reliability.md, Under load).
HEAP = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


def web_environment() -> dict[str, str]:
    """What the web server finds in its environment beside what it inherits; the operator's own word counts."""
    return {name: os.environ.get(name, value) for name, value in HEAP.items()}


def web_command(*address: str) -> list[str]:
    """The web server at `--fd N`, or at `--host H --port P`."""
    return [sys.executable, "-m", "uvicorn", "runwayweb.asgi:application", *address, *SERVER_OPTIONS]


def manage_command(*arguments: str) -> list[str]:
    """`manage.py …`, with this Python."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]

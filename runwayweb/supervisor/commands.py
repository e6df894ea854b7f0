"""The command lines of the processes a studio consists of."""

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


def web_command(*address: str) -> list[str]:
    """The web server at `--fd N`, or at `--host H --port P`."""
    return [sys.executable, "-m", "uvicorn", "runwayweb.asgi:application", *address, *SERVER_OPTIONS]


def manage_command(*arguments: str) -> list[str]:
    """`manage.py …`, with this Python."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]

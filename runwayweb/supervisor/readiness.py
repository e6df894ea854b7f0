"""Asks the site itself whether all of it answers."""

import http.client
import json

from django.conf import settings

NO_ANSWER = {"web": "no answer"}
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # nosec B104  # compared with, not listened on


def answers(seconds: float = 10.0) -> bool:
    """Whether the web server of this machine answers at all, be it with bad news."""
    return missing_parts(seconds) != NO_ANSWER


def missing_parts(seconds: float = 5.0) -> dict[str, str]:
    """What `/healthz` says is down, and why; empty when everything answers."""
    host = WILDCARDS.get(settings.BIND, settings.BIND)
    connection = http.client.HTTPConnection(host, settings.PORT, timeout=seconds)
    try:
        connection.request("GET", "/healthz", headers={"Host": accepted_host()})
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return NO_ANSWER
    finally:
        connection.close()
    parts = {name: state for name, state in answer.items() if name not in ("status", "version")}
    return {} if response.status == 200 else {name: state for name, state in parts.items() if state != "ok"}


def accepted_host() -> str:
    """A name the site answers to."""
    name = settings.ALLOWED_HOSTS[0].lstrip(".")
    return "localhost" if name == "*" else name

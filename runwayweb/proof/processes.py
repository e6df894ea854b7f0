"""Processes of this machine: a worker that lives has announced itself, and no other holds a GPU for nobody."""

import os
import socket
import sys
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from generation.models import Worker
from runwayweb.proof.finding import Finding

COMMANDS = ("gpuworker", "mediaworker", "dispatcher", "webhooks")
START_SECONDS = 120  # a worker that began so lately may still be loading its model
OURS = ("DATABASE_URL", "RUNWAYWEB_DATA")  # what two installations on one machine differ in


def findings():
    """Workers of this installation on this machine of which the database knows nothing, or that have gone silent. Known
    only on Linux, and for processes of the same user."""
    if sys.platform != "linux":
        return
    rows = {row.pid: row for row in Worker.objects.filter(host=socket.gethostname())}
    silent = timedelta(seconds=2 * settings.HEARTBEAT_TIMEOUT_SECONDS)
    for pid, command, age in workers_here():
        subject = f"Process {pid} ({command})"
        row = rows.get(pid)
        if row is None and age > START_SECONDS:
            yield Finding("process", subject, "runs and never announced itself, or was taken off the list.")
        elif row is not None and age > START_SECONDS and timezone.now() - row.beat_at > silent:
            yield Finding("process", subject, f"lives and has given no sign of it since {row.beat_at:%F %T} UTC.")


def workers_here():
    """(pid, command, age in seconds) of each worker process of this installation on this machine."""
    ours = {name: os.environ.get(name, "") for name in OURS}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().split("\0")
            command = next((word for word in words if word in COMMANDS), None)
            if not command or not any(word.endswith("manage.py") for word in words) or "tether.py" in " ".join(words):
                continue
            environment = dict(
                pair.split("=", 1) for pair in (folder / "environ").read_text().split("\0") if "=" in pair
            )
            if any(environment.get(name, "") != value for name, value in ours.items()):
                continue
            yield int(folder.name), command, _age(folder)
        except (OSError, UnicodeDecodeError):
            continue  # it ended meanwhile, or is somebody else's


def _age(folder):
    began = int((folder / "stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - began

"""A whole studio as a creator would start it, `manage.py up`, in a data folder and on a port of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings

from runwayweb.supervisor.tether import tethered
from tests.servers.ports import free_port

QUICK = {"BEAT_SECONDS": "0.5", "HEARTBEAT_TIMEOUT_SECONDS": "3", "LEASE_SECONDS": "3"}


class Studio:
    """Runs `manage.py up`. Not the tests' environment: it makes its own database, Valkey and secret key."""

    source = settings.BASE_DIR  # where the program lies

    def __init__(self, folder, *, times=QUICK, **env):
        """`times`: how soon processes count as silent; {} for those of production, where the machine is busy."""
        self.folder = folder
        self.port = free_port()
        ours = {"RUNWAYWEB_DATA": str(folder), "PORT": str(self.port)}
        theirs = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "VALKEY_URL")}
        self.env = theirs | ours | times | env
        self.lines = []
        self.process = None

    def manage(self, *arguments):
        """The command line of `manage.py` here, with these arguments."""
        return [sys.executable, "manage.py", *arguments]

    def start(self):
        """Start it; `ready()` waits until it says so."""
        self.lines = []
        self.process = subprocess.Popen(
            tethered(self.manage("up")),
            cwd=self.source,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def _listen(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def ready(self, seconds=60):
        """Seconds until the ready line came."""
        started = time.monotonic()
        self.wait(lambda: any(line.startswith("Runwayweb is ready") for line in self.lines), seconds)
        return time.monotonic() - started

    def wait(self, condition, seconds=30.0):
        """What `condition()` gives once it is true; an AssertionError with what the studio printed when it never is."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if outcome := condition():
                return outcome
            time.sleep(0.05)
        raise AssertionError(f"Not so within {seconds} s. It printed:\n" + "\n".join(self.lines[-40:]))

    def health(self):
        """The status code and the answer of /healthz."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            return answer.code, json.load(answer)

    def pid_of(self, word):
        """The running child whose command line holds `word`; None while there is none."""
        return next((pid for pid in children_of(self.process.pid) if word in command_line(pid)), None)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(15)


def children_of(parent):
    """The processes whose parent is `parent`, as the kernel lists them."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            yield int(stat.parent.name)


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def listening_ports(pid):
    """The TCP ports this process listens on."""
    sockets = {os.readlink(descriptor) for descriptor in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [
        row.split()
        for table in (f"/proc/{pid}/net/tcp", f"/proc/{pid}/net/tcp6")
        for row in Path(table).read_text().splitlines()[1:]
    ]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


def runs(pid):
    """Whether the process is there and is more than an entry waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False

"""The studio's own processes, run one by one against the test's database, Valkey and media, for whoever kills them."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

from django.conf import settings
from django.db import connection

from runwayweb.supervisor.commands import manage_command, web_command
from runwayweb.supervisor.tether import tethered
from tests.servers.ports import free_port


def url_of_test_database():
    """Where another process finds the database of the tests."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    return f"{server}/{name}"


class Site:
    """Starts any of COMMANDS, as often as wanted. `stop_all()` ends them all; so does the end of the tests."""

    COMMANDS = {"gpu": "gpuworker", "media": "mediaworker", "dispatcher": "dispatcher", "webhooks": "webhooks"}

    def __init__(self, database_url, folder):
        self.database_url = database_url
        self.folder = folder  # where each process writes its log
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes = []

    def start(self, name, env=None):
        """Start "web" or one of COMMANDS with these extra variables; the web server answers on return."""
        if name == "web":
            command = web_command("--host", "127.0.0.1", "--port", str(self.port))
        else:
            command = manage_command(self.COMMANDS[name])
        with open(self.folder / f"{len(self.processes):02}-{name}.log", "wb") as log:
            process = subprocess.Popen(
                tethered(command),
                env=os.environ | {"DATABASE_URL": self.database_url, "PORT": str(self.port)} | (env or {}),
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        if name == "web":
            self.wait(self.answers, seconds=30)
        return process

    def answers(self):
        """Whether the web server answers at all, be it with bad news."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def wait(self, condition, seconds=20.0, every=0.05):
        """What `condition()` gives once it is true; an AssertionError with the logs' ends when it never is."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if outcome := condition():
                return outcome
            time.sleep(every)
        raise AssertionError(f"Not so within {seconds} s: {condition}\n{self.logs()}")

    def logs(self, lines=15):
        """The last lines every process wrote."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(
            f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) for log in logs
        )

    def stop_all(self, seconds=10):
        """End every process that still runs, frozen ones too: politely first."""
        running = [process for process in self.processes if process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGCONT)
        time.sleep(0.05 if running else 0)  # a frozen process might take SIGTERM in the wrong thread
        for process in running:
            process.terminate()
        deadline = time.monotonic() + seconds
        for process in self.processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

"""Several processes of the studio on this machine, under a supervisor that starts again at once whatever ends."""

import os
import random
import signal
import threading
import time
from contextlib import suppress

from django.db import connections

from generation.models import Generation
from runwayweb.subscriptions.models import Wallet
from runwayweb.supervisor.child import Child
from runwayweb.supervisor.commands import manage_command, web_command
from runwayweb.supervisor.door import open_door
from tests.factories import make_generation, make_project, make_user
from tests.faults.journal import Journal
from tests.servers.ports import free_port
from tests.servers.studio import runs

COMMANDS = {"gpu": "gpuworker", "media": "mediaworker", "dispatcher": "dispatcher", "webhooks": "webhooks"}
USERS = 20
RESTART_SECONDS = 0.05  # the product's own supervisor waits longer each time; stories about recovery do not wait for it


class Cluster:
    """`start("gpu", "gpu", "dispatcher")`, then faults; `random` is seeded by `seed`, which a story prints."""

    def __init__(self, database_url, folder, env):
        self.seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
        print(f"seed {self.seed}: SEED={self.seed} does the same again")
        self.random = random.Random(self.seed)
        self.began_at = time.monotonic()
        self.folder = folder
        self.journal = Journal(folder / "journal")
        self.env = env | {"DATABASE_URL": database_url, "NULL_ENGINE_JOURNAL": str(self.journal.path)}
        os.environ["NULL_ENGINE_JOURNAL"] = self.env["NULL_ENGINE_JOURNAL"]  # whoever asks for a run has to know it
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.door = None  # or the socket that people come in by, which is kept open over restarts of the site
        self.children = []
        self.deaths = []  # (pid, when) of those that a story killed
        self.endings = []  # as the supervisor told them
        self.seeds = iter(range(1, 10**6))
        self._log = open(folder / "cluster.log", "w")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tend, name="cluster", daemon=True)

    # Processes

    def start(self, *kinds, command=None, **env):
        """Start one process of each kind, with these extra variables, and whatever ends from now on again. `command`:
        another one than theirs."""
        for kind in kinds:
            ours = self.env | {"PORT": str(self.port)} | env
            fds = [self.door.fileno()] if kind == "web" and self.door else []
            self.children.append(Child(kind, command or self._command_of(kind), env=ours, pass_fds=fds))
        if not self._thread.is_alive():
            self._thread.start()
        return self

    def hold_door(self):
        """From now on keep the site's socket open, as the supervisor of an installation does: whoever comes while the
        site is started again waits there. Without it, it is each web server's own."""
        self.door = open_door("127.0.0.1", self.port)

    def _command_of(self, kind):
        if kind == "web" and self.door:
            return web_command("--fd", str(self.door.fileno()))
        if kind == "web":
            return web_command("--host", "127.0.0.1", "--port", str(self.port))
        return manage_command(COMMANDS[kind])

    def of(self, kind):
        return [child for child in self.children if child.name == kind]

    def working(self):
        """The GPU workers that have drawn something and live."""
        drew = self.journal.pids()
        return [child for child in self.of("gpu") if child.pid in drew and runs(child.pid)]

    def kill(self, child, number=signal.SIGKILL, *, tree=False):
        """Send a signal to it, or to all it started too."""
        pid = child.pid
        if pid is None:
            return
        with suppress(ProcessLookupError):
            (os.killpg if tree else os.kill)(pid, number)
            if number == signal.SIGKILL:
                self.deaths.append((pid, time.monotonic()))

    def say(self, line):
        self._log.write(f"{time.monotonic():.2f} {line}\n")
        self._log.flush()
        if " | " not in line:
            self.endings.append(line)

    def _tend(self):
        # Children are tethered to the thread that starts them, so this one lives as long as the cluster does.
        while not self._ended.wait(0.02):
            for child in list(self.children):
                child.delay = RESTART_SECONDS
                child.tend(self.say)
        for child in self.children:
            if child.process:
                child.thaw()
                child.signal(signal.SIGKILL)
                child.process.wait()

    def stop(self):
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(20)
        if self.door:
            self.door.close()
        self._log.close()
        os.environ.pop("NULL_ENGINE_JOURNAL", None)

    def logs(self, lines=40):
        return "\n".join((self.folder / "cluster.log").read_text().splitlines()[-lines:])

    # Work

    def users(self, credits=10_000):
        """A project of each of some people, with credits enough."""
        if not hasattr(self, "_projects"):
            self._projects = [make_project(make_user()) for _ in range(USERS)]
            for project in self._projects:
                Wallet.objects.of(project.workspace).grant(credits, reference="for the story")
        return self._projects

    def ask(self, count, seconds=(0.05, 0.5), then=""):
        """Ask for runs of the null engine, of anybody."""
        return [
            make_generation(
                self.random.choice(self.users()),
                model="null",
                prompt=f"null {self.random.uniform(*seconds):.2f} s{then}",
                seed=next(self.seeds),
            )
            for _ in range(count)
        ]

    def cancel_some(self, runs, share=0.1):
        """Cancel so many of these at moments of their own, from another thread; join it."""
        some = [run.pk for run in runs if self.random.random() < share]
        pauses = [self.random.uniform(0.05, 1.0) for _ in some]

        def cancel():
            for pk, pause in zip(some, pauses, strict=True):
                time.sleep(pause)
                Generation.objects.get(pk=pk).cancel()
            connections.close_all()

        thread = threading.Thread(target=cancel)
        thread.start()
        return thread

    def wait(self, condition, seconds=120.0, every=0.1):
        """How long it took until `condition()` was true; an AssertionError with the log's end when it never is."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > seconds:
                raise AssertionError(f"Not so within {seconds} s: {condition}\n{self.logs()}")
            time.sleep(every)
        return time.monotonic() - began

    def finish(self, runs=None, patience=120.0):
        """How long it took until these runs (None: all) had come to an end; an AssertionError once none of anybody's
        has for `patience` seconds. How many there are and how busy the machine is decides the rest."""
        wanted = Generation.objects.in_progress()
        if runs is not None:
            wanted = wanted.filter(pk__in=[run.pk for run in runs])
        began = moved_at = time.monotonic()
        over = 0
        while wanted.exists():
            if (now_over := Generation.objects.exclude(finished_at=None).count()) > over:
                over, moved_at = now_over, time.monotonic()
            if time.monotonic() - moved_at > patience:
                raise AssertionError(f"Nothing came to an end for {patience} s\n{self.logs()}")
            time.sleep(0.1)
        return time.monotonic() - began

"""One process the supervisor keeps running."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from django.conf import settings

from runwayweb.supervisor.tether import tethered

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
NICE = 5  # a third of the others' share of a core, and all of it where nobody else wants it
STEADY_AFTER_SECONDS = 60.0  # a child that lived so long is started again as if it had never failed


class Child:
    """A command that is started again whenever it ends, a little later each time it fails at once.

    It leads a session of its own, so that Ctrl-C reaches the supervisor alone, and it cannot outlive the supervisor.
    `beats` says whether it announces itself as a worker; `gives_way`, whether others come first where cores are few.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: dict[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        beats: bool = False,
        gives_way: bool = False,
    ):
        self.name = name
        self.command = list(command)
        self.env = env or {}
        self.pass_fds = tuple(pass_fds)
        self.beats = beats
        self.gives_way = gives_way
        self.process: subprocess.Popen[str] | None = None
        self.started_at = 0.0  # this and the next two: seconds of time.monotonic()
        self.start_at = 0.0
        self.delay = FIRST_DELAY_SECONDS
        self.killed: list[int] = []  # pids of those that SIGKILL ended and that nobody looked at since

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def age_seconds(self) -> float:
        return time.monotonic() - self.started_at

    def start(self, say: Callable[[str], None]) -> None:
        self.process = subprocess.Popen(
            tethered(self.command),
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=self.pass_fds,
        )
        if self.gives_way:
            ours = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, self.process.pid, ours + NICE)
        self.started_at = time.monotonic()
        threading.Thread(target=self._repeat_output, args=(self.process, say), daemon=True).start()

    def tend(self, say: Callable[[str], None]) -> None:
        """Start it when it is due; note its end and decide when that is."""
        if self.process is None:
            if time.monotonic() >= self.start_at:
                self.start(say)
        elif (ending := self.ended()) is not None:
            if self.age_seconds >= STEADY_AFTER_SECONDS:
                self.delay = FIRST_DELAY_SECONDS
            say(f"{self.name} {ending}; starting it again in {self.delay:g} s")
            self.start_at = time.monotonic() + self.delay
            self.delay = min(2 * self.delay, LONGEST_DELAY_SECONDS)

    def ended(self) -> str | None:
        """How it ended, in words, with what it left behind cleared away; None while it runs."""
        if self.process is None:
            return "is not running"
        if self._runs():
            return None
        self.signal(signal.SIGKILL)
        code = self.process.wait()
        if code == -signal.SIGKILL:
            self.killed.append(self.process.pid)
        self.process = None
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def _runs(self) -> bool:
        # Only looked at: until `ended()` waits for it, its number and its group's cannot be anybody else's.
        assert self.process is not None
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def signal(self, number: int) -> None:
        """Send a signal to the process and all it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                pass

    def wait(self, seconds: float = 1.0) -> None:
        """Let a killed process go away. One the kernel holds on to (a driver that hangs) is left to it."""
        deadline = time.monotonic() + seconds
        while self.process is not None and self._runs() and time.monotonic() < deadline:
            time.sleep(0.01)

    def thaw(self) -> None:
        """Let it go on if it was frozen."""
        if self.process is not None:
            os.kill(self.process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to end. Only the process itself: it knows what to do about what it started."""
        if self.process is not None:
            os.kill(self.process.pid, signal.SIGTERM)

    def _repeat_output(self, process: subprocess.Popen[str], say: Callable[[str], None]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            say(
                as_json(self.name, line.rstrip()) if settings.LOG_FORMAT == "json" else f"{self.name} | {line.rstrip()}"
            )


def as_json(name: str, line: str) -> str:
    """A line of a process as JSON: as it is where it is some already."""
    if line.startswith("{"):
        return line
    time_now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": time_now, "logger": name, "message": line}, ensure_ascii=False)


def print_line(line: str) -> None:
    """One whole line, at once, also from several threads."""
    if settings.LOG_FORMAT == "json":
        line = as_json("supervisor", line)
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError:
        pass  # the terminal is gone; the processes go on

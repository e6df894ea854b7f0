"""Whether the kernel ended a process because memory was at its end: of a signal alone, nobody can tell."""

import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OURS = Path("/proc/self/cgroup")  # and that of those whom this process starts
JUST_NOW_SECONDS = 5.0  # a process of many gigabytes takes a moment to be gone


class MemoryKills:
    """Looks at the count that the kernel keeps of this process's cgroup (Linux 4.13 or newer, both versions)."""

    def __init__(self) -> None:
        self._count = count()
        self._rose_at = float("-inf")  # in seconds of time.monotonic()

    def look(self) -> None:
        """To be called often: a rise is dated by the look that found it."""
        if (now := count()) > self._count:
            self._rose_at = time.monotonic()
        self._count = now

    def just_now(self) -> bool:
        """Whether somebody in this cgroup was ended for memory in the last seconds; False where nobody counts."""
        return time.monotonic() - self._rose_at < JUST_NOW_SECONDS


def count() -> int:
    """How many processes of this cgroup the kernel ended for memory; 0 where that is not told."""
    try:
        groups = dict(line.split(":", 2)[1:] for line in OURS.read_text().splitlines())
        kind, file = ("memory", "memory.oom_control") if "memory" in groups else ("", "memory.events")
        folder = ROOT / kind / groups[kind].lstrip("/")
        if not (folder / file).exists():  # a container is told its name outside, and sees itself as the root
            folder = ROOT / kind
        told = dict(line.split() for line in (folder / file).read_text().splitlines())
        return int(told["oom_kill"])
    except (OSError, KeyError, ValueError):
        return 0

"""What the processes of a studio take: memory and open files, as the kernel counts them."""

import os
from pathlib import Path

from tests.servers.studio import children_of, command_line

WORDS = ("gpuworker", "mediaworker", "dispatcher", "webhooks", "uvicorn", "valkey", "manage.py up")


def processes(studio):
    """(pid, what it is) of all that a studio consists of."""
    for pid in (studio.process.pid, *sorted(children_of(studio.process.pid))):
        line = command_line(pid)
        word = next((word for word in WORDS if word in line), None)
        if word:
            yield pid, f"{word} {pid}"


def memory_kb(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def sampled(studio):
    """{what it is: (kB, open files)} of each process now."""
    return {name: (memory_kb(pid), open_files(pid)) for pid, name in processes(studio)}

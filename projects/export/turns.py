"""Encoders that want a machine for themselves, made to take turns.

Run by root, SVT-AV1 puts itself and whoever called it into the real-time class of the system, before everybody else;
whatever is started from there is, too. Two such processes can stop a machine of two cores.
"""

import os
from pathlib import Path

TASKS = Path("/proc/self/task")


def take_turns():
    """Put every thread of this process back among the ordinary ones; elsewhere than on Linux nothing has to be done."""
    if not TASKS.is_dir():
        return
    for task in TASKS.iterdir():
        try:
            if os.sched_getscheduler(int(task.name)) != os.SCHED_OTHER:
                os.sched_setscheduler(int(task.name), os.SCHED_OTHER, os.sched_param(0))
        except ProcessLookupError:  # it ended meanwhile
            continue

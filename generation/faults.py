"""Places where a test may kill this process, to see that nothing is lost. Off unless FAULT_AT names one."""

import os
import signal
from itertools import count

NAMES = (
    "after_hold", "after_commit", "after_dispatch", "after_claim", "mid_render", "after_output_tmp",
    "after_output_rename", "before_final_tx", "after_final_tx", "before_ack",
)  # fmt: skip
_visits = {name: count(1) for name in NAMES}


def fault_point(name):
    """Die here, as if by `kill -9`, when FAULT_AT is `name`, or `name:n` on the n-th visit."""
    wanted, _, nth = os.environ.get("FAULT_AT", "").partition(":")
    if wanted == name and next(_visits[name]) == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)

"""Places where a test may kill this process, to see that nothing is lost. Off unless FAULT_AT names one.

FAULT_AT=after_claim      die there, as if by `kill -9`
FAULT_AT=after_claim:3    die there on the third visit, or a later one
FAULT_HOW=stall           stay there for ever instead, as a call that never returns
FAULT_ONCE=/a/path        whichever process makes this file first does it; the others pass
FAULT_FENCING=off         late writes are taken, so that stories can show that they would be seen; only beside the
                          null engine's journal, which no installation has
"""

import os
import signal
import time
from itertools import count

from generation.engine.catalogue import NULL_JOURNAL

NAMES = (
    "after_hold", "after_commit", "after_dispatch", "after_claim", "mid_render", "after_output_tmp",
    "after_output_rename", "before_final_tx", "after_final_tx", "before_ack", "after_webhook_sent",
)  # fmt: skip
_visits = {name: count(1) for name in NAMES}


def fault_point(name):
    """Die or stay here when the environment says so."""
    wanted, _, nth = os.environ.get("FAULT_AT", "").partition(":")
    if wanted != name or next(_visits[name]) < int(nth or 1) or not _is_first():
        return
    if os.environ.get("FAULT_HOW") == "stall":
        while True:
            time.sleep(3600)
    os.kill(os.getpid(), signal.SIGKILL)


def fenced():
    """Whether writes of an attempt that is over are refused: always, but for the story of what would come of others."""
    return not (os.environ.get("FAULT_FENCING") == "off" and NULL_JOURNAL in os.environ)


def _is_first():
    path = os.environ.get("FAULT_ONCE")
    if not path:
        return True
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True

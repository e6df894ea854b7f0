"""Memory that is freed stays with the process: drawing and training ask for the same sizes again and again.

Given back to the system, it has to be cleared page by page before it is used once more: half of the time that drawing
shapes takes. Whatever is larger than 32 MB is given back at once unless nothing is mapped by itself, and what a thread
has in an arena of its own cannot be kept.
"""

import ctypes
import sys

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX, M_ARENA_MAX = -1, -2, -4, -8  # glibc's <malloc.h>
MIB = 1024**2


def keep_freed_memory() -> bool:
    """Tell glibc so, for this process; returns whether there is a glibc that listened."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    asked = {M_MMAP_MAX: 0, M_ARENA_MAX: 1, M_TRIM_THRESHOLD: 2047 * MIB, M_TOP_PAD: 256 * MIB}
    return min(mallopt(name, value) for name, value in asked.items()) == 1

"""Disks that have no room."""

import errno


def is_full(error):
    """Whether there was no room for a file, a temporary one too, or no more for whoever wrote it."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)

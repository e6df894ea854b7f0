"""One supervisor for each data folder."""

import fcntl
import os
from pathlib import Path
from typing import IO


class AlreadyRunning(RuntimeError):
    """Another supervisor has this data folder. The message says which process."""


def lock_folder(folder: Path) -> IO[str]:
    """Hold the folder for as long as the returned file is open; the kernel lets go when this process ends, however.

    Raises AlreadyRunning, and OSError when the folder cannot be written.
    """
    file = open(folder / "up.lock", "a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise AlreadyRunning(
            f"Runwayweb already runs on the data folder {folder} (process {owner}). "
            "Stop it first, or set RUNWAYWEB_DATA to another folder."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file

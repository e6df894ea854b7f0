"""The program that looks through files from outside, without the worker that starts it."""

import json
import subprocess
import sys

from django.conf import settings

from runwayweb.assets import sandbox
from runwayweb.assets.taking_in import PREPARER


def looked_through(files, folder, *, closed=True):
    """(what the program tells of each of these files, bytes each; its peak in bytes), one after the other.

    What it makes of number n lies in the folder n. Not `closed`: without closed.py before it.
    """
    program = folder / "one_after_the_other.py"
    program.write_text(
        "import pathlib, runpy, sys\n"
        f"sys.path.insert(0, {str(settings.BASE_DIR)!r})\n"
        f"look = runpy.run_path({str(PREPARER)!r})['main']\n"
        f"for number in range({len(files)}):\n"
        "    look(f'{sys.argv[1]}/{number}.given', f'{sys.argv[1]}/{number}', sys.argv[2])\n"
        "print(pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
    )
    for number, data in enumerate(files):
        (folder / str(number)).mkdir()
        (folder / f"{number}.given").write_bytes(data)
    door = [str(sandbox.CLOSED)] if closed else []
    limits = json.dumps({"most_seconds": 120, "longest_side": 512})
    command = [sys.executable, "-I", *door, str(program), str(folder), limits]
    said = subprocess.run(command, env={}, capture_output=True, text=True, check=True).stdout
    *told, peak = [json.loads(line) for line in said.splitlines() if "progress" not in line]
    return told, 1024 * peak

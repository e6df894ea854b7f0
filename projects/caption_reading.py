"""Run as a process of its own: a file of captions from outside, read.

    python -I closed.py caption_reading.py GIVEN FPS MOST

GIVEN is text in UTF-8. It may take little memory and time. On its last line it prints JSON, {"refused": "unknown"} or
{"captions": [[begins, ends, text], …]}: thousandths of a second, without comments and silences, at most MOST and one.
"""

import json
import resource
import sys
from pathlib import Path

import pysubs2

MEMORY_BYTES = 1024**3
PROCESSOR_SECONDS = 20


def main(given, fps, most):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    try:
        read = pysubs2.SSAFile.from_string(Path(given).read_text("utf-8", "surrogatepass"), fps=float(fps))
    except (pysubs2.Pysubs2Error, ValueError, OverflowError):
        return {"refused": "unknown"}
    said = sorted((one for one in read if not one.is_comment), key=lambda one: one.start)
    told = [(one.start, one.end, one.plaintext.replace("\x00", "").strip()) for one in said]
    return {"captions": [one for one in told if one[2]][: int(most) + 1]}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))

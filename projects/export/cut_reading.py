"""Run as a process of its own: an OpenTimelineIO file from outside, parsed and written anew.

    python -I closed.py cut_reading.py GIVEN WRITTEN

It may take little memory and time, and opens nothing that the file points to. It writes the timeline as today's schema
has it, and on its last line prints JSON: {"ok": true} or {"ok": false}.
"""

import json
import resource
import sys
from pathlib import Path

MEMORY_BYTES = 2 * 1024**3
PROCESSOR_SECONDS = 40
DEPTH = 100  # of brackets within each other: far more than a timeline has, far less than a parser's stack


def main(given, written):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    import opentimelineio as otio

    try:
        text = Path(given).read_bytes().decode()
        if depth(text) > DEPTH:
            return False
        timeline = otio.adapters.read_from_string(text, "otio_json")
        if not isinstance(timeline, otio.schema.Timeline):
            return False
        Path(written).write_text(otio.adapters.write_to_string(timeline, "otio_json"), "utf-8")
    except Exception:  # the parser raises whatever comes to pass in it
        return False
    return True


def depth(text):
    """How deep brackets lie in each other in a JSON text, those in strings left out."""
    deepest = now = 0
    in_string = escaped = False
    for letter in text:
        if in_string:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                in_string = False
        elif letter == '"':
            in_string = True
        elif letter in "[{":
            now += 1
            deepest = max(deepest, now)
        elif letter in "]}":
            now -= 1
    return deepest


if __name__ == "__main__":
    print(json.dumps({"ok": main(*sys.argv[1:])}))

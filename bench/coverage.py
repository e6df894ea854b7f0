"""Which lines and branches the stories go through, by what `make coverage` found.

In coverage.json stands what lacked before: in the rooms of CORE, file by file, and of all else how many of 100 are gone
through. Both may only become better; `KEEP=1` writes down what lacks now.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

KEPT = Path(__file__).with_suffix(".json")

# What may lose money, let somebody in, or lose a run: every line and branch.
CORE = {
    "money": ("runwayweb/subscriptions/models/", "runwayweb/subscriptions/billing/", "generation/pricing.py"),
    "who is let in": ("runwayweb/accounts/", "runwayweb/api/keys.py", "runwayweb/api/known_keys.py"),
    "uploads": (
        "runwayweb/assets/upload.py",
        "runwayweb/assets/taking_in.py",
        "runwayweb/assets/models/upload.py",
        "runwayweb/assets/closed.py",
        "runwayweb/bodies.py",
    ),
    "addresses": ("runwayweb/assets/fetching.py", "runwayweb/assets/guarded.py"),
    "states of runs": (
        "generation/models/",
        "generation/attempt.py",
        "generation/dispatcher.py",
        "generation/pulse.py",
    ),
}


def main():
    found = figures(measured())
    print(json.dumps({"core": found["core"], "rest": found["rest"]}, indent=2))
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else None
    if os.environ.get("KEEP") or kept is None:
        KEPT.write_text(json.dumps(found, indent=2) + "\n")
        return
    if worse := list(worse_than(kept, found)):
        sys.exit("\n".join(worse))


def measured():
    """{file: (lines and branches, those that no story went through)}"""
    told = subprocess.run(
        [sys.executable, "-m", "coverage", "json", "--quiet", "-o", "-"], check=True, stdout=subprocess.PIPE, text=True
    )
    return {
        path: (
            one["summary"]["num_statements"] + one["summary"]["num_branches"],
            one["summary"]["missing_lines"] + one["summary"]["missing_branches"],
        )
        for path, one in json.loads(told.stdout)["files"].items()
    }


def room_of(path):
    return next((room for room, places in CORE.items() if path.startswith(places)), "")


def figures(files):
    """What is kept: of CORE the share of each room and the files that lack something, of all else the share."""
    there, lacks, by_file = defaultdict(int), defaultdict(int), {}
    for path, (all_, missing) in sorted(files.items()):
        room = room_of(path)
        there[room] += all_
        lacks[room] += missing
        if room and missing:
            by_file[path] = missing
    share = {room: round(100 * (1 - lacks[room] / there[room]), 1) for room in there}
    return {
        "what": "lines and branches that `make test` goes through, of 100; in core, those of each file that lack",
        "core": {room: share[room] for room in CORE if room in share},
        "rest": share[""],
        "lacking": by_file,
    }


def worse_than(kept, found):
    """Sentences."""
    for path, missing in found["lacking"].items():
        if missing > (before := kept["lacking"].get(path, 0)):
            yield f"{path}: {missing} lines and branches that no story goes through; there were {before}."
    if found["rest"] < kept["rest"] - 0.5:  # of stories about processes that are killed, some less is told each time
        yield f"All else: {found['rest']} of 100; it was {kept['rest']}."


if __name__ == "__main__":
    main()

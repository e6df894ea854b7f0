"""How much a story about faults does: a little in `make test`, all of it in `make test-faults`; and what it found."""

import json
import os
import platform
import statistics
from pathlib import Path

from django.db import connection

FULL = os.environ.get("FAULTS") == "full"
LITTLE = os.environ.get("FAULTS") == "little"  # every story, as often as `make test` would do it
PARTS = [int(part) for part in os.environ.get("PART", "").split(",") if part] or list(range(1, 9))
REPORT = os.environ.get("FAULTS_REPORT", "")


def times(quick, full):
    """How often, in this lane."""
    return full if FULL else quick


def report(story, **figures):
    """Keep what a story of the full lane found, in the file that FAULTS_REPORT names."""
    if not REPORT:
        return
    story = f"{connection.display_name}: {story}" if connection.vendor != "sqlite" else story
    path = Path(REPORT)
    told = json.loads(path.read_text()) if path.exists() else {"stories": {}}
    told["machine"] = {"cores": os.cpu_count(), "python": platform.python_version()}
    told["stories"][story] = {"lane": "full" if FULL else "little", "load": round(os.getloadavg()[0], 1)} | figures
    told["stories"] = dict(sorted(told["stories"].items()))
    path.write_text(json.dumps(told, indent=1) + "\n")


def spread(seconds):
    """The median, the 95th percentile and the longest of some times."""
    if not seconds:
        return {"n": 0}
    ordered = sorted(seconds)
    return {
        "n": len(ordered),
        "p50": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
        "max": round(ordered[-1], 2),
    }

"""How long `manage.py up` takes until it is ready, and until nothing of it is left: a first start, then three more."""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"

from tests.servers.studio import Studio  # noqa: E402

STARTS = 6


def main():
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder) / "data")
        ready, gone = [], []
        for _ in range(STARTS):
            ready.append(studio.start().ready())
            asked_at = time.monotonic()
            studio.stop()
            gone.append(time.monotonic() - asked_at)
    figures = {
        "what": "seconds until `manage.py up` is ready, and from SIGTERM until nothing is left",
        "cores": os.cpu_count(),
        "first_start": round(ready[0], 2),
        "later_start": {
            "goal": 10,
            "median": round(statistics.median(ready[1:]), 2),
            "worst": round(max(ready[1:]), 2),
        },
        "gone": {"goal": 10, "median": round(statistics.median(gone), 2), "worst": round(max(gone), 2)},
        "n": STARTS,
    }
    (ROOT / "bench" / "start.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

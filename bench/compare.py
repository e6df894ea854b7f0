"""Whether a studio under load does worse than it did: load.json as it stands here against the committed one.

By hand, after `bench/load.py` has run again on the machine that the committed figures are of, left alone meanwhile:
machines differ, and so does one that does other work. Ends with 1 when the median of a figure is worse by more than
30 %, or something happens that did not happen at all.

    PYTHONPATH=. .venv/bin/python bench/compare.py           against HEAD
    PYTHONPATH=. .venv/bin/python bench/compare.py v0.5.0    against that version
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
KEPT = "bench/load.json"
MOST_LOSS = 0.3
BETTER_HIGH = {"per_minute"}
ROOM = {"memory_growth": 0.02, "memory_growth_of_all": 0.02}  # shares, so near nothing that ratios of them say nothing


def main():
    revision = sys.argv[1] if sys.argv[1:] else "HEAD"
    committed = subprocess.run(["git", "show", f"{revision}:{KEPT}"], cwd=ROOT, capture_output=True, text=True)
    if committed.returncode:
        sys.exit(f"{revision} has no {KEPT}: {committed.stderr.strip()}")
    before, now = json.loads(committed.stdout), json.loads((ROOT / KEPT).read_text())
    if before["cores"] != now["cores"]:
        sys.exit(f"Another machine: {before['cores']} cores then, {now['cores']} now. There is nothing to compare.")
    lost = losses(before["rows"], now["rows"])
    print("\n".join(lost) or f"Nothing is worse by more than {MOST_LOSS:.0%} than at {revision}.")
    sys.exit(1 if lost else 0)


def losses(before, now):
    """A sentence for each figure of rows in both whose median is worse by more than MOST_LOSS."""
    return [
        f"{row}, {figure}: {now[row]['median'][figure]:g}, was {value:g}"
        for row in before.keys() & now.keys()
        for figure, value in before[row]["median"].items()
        if figure in now[row]["median"] and is_lost(figure, value, now[row]["median"][figure])
    ]


def is_lost(figure, before, now):
    if figure in ROOM:
        return now - before > ROOM[figure]
    if figure in BETTER_HIGH:
        return now < before * (1 - MOST_LOSS)
    return now > before * (1 + MOST_LOSS)


if __name__ == "__main__":
    main()

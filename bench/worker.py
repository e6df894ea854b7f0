"""What a worker adds to the built-in model: the wait in the queue; progress, previews, file and rows beside drawing.

In a studio of its own, one clip after the other, so nothing waits for a worker that is busy. Goals: 95 of 100 wait at
most a second; the worker takes at most a tenth longer than the model by itself, measured in this process afterwards.
"""

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

RUNS = 20
PROMPT = "a red fox with a blue scarf walks through a pine forest beside a yellow balloon"
SIZE = {"width": 512, "height": 288, "num_frames": 25, "fps": 12}


def main():
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        os.environ["RUNWAYWEB_DATA"] = str(data)
        from tests.servers.studio import Studio

        studio = Studio(data)
        studio.start().ready()
        try:
            waits, taken = in_the_studio()
        finally:
            studio.stop()
        bare = alone()
    with_worker = statistics.median(taken)
    figures = {
        "what": "the built-in model, 25 frames at 512x288, one clip after the other",
        "cores": os.cpu_count(),
        "n": RUNS,
        "queue_wait_seconds": {"p95": round(statistics.quantiles(waits, n=20)[-1], 3), "goal": 1.0},
        "worker_seconds": {"median": round(with_worker, 2)},
        "alone_seconds": {"median": round(bare, 2)},
        "overhead": {"value": round(with_worker / bare - 1, 3), "goal": 0.1},
    }
    (ROOT / "bench" / "worker.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures))


def in_the_studio() -> tuple[list[float], list[float]]:
    """Seconds each clip waited, and each took from then on; the first, which loads the model, is not counted."""
    import django

    django.setup()
    from generation.engine import catalogue
    from generation.engine.request import VideoRequest
    from generation.models import Generation
    from projects.models import Project
    from runwayweb.accounts.models import User

    ada = User.objects.create_user("ada@example.org", "a-long-pass-phrase-9")
    project = Project.objects.create(workspace=ada.open_workspace(), name="Bench")
    waits, taken = [], []
    for seed in range(RUNS + 1):
        request = VideoRequest(PROMPT, seed=seed, **SIZE)
        generation = Generation.request_run(request, card=catalogue.BUILT_IN, project=project, by=ada)
        while generation.in_progress:
            time.sleep(0.2)
            generation.refresh_from_db()
        assert generation.status == Generation.Status.SUCCEEDED, generation.failure
        if seed:
            waits.append((generation.started_at - generation.queued_at).total_seconds())
            taken.append((generation.finished_at - generation.started_at).total_seconds())
    return waits, taken


def alone() -> float:
    """The median of seconds that the model takes for the same clips by itself."""
    from generation.engine import catalogue
    from generation.engine.request import VideoRequest

    engine = catalogue.load_engine(catalogue.BUILT_IN, device="cpu")
    taken = []
    for seed in range(RUNS // 2 + 1):
        began = time.perf_counter()
        engine.generate(VideoRequest(PROMPT, seed=seed, **SIZE), lambda *step: None)
        if seed:
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main()

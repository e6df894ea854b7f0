"""How long the built-in model takes in a process that does nothing else, and how much memory that process needs.

`python -m generation.engine.training.speed FOLDER` prints one JSON object: seconds for 25 frames of 512 × 288, as the
studio asks for them, end to end, the model warm, told by text and with two references (medians of three), and the
process's peak memory in GB.
"""

import json
import resource
import statistics
import sys
import time

from generation.engine import catalogue
from generation.engine.request import VideoRequest
from generation.engine.training.probe_scenes import draw
from generation.engine.world.scene import Character, Prop, Scene

PROMPT = "a violet fox walks in a meadow beside a red balloon, orbit left"
RUNS = 3


def measure(model: str) -> dict[str, float]:
    """Seconds by text, seconds with two references, memory in GB; on the CPU."""
    engine = catalogue.load_engine(catalogue.card_for(model), device="cpu")
    text = {"prompt": PROMPT, "width": 512, "height": 288, "num_frames": 25, "fps": 12}
    taken = {"seconds_text": _median(engine, text)}
    shown = [Scene(place="beach", characters=(Character("owl", "teal"),)), Scene(place="snow", props=(Prop("kite"),))]
    pictures, _ = draw(shown, [1, 2], "cpu", chosen=(12,))
    references = {"references": tuple(pictures[:, 0].numpy()), "reference_roles": ("character", "object")}
    taken["seconds_two_references"] = _median(engine, text | references)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return taken | {"memory_gb": round(peak / 1e9, 2)}


def _median(engine, asked):
    """Of three runs after one that warms up."""
    seconds = []
    for seed in range(RUNS + 1):
        begin = time.perf_counter()
        engine.generate(VideoRequest(seed=seed, **asked), lambda step, steps, preview: None)
        seconds.append(time.perf_counter() - begin)
    return round(statistics.median(seconds[1:]), 2)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))

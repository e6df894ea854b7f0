"""How long the built-in engine takes: `python bench/animatic.py` prints a table and writes bench/animatic.json.

Every clip is made through the engine as a worker makes it, reading of the prompt and previews included, imports not.
Wall and processor seconds are medians of several runs after one that warms up. Processor seconds say what a quiet
machine would need; wall seconds also what else was running.
"""

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path

import torch

from generation.engine.animatic import Animatic
from generation.engine.request import VideoRequest
from generation.engine.world.scene import CameraMove, Character, Prop, Scene
from generation.engine.world.stage import set_stage

CLIPS = {
    "one character, one object": "a bear waves in a meadow beside a red balloon",
    "a character alone": "a robot dances on a beach",
    "two characters, much scenery": "a fox and an owl walk through a forest in the evening, pan left",
    "four characters, rain": "a cat, a dog, a mouse and a frog run in a city in the rain",
    "watercolor": "a penguin spins in the snow, watercolor look",
}
SIZES = {"512 × 288": (512, 288), "768 × 432": (768, 432), "1280 × 720": (1280, 720)}


def measure(engine, prompt, runs, **size):
    """Median wall and processor seconds of making one clip."""
    walls, processors = [], []
    for seed in range(runs + 1):
        request = VideoRequest(prompt=prompt, seed=7, **size)
        wall, processor = time.perf_counter(), time.process_time()
        engine.generate(request, lambda step, steps, preview: None)
        if seed:
            walls.append(time.perf_counter() - wall)
            processors.append(time.process_time() - processor)
    return {"wall_seconds": round(statistics.median(walls), 2), "cpu_seconds": round(statistics.median(processors), 2)}


def layout_milliseconds():
    scene = Scene(
        place="forest",
        characters=(Character("fox", action="walk"),),
        props=(Prop("lantern"),),
        camera=CameraMove("pan left"),
    )
    size = {"width": 128, "height": 80, "num_frames": 9, "fps": 12}
    set_stage([scene], [0], **size)
    start = time.process_time()
    set_stage([scene] * 64, list(range(64)), **size)
    return round((time.process_time() - start) / 64 * 1000, 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    arguments = parser.parse_args()
    engine = Animatic(device="cpu")
    results = {"512 × 288, 24 frames": {}, "sizes, one character, one object, 24 frames": {}}
    for name, prompt in CLIPS.items():
        results["512 × 288, 24 frames"][name] = measure(engine, prompt, arguments.runs, width=512, height=288)
        print(f"{name:32} {results['512 × 288, 24 frames'][name]}")
    prompt = CLIPS["one character, one object"]
    for name, (width, height) in SIZES.items():
        taken = measure(engine, prompt, max(1, arguments.runs // 3), width=width, height=height)
        results["sizes, one character, one object, 24 frames"][name] = taken
        print(f"{name:32} {taken}")
    results["layout_ms_per_clip"] = layout_milliseconds()
    print(f"laying out a clip: {results['layout_ms_per_clip']} ms")
    machine = {
        "cores": len(os.sched_getaffinity(0)),
        "load_average": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    report = {"machine": machine, "runs": arguments.runs, "results": results}
    arguments.out.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

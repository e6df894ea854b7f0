"""`python -m generation.engine.training STAGE --minutes N --out DIR`: one stage of making the built-in model."""

import argparse
import importlib
from pathlib import Path

from generation.engine.training.memory import keep_freed_memory
from generation.engine.training.run import Run, best_device

STAGES = ("scenes", "codec", "painter", "relief", "assemble", "probe_scenes", "probes", "evaluate")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m generation.engine.training", description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--out", type=Path, default=Path("var/training"))
    parser.add_argument("--device", default=best_device())
    asked = parser.parse_args()
    keep_freed_memory()
    stage = importlib.import_module(f"generation.engine.training.{asked.stage}")
    stage.train(Run(asked.stage, asked.out, asked.minutes, asked.device))


if __name__ == "__main__":
    main()

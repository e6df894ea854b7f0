"""What the built-in model reaches: `make bench-model` prints its figures as one JSON object.

{figure: {value, goal, n, …}} on 24 held-out prompts on a CPU, on all 200 with FULL=1 or on a GPU; the n of
"prompts_read" says how many. They are compared with those in bench/model.json, and a worse figure makes it end with
status 1; KEEP=1 writes them there instead. Judged by the probes in bench/probes. FIGURES in
generation/engine/training/figures.py says which are better when lower.
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

import torch

from generation.engine import catalogue
from generation.engine.training.evaluate import FEW, evaluate
from generation.engine.training.figures import FIGURES
from generation.engine.training.heldout import PROMPTS
from generation.engine.training.run import best_device

HERE = Path(__file__).parent
TOLERANCE = 0.02  # of a figure: other processors round differently, and a clip in 24 more or less may read as another
ONE_MORE = 1.01  # clips
OF_THE_MACHINE = {"seconds_text": 0.5, "seconds_two_references": 0.5, "memory_gb": 0.2}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path(catalogue.BUILT_IN.location))
    parser.add_argument("--probes", type=Path, default=HERE / "probes")
    parser.add_argument("--prompts", type=int, help="how many, instead of 24 or 200")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    arguments = parser.parse_args()
    for folder, file in ((arguments.model, "model_index.json"), (arguments.probes, "probes.safetensors")):
        if not (folder / file).is_file():
            sys.exit(f"There is nothing to measure: {folder / file} is missing.")
    device = best_device()
    full = os.environ.get("FULL", "") not in ("", "0") or device != "cpu"
    count = arguments.prompts or (PROMPTS if full else FEW)
    figures = evaluate(arguments.model, arguments.probes, count, device=device, say=aside)
    print(json.dumps(figures, indent=1))
    known = json.loads(arguments.out.read_text()) if arguments.out.is_file() else {}
    name = f"{count} prompts"
    worse = compared(figures, known.get(name, {}).get("figures", {}))
    if os.environ.get("KEEP", "") not in ("", "0"):
        machine = {
            "device": device,
            "cores": len(os.sched_getaffinity(0)),
            "load_average": round(os.getloadavg()[0], 2),
            "python": platform.python_version(),
            "torch": torch.__version__,
        }
        known[name] = {"machine": machine, "figures": figures}
        arguments.out.write_text(json.dumps(known, indent=1) + "\n")
        # The studio offers weights that lie beside their figures.
        (arguments.model / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
        aside(f"kept in {arguments.out}, and beside the weights")
    elif worse:
        sys.exit(f"Worse than in {arguments.out.name}: {', '.join(worse)}.")


def compared(figures, known):
    """Print a table for people, with what was known; return the names of the figures that are worse."""
    worse = []
    aside(f"{'':24} {'value':>8} {'before':>8} {'goal':>7} {'small':>7} {'chance':>8} {'ceiling':>8} {'n':>5}")
    for name, row in figures.items():
        before = known.get(name)
        cells = [row["value"], before and before["value"], row["goal"], row["small_tier"]]
        cells += [row.get("chance"), row.get("ceiling")]
        widths = (8, 8, 7, 7, 8, 8)
        text = " ".join(f"{'' if cell is None else f'{cell:g}':>{w}}" for cell, w in zip(cells, widths, strict=True))
        figure = FIGURES[name]
        limits = {"goal": figure.goal, "small tier": figure.small_tier}
        marks = [mark for mark, limit in limits.items() if limit is not None and figure.reached(row["value"], limit)]
        mark = marks[0] if marks else "below"
        aside(f"{name:24} {text} {row['n']:>5}  {mark}")
        if before and is_worse(name, row, before["value"]):
            worse.append(name)
    return worse


def is_worse(name, row, before):
    """Whether a figure is worse than before by more than machines differ."""
    allowed = max(abs(before) * OF_THE_MACHINE.get(name, TOLERANCE), ONE_MORE / row["n"] if abs(before) <= 1 else 0)
    change = before - row["value"]
    return (-change if FIGURES[name].at_most else change) > allowed


def aside(words):
    """To the people who wait: the object alone goes to standard output."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

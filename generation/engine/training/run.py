"""A stage being run: how long it may take, when it saves, and what it says meanwhile."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch

PROBE_SECONDS = 60
SAVE_SECONDS = 120


@dataclass(eq=False)
class Run:
    """One stage with its folder and its minutes. `save` is called every two minutes and at the end."""

    stage: str
    out: Path
    minutes: float
    device: str = "cpu"
    save: Callable[[], None] | None = None
    told: dict[str, float] = field(default_factory=dict)

    def steps(self, *, unit: str = "samples", per_step: int = 1) -> Iterator[float]:
        """Yield the share of the time that has passed, in [0, 1), until it is up; say how it goes.

        After a minute it says how far the given minutes will reach. `told["loss"]` and whatever else the stage puts
        there is printed with the throughput.
        """
        begin = said = saved = time.monotonic()
        whole = self.minutes * 60
        done = done_when_said = 0
        probed = False
        while (passed := time.monotonic() - begin) < whole:
            yield passed / whole
            done += 1
            now = time.monotonic()
            if not probed and now - begin > min(PROBE_SECONDS, whole / 4):
                probed = True
                rate = done * per_step / (now - begin)
                self.say(f"probe: {rate:.1f} {unit}/s; {self.minutes:g} minutes reach about {rate * whole:,.0f} {unit}")
            if now - said > 30:
                rate = (done - done_when_said) * per_step / (now - said)
                figures = ", ".join(f"{name} {value:.4f}" for name, value in self.told.items())
                self.say(f"{(now - begin) / 60:.1f} min, {done:,} steps, {rate:.1f} {unit}/s, {figures}")
                said, done_when_said = now, done
            if now - saved > SAVE_SECONDS:
                if self.save:
                    self.save()
                saved = now
        if self.save:
            self.save()
        self.say(f"done: {done:,} steps, {done * per_step:,} {unit}")

    def say(self, words: str) -> None:
        """Print a line and keep it in the run's log."""
        print(f"{self.stage}: {words}", flush=True)
        self.out.mkdir(parents=True, exist_ok=True)
        with (self.out / f"{self.stage}.log").open("a") as log:
            log.write(words + "\n")

    def note(self, name: str, content: dict) -> None:
        """Write figures as JSON beside the weights."""
        (self.out / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


def best_device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"

"""What the null engine wrote: which process worked on what, and when."""

import json
from collections import defaultdict


class Journal:
    """`path`: what NULL_ENGINE_JOURNAL names. Times are those of this machine's monotonic clock."""

    def __init__(self, path):
        self.path = path

    def lines(self):
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_text().splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue  # it was killed while it wrote
        return found

    def pids(self):
        """The processes that took a step."""
        return {line["pid"] for line in self.lines()}

    def spells(self):
        """{seed: [(first step, last step, pid)]}, of each run by whom and from when to when it was worked on."""
        steps = defaultdict(list)
        for line in self.lines():
            steps[line["seed"], line["pid"]].append(line["at"])
        found = defaultdict(list)
        for (seed, pid), at in steps.items():
            found[seed].append((min(at), max(at), pid))
        return {seed: sorted(spells) for seed, spells in found.items()}

    def overlaps(self):
        """For how many seconds two processes worked on one run, each time they did."""
        return [
            before[1] - after[0]
            for spells in self.spells().values()
            for before, after in zip(spells, spells[1:], strict=False)
            if before[1] > after[0]
        ]

    def taken_up(self, deaths):
        """How long it took until another process worked on what a dead one had: `deaths` are (pid, when)."""
        died = dict(deaths)
        return [
            after[0] - died[before[2]]
            for spells in self.spells().values()
            for before, after in zip(spells, spells[1:], strict=False)
            if before[2] in died and after[0] > died[before[2]]
        ]

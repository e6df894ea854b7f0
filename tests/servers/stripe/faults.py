"""Neighbours that misbehave: what the API does wrong when it is told to."""

import re
from dataclasses import dataclass

KINDS = ("refuse", "slow", "500", "429", "cut")


@dataclass
class Fault:
    """`kind` happens to the next `times` requests whose method and path fit `path` (a regular expression)."""

    kind: str
    path: str = ""
    times: int = 1
    seconds: float = 30

    def fits(self, method, path):
        return self.times > 0 and re.search(self.path, f"{method} {path}") is not None


class Faults:
    def __init__(self):
        self.faults = []

    def set(self, kind, **how):
        if kind not in KINDS:
            raise ValueError(f"There is no fault {kind}: {', '.join(KINDS)}.")
        self.faults.append(Fault(kind, **how))

    def clear(self):
        self.faults = []

    def next_for(self, method, path):
        """The fault that meets this request, counted; None when all is well."""
        for fault in self.faults:
            if fault.fits(method, path):
                fault.times -= 1
                return fault
        return None

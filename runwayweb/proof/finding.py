"""One thing that is not as it must be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`check`: which rule it breaks, a word for programs; `subject`: what it is about; `sentence`: for people."""

    check: str
    subject: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.sentence}"

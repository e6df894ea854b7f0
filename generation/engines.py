"""The engines a worker keeps warm: loading one takes long, so it stays until another is asked for."""

from typing import Any

from generation.engine import catalogue

_warm: dict[tuple[str, int], Any] = {}  # model id and memory plan → engine


def is_warm(card, smaller=0):
    """Whether the engine of `card` is loaded."""
    return (card.id, smaller) in _warm


def warm(card, smaller=0):
    """The engine of `card`, loaded if it is not, `smaller` memory plans below the usual one.

    One model at a time: the next may need all of the memory.
    """
    if not is_warm(card, smaller):
        _warm.clear()
        _warm[card.id, smaller] = catalogue.load_engine(card, smaller=smaller)
    return _warm[card.id, smaller]

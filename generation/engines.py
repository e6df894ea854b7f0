"""The engines a worker keeps warm: loading one takes long, so it stays until another is asked for."""

from typing import Any

from generation.engine import catalogue

_warm: dict[str, Any] = {}  # model id → engine


def warm(card):
    """The engine of `card`, loaded if it is not. One model at a time: the next may need all of the memory."""
    if card.id not in _warm:
        _warm.clear()
        _warm[card.id] = catalogue.load_engine(card)
    return _warm[card.id]

"""What an operator switches on or off by the environment. Read without torch, so that a form can ask too."""

import os

from generation.engine.weights import ModelRefused

COMPILE, FIRST_BLOCK_CACHE = "RUNWAYWEB_COMPILE", "RUNWAYWEB_FIRST_BLOCK_CACHE"
ON, OFF = ("1", "on", "true", "yes"), ("", "0", "off", "false", "no")


def is_on(name: str) -> bool:
    """Whether an environment variable is on. Raises ModelRefused for what is neither on nor off."""
    told = os.environ.get(name, "").lower()
    if told not in ON + OFF:
        raise ModelRefused(f"{name} is on or off, not {told}.")
    return told in ON


def takes_shortcuts() -> bool:
    """Whether models may pass over blocks here, unless a run says `exact`."""
    return os.environ.get(FIRST_BLOCK_CACHE, "").lower() in ON

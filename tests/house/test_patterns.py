"""No regular expression of ours runs away: each is asked about long strange lines, and answers at once.

A pattern that can read the same letters in two ways tries them all where the line does not fit in the end: forty
letters may take for ever, and the whole process with them, since nothing else runs meanwhile.
"""

import importlib
import pkgutil
import re
import signal
import sys
from contextlib import contextmanager

import pytest

ROOMS = ("runwayweb", "projects", "generation")
STARTED_BY_THEMSELVES = ("asgi", "closed", "migrations")
LINES = [
    " ", "a", "A", "1", ".", "(", "[", '"', "-", "_", "*", ",", "@", "\n", "a ", "A ", "A.", "1.", "a1", "a11", "the ",
    "((", "()", "[[", "/*", "\\", "<", "/", "=", "&", "#", "%", "a,", ", ", "- ", "INT. ", "A-", "'", "“", "é", "x=",
    "a=a&", "@a ", "\r\n",
]  # fmt: skip
BEGINNINGS = ("", "0% ")
LETTERS = 1000
SECONDS = 1.0


class TooLong(Exception):
    pass


@contextmanager
def within(seconds):
    def ring(*_):
        raise TooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def patterns_in(value):
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from patterns_in([*value.keys(), *value.values()])
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from patterns_in(one)


def patterns():
    """Those that the modules of the project keep, each once, with the name it is found by."""
    found = {}
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if not set(module.name.split(".")) & set(STARTED_BY_THEMSELVES):
                importlib.import_module(module.name)
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] in ROOMS:
            for told, value in list(vars(module).items()):
                for pattern in patterns_in(value):
                    found.setdefault(pattern, f"{name}.{told}")
    return found


def slow_lines(pattern):
    for line in LINES:
        for beginning in BEGINNINGS:
            text = f"{beginning}{line * (LETTERS // len(line))}!"
            text = text if isinstance(pattern.pattern, str) else text.encode()
            for ask in (pattern.search, pattern.fullmatch):
                try:
                    with within(SECONDS):
                        ask(text)
                except TooLong:
                    yield f"{ask.__name__} of {line!r} after {beginning!r}"


def test_no_pattern_takes_long():
    found = patterns()
    assert len(found) > 50
    slow = {where: lines for pattern, where in found.items() if (lines := list(slow_lines(pattern)))}
    assert slow == {}


@pytest.mark.parametrize("pattern", [r"(?:a|a)*b", r"\d+%\s*(?:[a-z]+\d+\.?\d*)*"])
def test_one_that_does_is_seen(pattern):
    assert list(slow_lines(re.compile(pattern)))[:1]

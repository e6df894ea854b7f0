"""Stories that a page names: `folder/test_file.py::test_name`, or `…::TestClass::test_name`. Needs no Django."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
NAMED = re.compile(r"`([\w/]+\.py)::((?:\w+::)?\w+)`")


def stories_named_in(words):
    """[(file, name)] of those that `words` name."""
    return NAMED.findall(words)


def missing_of(words):
    """Those of them that there are not, as they are named."""
    return [f"{file}::{name}" for file, name in stories_named_in(words) if name not in stories_of(file)]


@cache
def stories_of(file):
    """The names of all stories of a file in tests/; none of one that is not there."""
    path = TESTS / file
    return set(_names(ast.parse(path.read_text()).body)) if path.is_file() else set()


def _names(nodes, of=""):
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            yield from _names(node.body, f"{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield of + node.name

"""How Stripe's library writes what it asks: `items[0][price]=price_1` and the like."""

import re
from urllib.parse import parse_qsl


def decoded(body):
    """The nested values of a form. Numbers stay words; "" stands for nothing."""
    tree = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        keys = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        _put(tree, keys, {"true": True, "false": False}.get(value, value))
    return _with_lists(tree)


def _put(tree, keys, value):
    for key in keys[:-1]:
        tree = tree.setdefault(key if key else str(len(tree)), {})
    tree[keys[-1] if keys[-1] else str(len(tree))] = value


def _with_lists(tree):
    if not isinstance(tree, dict):
        return tree
    if tree and all(key.isdigit() for key in tree):
        return [_with_lists(tree[key]) for key in sorted(tree, key=int)]
    return {key: _with_lists(value) for key, value in tree.items()}


def number(params, name, default=None):
    """A whole number out of a form."""
    value = params.get(name, "")
    return default if value == "" else int(value)


def words(params, name="metadata", before=None):
    """Metadata: what is given is added to `before`, an empty value takes away."""
    given = params.get(name) or {}
    merged = (before or {}) | {key: _word(value) for key, value in given.items()}
    return {key: value for key, value in merged.items() if value != ""}


def _word(value):
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value

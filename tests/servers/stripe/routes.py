"""Which function answers which path."""

import re

ROUTES = []


def route(method, path):
    """`{id}` in a path stands for anything up to the next stroke. The function gets book, parameters and ids."""

    def keep(function):
        pattern = re.compile(re.sub(r"\{\w+\}", r"([^/]+)", path) + "$")
        ROUTES.append((method, pattern, function))
        return function

    return keep


def find(method, path):
    """The function for this request and the ids in its path; None when there is none."""
    for of_method, pattern, function in ROUTES:
        if of_method == method and (match := pattern.match(path)):
            return function, match.groups()
    return None

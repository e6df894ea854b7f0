"""Whoever calls the API in the stories: a key, and one request with it."""

import json

from django.test import Client

VERSION = "2024-11-06"


def make_key(by, workspace=None, **fields):
    """A new key of `by`, as it reads in plain."""
    from runwayweb.api.models import Key

    return Key.objects.issue(workspace or by.open_workspace(), by=by, **{"name": "a program"} | fields)[1]


def ask(method, path, plain=None, body=None, **headers):
    """The answer to one call. `plain` None: without a key. `body`: what is sent as JSON; text and bytes as they are."""
    headers = {"X-Runway-Version": VERSION} | {name.replace("_", "-"): value for name, value in headers.items()}
    if plain is not None:
        headers["Authorization"] = f"Bearer {plain}"
    sent = {}
    if body is not None:
        sent = {"data": body if isinstance(body, str | bytes) else json.dumps(body), "content_type": "application/json"}
    return Client(raise_request_exception=False).generic(method, path, **sent, headers=headers)

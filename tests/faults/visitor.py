"""A program that keeps asking the site for work and how far it is, whatever befalls it meanwhile."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter

from django.db import connections

from runwayweb.api.models import Key
from tests.factories import make_user


class Visitor:
    """`statuses`: how often each was answered; 0 for no answer at all. `asked`: (path, status) of what went wrong."""

    def __init__(self, cluster, pause=0.15):
        self.cluster, self.pause = cluster, pause
        ada = make_user("visitor")
        self.workspace = ada.open_workspace()
        _key, self.plain = Key.objects.issue(self.workspace, by=ada, name="Faults")
        self.statuses = Counter()
        self.slowest = 0.0
        self.without_pause = 0  # 503 without Retry-After
        self.wrong = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._visit, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join(60)

    def _visit(self):
        tasks, number = [], 0
        while not self._ended.wait(self.pause):
            number += 1
            if number % 2 or not tasks:
                body = {"model": "null", "promptText": "null 0.1 s", "ratio": "64:64", "duration": 0.25}
                status, told = self.call("POST", "/v1/text_to_video", body | {"seed": next(self.cluster.seeds)})
                if status == 200:
                    tasks.append(json.loads(told)["id"])
            else:
                self.call("GET", f"/v1/tasks/{tasks[-1]}")
        connections.close_all()

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.cluster.url + path,
            data=json.dumps(body).encode() if body else None,
            method=method,
            headers={
                "Authorization": f"Bearer {self.plain}",
                "X-Runway-Version": "2024-11-06",
                "Content-Type": "application/json",
            },
        )
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, told = answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            status, told = answer.code, answer.read()
            self.without_pause += status == 503 and not answer.headers["Retry-After"]
        except OSError:
            status, told = 0, b""
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[status] += 1
        if status >= 500 and status != 503 or status in (400, 401, 403, 404):
            self.wrong.append((method, path, status, told[:300]))
        return status, told

    @property
    def told(self):
        """What a report says of it."""
        return {"answers": dict(sorted(self.statuses.items())), "slowest_seconds": round(self.slowest, 1)}

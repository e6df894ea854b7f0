"""Live lines cut at any byte, and hints that are lost or come twice: a page hears of every event, each once."""

import json
import signal
import threading
import time

import pytest
from django.db import connections
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from generation import hints
from generation.models import Event
from projects.consumers import REPLAY
from tests.factories import make_generation
from tests.faults.lanes import report, spread, times
from tests.servers.cutter import Cutter

QUIET_SECONDS = 10
PATIENCE_SECONDS = 6.0  # without a word, a line is taken for broken: pages send pings, and wait no longer


class Page:
    """Listens as a page does: in order, from where it was, on a new line whenever the old one ends."""

    def __init__(self, project, origin, port):
        client = Client()
        client.force_login(project.workspace.memberships.get().user)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self.address = f"ws://127.0.0.1:{port}/ws/workspaces/{project.workspace_id}/"
        self.about = {"origin": origin, "additional_headers": {"Cookie": cookies}}
        self.heard, self.last, self.away, self.reloads = [], 0, [], 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        lost_at = None
        while not self._ended.is_set():
            try:
                with connect(
                    f"{self.address}?since={self.last}", open_timeout=5, close_timeout=1, **self.about
                ) as line:
                    while not self._ended.is_set():
                        line.send('{"type": "ping"}')
                        self._hear(json.loads(line.recv(PATIENCE_SECONDS)))
                        if lost_at:
                            self.away.append(time.monotonic() - lost_at)
                            lost_at = None
                        time.sleep(0.06)
            except (ConnectionClosed, InvalidHandshake, TimeoutError, OSError, EOFError):
                lost_at = lost_at or time.monotonic()
                time.sleep(0.05)

    def _hear(self, message):
        if message["type"] == "event" and message["sequence"] == self.last + 1:
            self.last += 1
            self.heard.append(message["sequence"])
        elif message["type"] == "reload":
            self.reloads += 1

    def stop(self):
        self._ended.set()
        self._thread.join(10)


@pytest.mark.full
@pytest.mark.part(4)
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_lines_cut_at_any_byte_miss_nothing(cluster, project, monkeypatch):
    send = hints.send

    def now_and_then(workspace, message):
        """Of ten, three are lost and one comes twice."""
        drawn = cluster.random.random()
        if drawn >= 0.3:
            send(workspace, message)
        if drawn >= 0.9:
            send(workspace, message)

    monkeypatch.setattr(hints, "send", now_and_then)
    cluster.start("web")
    cutter = Cutter(cluster.port, cluster.random, most=1500, hang=0.05)
    page = Page(project, cluster.url, cutter.port)

    def behind_by_little():
        """A line ends within 1500 bytes, and a page that is far behind is told to load anew: that is another story."""
        return Event.objects.last_sequence(project.workspace) - page.last < REPLAY / 2

    try:
        make_generation(project)
        cluster.wait(lambda: page.last, seconds=60)
        page.away.clear()  # while the server started
        while cutter.cuts < times(8, 500):
            make_generation(project).cancel()
            time.sleep(cluster.random.uniform(0.02, 0.3))
            cluster.wait(behind_by_little, seconds=120)
            if cluster.random.random() < 0.01:
                cluster.kill(cluster.of("web")[0], signal.SIGKILL)
        cutter.whole = True
        assert page.reloads == 0
        last = Event.objects.last_sequence(project.workspace)
        quiet = cluster.wait(lambda: page.last == last, seconds=30)
    finally:
        page.stop()
        cutter.stop()
        connections.close_all()
    report(
        "lines cut at any byte",
        cuts=cutter.cuts,
        events=last,
        seed=cluster.seed,
        seconds_until_on_line_again=spread(page.away),
        seconds_until_the_last_was_heard=round(quiet, 1),
        missed=last - len(page.heard),
        twice=len(page.heard) - len(set(page.heard)),
    )
    assert page.heard == list(range(1, last + 1)) and page.reloads == 0
    assert quiet <= QUIET_SECONDS

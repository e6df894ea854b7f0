"""The live line on the real server: what a socket may send, and how it ends when the server does."""

import json
import signal
import socket
import time
from pathlib import Path

import pytest
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from generation import hints
from runwayweb.live_line import UNREAD_SECONDS
from tests.factories import make_generation


@pytest.fixture
def web(site):
    return site.start("web")


def line(site, project, origin=None):
    client = Client()
    client.force_login(project.workspace.memberships.get().user)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    address = f"{site.url.replace('http', 'ws')}/ws/workspaces/{project.workspace_id}/"
    return connect(address, origin=origin or site.url, additional_headers={"Cookie": cookies})


def closing_code(socket, timeout=5):
    try:
        while True:
            socket.recv(timeout)
    except ConnectionClosed as closed:
        return closed.rcvd.code


def test_a_megabyte_is_too_big(site, web, project):
    with line(site, project) as socket:
        socket.send("x" * 1024 * 1024)
        assert closing_code(socket) == 1009


def test_another_origin_is_refused_at_the_handshake(site, web, project):
    with pytest.raises(InvalidStatus) as refused:
        line(site, project, origin="https://evil.example")
    assert refused.value.response.status_code == 403


def test_one_that_floods_is_let_go_and_others_hear_on(site, web, project):
    with line(site, project) as quiet, line(site, project) as loud:
        assert json.loads(quiet.recv(5))["type"] == "ready"
        for _ in range(100):
            loud.send('{"type": "ping"}')
        assert closing_code(loud) == 1008
        generation = make_generation(project)
        heard = json.loads(quiet.recv(5))
        assert (heard["kind"], heard["generation"]) == ("generation.queued", str(generation.pk))
    assert "Traceback" not in site.logs(100)


@pytest.mark.slow
def test_one_that_never_reads_is_let_go_and_others_hear_on(site, web, project):
    """What waits for it is bounded meanwhile, and afterwards the server keeps nothing of it: no line, no memory."""
    news = {"type": "step", "words": "x" * 20_000}
    with line(site, project) as reads:
        reads.recv(5)
        for _ in range(200):  # what a server takes for itself the first time
            assert hints.send(project.workspace_id, news)
            assert json.loads(reads.recv(5)) == news
        before, lines = resident(web.pid), sockets(web.pid)
        deaf = socket.create_connection(("127.0.0.1", site.port))
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greet(deaf, site, project)
        assert sockets(web.pid) == lines + 1
        began, slowest = time.monotonic(), 0.0
        while sockets(web.pid) > lines:
            assert time.monotonic() - began < 3 * UNREAD_SECONDS, "it is held for ever"
            for _ in range(10):
                sent = time.monotonic()
                assert hints.send(project.workspace_id, news)
                assert json.loads(reads.recv(5)) == news
                slowest = max(slowest, time.monotonic() - sent)
        assert slowest < 2 and resident(web.pid) - before < 64 * 1024**2
        deaf.close()
        generation = make_generation(project)
        assert json.loads(reads.recv(5))["generation"] == str(generation.pk)
    assert "Traceback" not in site.logs(100)


def greet(raw, site, project):
    """Open a live line over a bare socket, and read nothing but the answer's first bytes."""
    client = Client()
    client.force_login(project.workspace.memberships.get().user)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    raw.sendall(
        (
            f"GET /ws/workspaces/{project.workspace_id}/ HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Sec-WebSocket-Version: 13\r\nOrigin: {site.url}\r\nCookie: {cookies}\r\n\r\n"
        ).encode()
    )
    assert raw.recv(12) == b"HTTP/1.1 101"


def sockets(pid):
    """How many lines a process holds."""
    return sum("socket:" in str(door.readlink()) for door in Path(f"/proc/{pid}/fd").iterdir())


def resident(pid):
    told = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(told.partition("VmRSS:")[2].split()[0])


def test_a_server_that_stops_says_so(site, web, project):
    with line(site, project) as socket:
        socket.recv(5)
        web.send_signal(signal.SIGTERM)
        assert closing_code(socket) == 1012
    assert web.wait(10) in (0, -signal.SIGTERM), "uvicorn ends by the signal it was sent"

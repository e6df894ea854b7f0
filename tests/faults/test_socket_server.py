"""The live line on the real server: what a socket may send, and how it ends when the server does."""

import json
import signal

import pytest
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

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


def test_a_server_that_stops_says_so(site, web, project):
    with line(site, project) as socket:
        socket.recv(5)
        web.send_signal(signal.SIGTERM)
        assert closing_code(socket) == 1012
    assert web.wait(10) in (0, -signal.SIGTERM), "uvicorn ends by the signal it was sent"

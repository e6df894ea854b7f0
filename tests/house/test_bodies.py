"""A body larger than any form is not taken in, whoever sends it and whatever it says of itself."""

import asyncio
import contextlib
import http.client
import json
import re
import select
import socket
import statistics
import time

import httpx
import pytest
from django.conf import settings

from projects.inputs import MOST_UPLOADED_BYTES
from runwayweb import bodies
from runwayweb.asgi import FILES
from tests.factories import make_project, make_user

MOST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
MIB = 1024**2
HEAD = "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def web(site):
    return site.start("web")


@pytest.fixture
def open_line(site, web):
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as line:
        yield line


def answer_on(line):
    answer = http.client.HTTPResponse(line)
    answer.begin()
    return answer


def test_one_that_says_so_is_refused_before_it_comes(open_line):
    open_line.sendall(f"{HEAD}Content-Length: {MOST + 1}\r\n\r\n".encode())
    answer = answer_on(open_line)
    assert answer.status == 413
    assert b"2048 KiB" in answer.read()


def test_what_is_refused_is_counted_and_told_like_all_other_requests(site):
    site.start("web", env={"LOG_FORMAT": "json", "BEHIND_PROXY": "on", "METRICS_TOKEN": "secret"})

    def counted():
        told = httpx.get(f"{site.url}/metrics", headers={"Authorization": "Bearer secret"}, timeout=20).text
        line = re.search(r'^runwayweb_http_requests_total{method="POST",route="none",status="413"} (.+)$', told, re.M)
        return float(line[1]) if line else 0

    before = counted()
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as line:
        line.sendall(f"{HEAD}X-Request-Id: {'ab12' * 8}\r\nContent-Length: {MOST + 1}\r\n\r\n".encode())
        answer = answer_on(line)
        assert (answer.status, answer.headers["X-Request-Id"]) == (413, "ab12" * 8)
    assert counted() == before + 1
    lines = [json.loads(line) for line in site.logs(50).splitlines() if "refused on its way in" in line]
    assert [(line["message"][:13], line["request_id"]) for line in lines] == [("POST none 413", "ab12" * 8)]


def test_one_that_does_not_end_is_cut_short(open_line):
    open_line.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    for _ in range(MOST // 65536 + 1):
        open_line.sendall(piece)
    assert answer_on(open_line).status == 413


def test_one_that_just_fits_is_read(open_line):
    open_line.sendall(f"{HEAD}Content-Length: {MOST}\r\n\r\n".encode() + b"x" * MOST)
    assert answer_on(open_line).status == 403, "it came in, and holds no token"


@pytest.fixture
def ada(transactional_db):
    return make_user("ada")


@pytest.fixture
def door(ada):
    """The path at which pictures come in."""
    return f"/projects/{make_project(ada).pk}/generations/"


@pytest.fixture
def cookie(client, ada):
    """What ada's browser says of itself."""
    client.force_login(ada)
    return f"Cookie: sessionid={client.cookies['sessionid'].value}\r\n"


def picture_post(path, size, headers="", kind="multipart/form-data; boundary=edge"):
    """The head of a form with one file, and its body: `size` bytes in all."""
    begin = b'--edge\r\nContent-Disposition: form-data; name="first_frame_file"; filename="fox.png"\r\n\r\n'
    end = b"\r\n--edge--\r\n"
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
    return head.encode(), begin + b"\0" * (size - len(begin) - len(end)) + end


def memory_bytes(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) * 1024


def test_pictures_come_in_by_their_own_door_and_are_written_to_disk(open_line, web, door, cookie):
    before = memory_bytes(web.pid)
    head, body = picture_post(door, MOST_UPLOADED_BYTES, cookie)
    open_line.sendall(head)
    open_line.sendall(body)
    assert answer_on(open_line).status == 403, "it came in, and holds no token"
    assert memory_bytes(web.pid) - before < 40 * MIB


def test_more_than_all_pictures_together_stays_outside(open_line, door, cookie):
    open_line.sendall(picture_post(door, FILES.limit + 1, cookie)[0])
    answer = answer_on(open_line)
    assert answer.status == 413
    assert str(FILES.limit // 1024).encode() in answer.read()


@pytest.mark.slow
@pytest.mark.parametrize("who", ["a visitor", "somebody signed out", "another page", "no files"])
def test_the_door_opens_only_for_files_of_somebody_signed_in(open_line, door, cookie, who):
    told = {
        "a visitor": picture_post(door, 3 * MIB),
        "somebody signed out": picture_post(door, 3 * MIB, "Cookie: sessionid=0123456789abcdef0123456789abcdef\r\n"),
        "another page": picture_post("/projects/new/", 3 * MIB, cookie),
        "no files": picture_post(door, 3 * MIB, cookie, kind="application/x-www-form-urlencoded"),
    }
    open_line.sendall(told[who][0])
    assert answer_on(open_line).status == 413


def test_a_piece_of_a_file_comes_in_by_its_own_door(open_line, cookie):
    """Signed in: it is read, and refused for the token it lacks. Others stay outside."""
    path = "/uploads/4b9be0d6-1c9e-4ec6-9f0e-3f6a9f1d2c3b/"
    head = f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/offset+octet-stream\r\n"
    open_line.sendall(f"{head}{cookie}Content-Length: {3 * MIB}\r\n\r\n".encode() + bytes(3 * MIB))
    assert answer_on(open_line).status == 403


def test_nobody_else_may_send_a_piece(open_line, cookie):
    path = "/uploads/4b9be0d6-1c9e-4ec6-9f0e-3f6a9f1d2c3b/"
    head = f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/offset+octet-stream\r\n"
    open_line.sendall(f"{head}Content-Length: {3 * MIB}\r\n\r\n".encode())
    assert answer_on(open_line).status == 413


@pytest.mark.slow
def test_five_hundred_that_come_in_drops_keep_nobody_waiting(site, web):
    """Each sends a byte every other second. Meanwhile a page is looked at; after the time there is they are let go."""
    with contextlib.ExitStack() as held:
        lines = [held.enter_context(socket.create_connection(("127.0.0.1", site.port), 30)) for _ in range(500)]
        began = time.monotonic()
        for line in lines:
            line.sendall(f"{HEAD}Content-Length: 1000\r\n\r\n".encode())
        waits, left = [], list(lines)
        while left and time.monotonic() < began + bodies.BODY_SECONDS + 60:
            looked = time.monotonic()
            assert httpx.get(f"http://127.0.0.1:{site.port}/accounts/login/", timeout=30).status_code == 200
            waits.append(time.monotonic() - looked)
            left = [line for line in left if not select.select([line], [], [], 0)[0]]
            for line in left:
                line.sendall(b"x")
            time.sleep(2)
        assert not left and {answer_on(line).status for line in lines} == {408}
        assert time.monotonic() - began >= bodies.BODY_SECONDS
        assert statistics.median(waits) < 1 and max(waits) < 10, waits


async def test_a_body_that_comes_in_drops_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    told = []

    async def application(scope, receive, send):
        while (await receive()).get("more_body"):
            pass

    async def receive():
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message):
        told.append(message.get("status"))

    limited = bodies.LimitedBodies(application, 1000, doors=[])
    await asyncio.wait_for(limited({"method": "POST", "path": "/", "headers": []}, receive, send), 5)
    assert told[0] == 408


async def test_what_came_fast_buys_no_long_silence(monkeypatch):
    """Sixteen MiB at once would be worth a quarter of an hour, in which the disk holds them."""
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    told, came = [], []

    async def application(scope, receive, send):
        while (await receive()).get("more_body"):
            pass

    async def receive():
        if came:
            await asyncio.sleep(60)
        came.append(True)
        return {"type": "http.request", "body": bytes(16 * MIB), "more_body": True}

    async def send(message):
        told.append(message.get("status"))

    limited = bodies.LimitedBodies(application, 17 * MIB, doors=[])
    await asyncio.wait_for(limited({"method": "POST", "path": "/", "headers": []}, receive, send), 5)
    assert told[0] == 408


async def test_at_a_door_of_anybody_only_so_many_bodies_are_on_their_way(monkeypatch):
    until = asyncio.Event()
    told = []

    async def application(scope, receive, send):
        await until.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        told.append(message.get("status"))

    door = bodies.Door(re.compile("/verify/"), 17 * MIB, known=bodies.anybody, at_once=2)
    monkeypatch.setattr(bodies, "database_sync_to_async", lambda known: _at_once(known))
    monkeypatch.setattr(bodies, "PLACE_SECONDS", 0.2)
    limited = bodies.LimitedBodies(application, 1000, doors=[door])
    scope = {"method": "POST", "path": "/verify/", "headers": [(b"content-type", b"multipart/form-data")]}

    def come(address):
        return limited(scope | {"client": (address, 1)}, asyncio.Event().wait, send)

    first = asyncio.create_task(come("198.51.100.1"))
    await asyncio.sleep(0.05)
    await come("198.51.100.1")
    assert told[0] == 503, "half of the places are for others"
    second = asyncio.create_task(come("198.51.100.2"))
    await asyncio.sleep(0.05)
    await come("198.51.100.3")
    assert told[2] == 503
    monkeypatch.setattr(bodies, "PLACE_SECONDS", 20)
    third = asyncio.create_task(come("198.51.100.3"))
    await asyncio.sleep(0.05)
    until.set()
    await asyncio.gather(first, second, third)
    assert told == [503, None, 503, None, 200, 200, 200], "who waits a moment gets in"


def _at_once(known):
    async def asked(scope):
        return known(scope)

    return asked


def test_so_many_forms_of_files_come_in_at_once_and_no_more(site, web, door, cookie):
    """Each holds room on the disk meanwhile. The one too many is told when to come back, and then gets in."""
    head, body = picture_post(door, 3 * MIB, cookie)
    with contextlib.ExitStack() as held:
        lines = [
            held.enter_context(socket.create_connection(("127.0.0.1", site.port), 10))
            for _ in range(FILES.at_once // 2 + 1)  # the others are for those who come from elsewhere
        ]
        for line in lines:
            line.sendall(head + body[:-1])
        (answered,), _, _ = select.select(lines, [], [], 30)
        refused = answer_on(answered)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        lines.remove(answered)
        for line in lines:
            line.sendall(body[-1:])
            assert answer_on(line).status == 403, "it came in, and holds no token"
        again = held.enter_context(socket.create_connection(("127.0.0.1", site.port), 10))
        again.sendall(head + body)
        assert answer_on(again).status == 403

"""A body larger than any form is not taken in, whoever sends it and whatever it says of itself."""

import http.client
import socket

import pytest
from django.conf import settings

MOST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
HEAD = "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def open_line(site):
    site.start("web")
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


def test_one_that_does_not_end_is_cut_short(open_line):
    open_line.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    for _ in range(MOST // 65536 + 1):
        open_line.sendall(piece)
    assert answer_on(open_line).status == 413


def test_one_that_just_fits_is_read(open_line):
    open_line.sendall(f"{HEAD}Content-Length: {MOST}\r\n\r\n".encode() + b"x" * MOST)
    assert answer_on(open_line).status == 403, "it came in, and holds no token"

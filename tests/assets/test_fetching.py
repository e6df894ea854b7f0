"""Files from an address: a real server of HTTPS on this machine, behind a guard that is asked about other addresses.

Only the two ends of the guard are led elsewhere: what a name resolves to, and where a connection to an address that it
let through ends up. What is let through, pinned, sent, believed and refused is its own.
"""

import socket
import threading
import time
from contextlib import suppress

import pytest
from django.test import override_settings

from runwayweb.assets import fetching
from runwayweb.assets.fetching import Fetcher
from runwayweb.assets.guarded import Address, Unfetchable, is_public
from runwayweb.assets.models import Asset, Upload
from runwayweb.assets.taking_in import TakingIn
from tests.media import media_file
from tests.servers.https import HOST, Https, answer

URL = f"https://{HOST}/film.mp4"
CANNOT = "This address cannot be reached."


@pytest.fixture(scope="module")
def https():
    server = Https()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _as_it_was(https):
    https.answers, https.resolves = {}, ["93.184.216.34"]
    https.reached.clear()


def fetch(https, tmp_path, url=URL, most_bytes=10_000):
    path = tmp_path / "film"
    Fetcher(**https.edge()).fetch(Address(url), path, most_bytes)
    return path.read_bytes()


def test_a_file_is_fetched_from_the_address_its_name_has(https, tmp_path):
    https.answers["/film.mp4"] = answer(b"1234567890", Content_Length="10", Content_Type="video/mp4")
    assert fetch(https, tmp_path) == b"1234567890"
    assert https.reached == [("93.184.216.34", 443)], "the one that was looked at, on the port of HTTPS"
    https.answers["/a?b=%C3%A9"] = answer(b"12345")
    assert fetch(https, tmp_path, f"https://{HOST}/a?b=é") == b"12345"


INSIDE = (
    "127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.5 0.0.0.0 192.0.0.192 192.0.2.1 "
    "198.18.0.1 198.51.100.7 203.0.113.9 192.88.99.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 "
    "::1 :: ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::a00:1 64:ff9b:1::808:808 "
    "64:ff9b:1:7f00:0:100:808:808 2002:7f00:1:: 2002:a00:1:: "
    "2001:0:a00:1:0:0:80ff:fffe fe80::1 fe80::1%eth0 "
    " fc00::1 fd12:3456::1 fec0::1 ff02::1 2001:db8::1 100::1 5f00::1 nonsense"
).split()


@pytest.mark.parametrize("inside", INSIDE)
def test_whatever_is_not_on_the_open_internet_is_never_connected_to(https, tmp_path, inside):
    https.answers["/film.mp4"] = answer(b"secret")
    for resolves in ([inside], ["93.184.216.34", inside], [inside, "93.184.216.34"]):
        https.resolves = resolves
        with pytest.raises(Unfetchable, match=CANNOT):
            fetch(https, tmp_path)
    assert https.reached == []


@pytest.mark.parametrize(
    "outside", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_machines_of_the_open_internet_are(outside):
    assert is_public(outside)


def test_a_name_that_means_something_else_the_second_time_is_asked_once(https, tmp_path):
    https.answers["/film.mp4"] = answer(b"12345")
    edge, asked = https.edge(), []

    def rebinding(host, port, **_):
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    Fetcher(**edge | {"resolve": rebinding}).fetch(Address(URL), tmp_path / "film", 100)
    assert asked == [HOST] and https.reached == [("93.184.216.34", 443)]


def test_a_name_inside_and_the_studio_itself_are_not_even_looked_up(tmp_path):
    def never(*_arguments, **_named):
        raise AssertionError("asked")

    for url in (
        "https://printer.local/",
        "https://db.internal/a",
        "https://studio.example.net/a",
        "https://a.studio.example.net/",
    ):
        with override_settings(ALLOWED_HOSTS=[".studio.example.net"]), pytest.raises(Unfetchable, match=CANNOT):
            Fetcher(resolve=never, connect=never).fetch(Address(url), tmp_path / "film", 100)


def test_who_does_not_answer_and_who_cannot_be_trusted_are_told_alike(https, tmp_path):
    def unknown(*_arguments, **_named):
        raise socket.gaierror("no such name")

    def refused(*_arguments, **_named):
        raise ConnectionRefusedError

    https.answers["/film.mp4"] = answer(b"12345")
    edge = https.edge()
    for broken in ({"resolve": unknown}, {"connect": refused}, {"trust": None}):
        with pytest.raises(Unfetchable, match=CANNOT):
            Fetcher(**edge | broken).fetch(Address(URL), tmp_path / "film", 100)
    with pytest.raises(Unfetchable, match=CANNOT):  # a certificate for another name
        Fetcher(**edge).fetch(Address("https://other.example.org/film.mp4"), tmp_path / "film", 100)


@pytest.mark.parametrize(
    ("sends", "sentence"),
    [
        (answer(status=302, Location="https://example.org/"), "Redirects are not followed"),
        (answer(status=301, Location="http://169.254.169.254/"), "Redirects are not followed"),
        (answer(status=404), "no such file"),
        (answer(b"<html>", Content_Type="text/html; charset=utf-8"), "address of a page"),
        (answer(b"\x1f\x8b", Content_Encoding="gzip"), "packed"),
        (answer(b"", Content_Length="0"), "before the file was whole"),
        (answer(b"1234", Content_Length="9"), "before the file was whole"),
        (answer(b"x", Content_Length="999999"), "larger than"),
        (answer(b"x" * 20_000), "larger than"),
    ],
    ids=["led on", "led inside", "not there", "a page", "packed", "nothing", "too short", "too large", "endless"],
)
def test_an_answer_that_is_no_file_is_refused_with_its_reason(https, tmp_path, sends, sentence):
    https.answers["/film.mp4"] = sends
    with pytest.raises(Unfetchable, match=sentence):
        fetch(https, tmp_path)
    assert len(https.reached) == 1


def test_a_file_that_comes_in_drops_is_not_waited_for(https, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "SLOW_SECONDS", 0.3)
    https.answers["/film.mp4"] = answer(b"x" * 400, pause=0.02)
    with pytest.raises(Unfetchable, match="too slowly"):
        fetch(https, tmp_path)
    monkeypatch.setattr(fetching, "SILENT_SECONDS", 0.3)

    def headers_in_drops(handler):
        wait = threading.Event()
        for _ in range(20):
            handler.wfile.write(b"H")
            wait.wait(0.1)

    https.answers["/film.mp4"] = headers_in_drops
    with pytest.raises(Unfetchable, match=CANNOT):
        fetch(https, tmp_path)


def test_a_greeting_that_comes_in_drops_is_not_waited_for(https, tmp_path, monkeypatch):
    """What TLS begins with is waited for no longer than what comes after."""
    monkeypatch.setattr(fetching, "SILENT_SECONDS", 0.3)
    ours, theirs = socket.socketpair()
    gone = threading.Event()

    def drip():
        theirs.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KB begins
        with suppress(OSError):  # once it was hung up on
            while not gone.wait(0.05):
                theirs.sendall(b"\x02")

    with theirs:
        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        edge = https.edge() | {"connect": lambda address, timeout: ours}
        with pytest.raises(Unfetchable, match=CANNOT):
            Fetcher(**edge).fetch(Address(URL), tmp_path / "film", 100)
        assert time.monotonic() - began < 2
        gone.set()
        thread.join()


def test_a_file_that_would_never_end_is_cut_after_the_time_there_is(https, tmp_path):
    """However much comes of it, and even where it comes between the pieces that HTTP makes of it."""

    def forever(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        wait = threading.Event()
        with suppress(OSError):
            for _ in range(100):
                handler.wfile.write(b"0")  # a length of many digits
                wait.wait(0.1)

    for sends in (forever, answer(b"x" * 400, pause=0.02)):
        https.answers["/film.mp4"] = sends
        began = time.monotonic()
        with pytest.raises(Unfetchable, match="too slowly"):
            Fetcher(most_seconds=0.6, **https.edge()).fetch(Address(URL), tmp_path / "film", 10_000)
        assert time.monotonic() - began < 1.5


def test_a_file_that_is_called_something_else_is_refused_where_that_matters(https, tmp_path):
    for called, taken in (("image/png", True), ("application/octet-stream", True), ("text/plain", False)):
        https.answers["/film.mp4"] = answer(b"12345", Content_Type=called)
        fetcher = Fetcher(**https.edge())
        if taken:
            assert fetcher.fetch(Address(URL), tmp_path / "film", 100, kinds=("image/",)) == 5
        else:
            with pytest.raises(Unfetchable, match="another kind"):
                fetcher.fetch(Address(URL), tmp_path / "film", 100, kinds=("image/",))


@pytest.mark.slow
def test_a_clock_tells_nothing_about_why_an_address_cannot_be_reached(https, tmp_path):
    """Names in here, names that are nowhere, and machines that do not answer: all alike."""

    def unknown(*_arguments, **_named):
        raise socket.gaierror("no such name")

    def refused(*_arguments, **_named):
        time.sleep(0.15)  # the way there and back
        raise ConnectionRefusedError

    took = []
    inside = {"resolve": lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))]}
    for other, url in (
        ({"resolve": unknown}, URL),
        (inside, URL),
        ({"connect": refused}, URL),
        ({}, "https://printer.local/"),
    ):
        fetcher = Fetcher(even_seconds=0.4, **https.edge() | other)
        least = 9.0
        for _ in range(3):  # this machine may be busy, too
            began = time.monotonic()
            with pytest.raises(Unfetchable, match=CANNOT):
                fetcher.fetch(Address(url), tmp_path / "film", 100)
            least = min(least, time.monotonic() - began)
        took.append(least)
    assert max(took) - min(took) < 0.05 and min(took) >= 0.4


@pytest.mark.django_db
def test_a_media_worker_fetches_it_into_the_library(https, ada):
    film = media_file(frames=6)
    https.answers["/film.mp4"] = answer(film, Content_Length=str(len(film)), Content_Type="video/mp4")
    upload = Upload.objects.fetch(URL, workspace=ada.open_workspace(), by=ada)
    assert TakingIn(upload, fetcher=Fetcher(**https.edge())).run()
    asset = Asset.objects.get()
    assert (asset.state, asset.name, asset.origin, asset.original_name) == ("ready", "film.mp4", "imported", URL)
    assert asset.size_bytes == len(film) and asset.frame_count == 6
    https.resolves = ["10.0.0.1"]
    upload = Upload.objects.fetch(f"https://{HOST}/other.mp4", workspace=ada.open_workspace(), by=ada)
    TakingIn(upload, fetcher=Fetcher(**https.edge())).run()
    upload.refresh_from_db()
    assert (upload.asset.state, upload.told) == ("refused", CANNOT)

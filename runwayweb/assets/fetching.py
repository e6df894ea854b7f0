"""Files from an address somebody wrote: from the open internet only, and from nowhere inside.

An address is an HTTPS one with a domain name. The name is resolved once; when any address it has is not public nothing
is connected to, and what is connected to is the very address that was looked at, so that a name cannot mean something
else a moment later (DNS rebinding). Redirects are not followed. Whatever does not answer is told in one and the same
sentence: who asks learns nothing about ports and names in here.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

LONGEST_URL = 2048
PORT = 443
CONNECT_SECONDS = 5
SILENT_SECONDS = 15  # without a byte
SLOW_SECONDS = 15  # over which at least SLOW_BYTES come
SLOW_BYTES = 15_000
MOST_SECONDS = 1800
PIECE_BYTES = 256 * 1024
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
DOMAIN = re.compile(rf"(?:{LABEL}\.)+(?:xn--[a-z0-9-]{{1,59}}|[a-z]{{2,63}})", re.ASCII)
INSIDE = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "arpa", "test", "invalid")
# What Python calls global and is not somebody's machine on the internet: RFC 6890 and its registry.
NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "100.64.0.0/10",
        "2001::/23",
        "5f00::/16",
        "100::/64",
        "fec0::/10",
    )
]
NAT64 = [ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48")]


class Unfetchable(Exception):
    """Nothing can be fetched from there. The message is a sentence for whoever wrote the address."""


@dataclass(frozen=True)
class Address:
    """An HTTPS address with a domain name. Raises Unfetchable for any other."""

    url: str

    def __post_init__(self):
        object.__setattr__(self, "url", self.url.strip())
        try:
            parts = urlsplit(self.url)
            host = (parts.hostname or "").rstrip(".").encode("idna").decode().lower()
            port = parts.port
        except (ValueError, UnicodeError):
            raise not_an_address() from None
        plain = self.url.isprintable() and " " not in self.url and "\\" not in self.url and len(self.url) <= LONGEST_URL
        if not plain or parts.scheme.lower() != "https" or "@" in parts.netloc or port not in (None, PORT):
            raise not_an_address()
        if not DOMAIN.fullmatch(host) or len(host) > 253:
            raise not_an_address()
        object.__setattr__(self, "host", host)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        object.__setattr__(self, "target", "".join(c if c.isascii() else _quoted(c) for c in path))

    host = ""  # in ASCII
    target = "/"

    @property
    def file_name(self):
        """What the file is called, as far as the address tells; else the host."""
        return unquote(urlsplit(self.url).path.rpartition("/")[2]) or self.host

    def is_inside(self):
        """Whether the name alone says that it is not on the internet, or that it is this studio itself."""
        own = [host.lstrip(".").lower() for host in settings.ALLOWED_HOSTS]
        return self.host.rpartition(".")[2] in INSIDE or any(
            self.host == name or self.host.endswith(f".{name}") for name in own if name and name != "*"
        )


class Fetcher:
    """Fetches what an Address holds into a file. `resolve`, `connect` and `trust` are the edge to the network.

    `resolve` is like socket.getaddrinfo, `connect` like socket.create_connection; `trust` an SSLContext.
    """

    def __init__(self, resolve=socket.getaddrinfo, connect=socket.create_connection, trust=None):
        self.resolve = resolve
        self.connect = connect
        self.trust = trust or ssl.create_default_context()

    def fetch(self, address, path, most_bytes, on_progress=lambda came, expected: None):
        """Write it to `path`; how many bytes it has. `on_progress(came, expected or None)` may raise to end it.

        Raises Unfetchable.
        """
        began = time.monotonic()
        pinned = self._public_address(address)
        try:
            with self._connected(pinned, address.host) as line:
                return self._received(line, address, path, most_bytes, on_progress, began)
        except (OSError, http.client.HTTPException) as error:
            raise unreachable() from error

    def _public_address(self, address):
        """The one address that is connected to; every address of the name must be public. Raises Unfetchable."""
        if address.is_inside():
            raise unreachable()
        try:
            found = [info[4][0] for info in self.resolve(address.host, PORT, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as error:
            raise unreachable() from error
        if not found or not all(is_public(one) for one in found):
            raise unreachable()
        return found[0]

    def _connected(self, pinned, host):
        line = self.connect((pinned, PORT), timeout=CONNECT_SECONDS)
        try:
            line.settimeout(SILENT_SECONDS)
            return self.trust.wrap_socket(line, server_hostname=host)
        except BaseException:
            line.close()
            raise

    def _received(self, line, address, path, most_bytes, on_progress, began):
        headers = {"Host": address.host, "User-Agent": "Runwayweb", "Accept-Encoding": "identity", "Accept": "*/*"}
        connection = http.client.HTTPConnection(address.host, PORT)
        connection.sock = line
        # Each byte of the headers may come in time and all of them never.
        patience = threading.Timer(SILENT_SECONDS, lambda: line.shutdown(socket.SHUT_RDWR))
        patience.start()
        try:
            connection.request("GET", address.target, headers=headers)
            answer = connection.getresponse()
        finally:
            patience.cancel()
        expected = _refuse_answer(answer, most_bytes)
        came, window, came_before = 0, time.monotonic(), 0
        with open(path, "wb") as file:
            while piece := _piece_of(answer):
                came += len(piece)
                if came > most_bytes:
                    raise too_large(most_bytes)
                try:
                    file.write(piece)
                except OSError as error:
                    raise Unfetchable(_("The disk of this studio is full just now. Try again later.")) from error
                on_progress(came, expected)
                now = time.monotonic()
                if now - window > SLOW_SECONDS:
                    if came - came_before < SLOW_BYTES:
                        raise too_slow()
                    window, came_before = now, came
                if now - began > MOST_SECONDS:
                    raise too_slow()
        if not came or (expected is not None and came != expected):
            raise Unfetchable(_("The other side stopped before the file was whole. Try again."))
        return came


def _piece_of(answer):
    try:
        return answer.read1(PIECE_BYTES)
    except TimeoutError:
        raise too_slow() from None


def _refuse_answer(answer, most_bytes):
    """How many bytes are said to come, or None. Raises Unfetchable for an answer that is no file of at most so many."""
    if 300 <= answer.status < 400:
        raise Unfetchable(_("This address leads on to another. Redirects are not followed: use the last one."))
    if answer.status != 200:
        raise Unfetchable(_("Whoever is at this address answers that there is no such file."))
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise Unfetchable(_("This address sends packed files only. Download it and upload it from your computer."))
    kind = answer.headers.get_content_type()
    if kind in ("text/html", "application/xhtml+xml"):
        raise Unfetchable(_("This is the address of a page, not of a file. Look for the address of the file itself."))
    said = answer.headers.get("Content-Length", "")
    if not said.isdigit() or len(said) > 18:
        return None
    if int(said) > most_bytes:
        raise too_large(most_bytes)
    return int(said)


def is_public(text):
    """Whether an IP address is somebody's machine on the open internet, whichever way it is dressed up."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = _inner(address)
    if inner is not None:
        return is_public(str(inner))
    refused = (
        not address.is_global,
        address.is_multicast,
        address.is_reserved,
        address.is_private,
        address.is_loopback,
        address.is_link_local,
        address.is_unspecified,
        any(address.version == network.version and address in network for network in NOT_PUBLIC),
    )
    return not any(refused)


def _inner(address):
    """The IPv4 address that an IPv6 one carries to its gateway, or None."""
    if address.version == 4:
        return None
    if any(address in network for network in NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def _quoted(letter):
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def not_an_address():
    return Unfetchable(_("It must be an HTTPS address with a domain name, like https://example.org/clip.mp4."))


def unreachable():
    return Unfetchable(_("This address cannot be reached."))


def too_slow():
    return Unfetchable(_("The file came too slowly. Download it and upload it from your computer."))


def too_large(most_bytes):
    most = max(1, most_bytes // 1024**2)
    return Unfetchable(_("This file is larger than the %(most)d MB that there is room for.") % {"most": most})

"""Connections to an address that somebody wrote: to the open internet only, and to nowhere inside.

An address is an HTTPS one with a domain name. The name is resolved once; when any address it has is not public nothing
is connected to, and what is connected to is the very address that was looked at, so that a name cannot mean something
else a moment later (DNS rebinding). Whatever does not answer is told in one and the same sentence: who asks learns
nothing about ports and names in here.
"""

import ipaddress
import queue
import re
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

LONGEST_URL = 2048
PORT = 443
CONNECT_SECONDS = 5
RESOLVE_SECONDS = 5  # what a name means
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
        "64:ff9b:1::/48",  # of a network's own gateways, who alone know where in it the IPv4 address stands (RFC 8215)
    )
]
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the IPv4 address is the last 32 bits


class Unfetchable(Exception):
    """Nothing can be fetched from there, or brought there. The message is a sentence for whoever wrote the address.

    `why` is the reason in a word: "address", "inside" for one that is an IP address in here, "unreachable", "redirect",
    "missing", "packed", "page", "kind", "large", "cut_off", "slow" or "disk".
    """

    def __init__(self, sentence, why):
        super().__init__(sentence)
        self.why = why


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
        if len(host) > 253 or not DOMAIN.fullmatch(host):
            raise not_an_address("inside" if _means_inside(host) else "address")
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


class Guard:
    """The one way to an Address. `resolve`, `connect` and `trust` are the edge to the network.

    `resolve` is like socket.getaddrinfo, `connect` like socket.create_connection; `trust` an SSLContext.
    """

    def __init__(self, resolve=socket.getaddrinfo, connect=socket.create_connection, trust=None):
        self.resolve = resolve
        self.connect = connect
        self.trust = trust or ssl.create_default_context()

    def public_address(self, address):
        """The one IP address that is connected to; every one of the name must be public. Raises Unfetchable."""
        if address.is_inside():
            raise unreachable()
        try:
            found = [info[4][0] for info in self._resolved(address.host)]
        except (OSError, UnicodeError) as error:
            raise unreachable() from error
        if not found or not all(is_public(one) for one in found):
            raise unreachable()
        return found[0]

    def _resolved(self, host):
        """What the name means. Asked by a thread: the system is more patient with servers of names than we are."""
        heard: queue.SimpleQueue = queue.SimpleQueue()

        def ask():
            try:
                heard.put(self.resolve(host, PORT, type=socket.SOCK_STREAM))
            except Exception as error:
                heard.put(error)

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            told = heard.get(timeout=RESOLVE_SECONDS)
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(told, Exception):
            raise told
        return told

    def connected(self, address, silent_seconds):
        """A line to it, over TLS, on which nobody is waited for longer than so many seconds without a byte.

        Raises Unfetchable, or OSError where nobody answers or who does cannot be trusted.
        """
        line = self.connect((self.public_address(address), PORT), timeout=CONNECT_SECONDS)
        try:
            line.settimeout(silent_seconds)
            with cut_after(line, silent_seconds):
                return self.trust.wrap_socket(line, server_hostname=address.host)
        except BaseException:
            line.close()
            raise


@contextmanager
def cut_after(line, seconds):
    """Whatever is done over a line meanwhile fails after so many seconds: each byte may come in time, and all never."""
    plug = socket.fromfd(line.fileno(), line.family, line.type)  # stays while TLS takes the line over

    def pull():
        with suppress(OSError):
            plug.shutdown(socket.SHUT_RDWR)

    patience = threading.Timer(seconds, pull)
    patience.daemon = True
    patience.start()
    try:
        yield
    finally:
        patience.cancel()
        plug.close()


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
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def _quoted(letter):
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def _means_inside(host):
    """Whether a host is no name but an IP address that is not public, however it is spelled: 127.1 is one."""
    with suppress(OSError):
        host = socket.inet_ntoa(socket.inet_aton(host))
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return not is_public(host)


def not_an_address(why="address"):
    return Unfetchable(_("It must be an HTTPS address with a domain name, like https://example.org/clip.mp4."), why)


def unreachable():
    return Unfetchable(_("This address cannot be reached."), "unreachable")

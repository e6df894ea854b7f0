"""A server of HTTPS on this machine, with a certificate of its own making for whatever name it is reached by."""

import ssl
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme

from runwayweb.assets.fetching import Fetcher

HOST = "files.example.org"


@dataclass(frozen=True)
class Post:
    path: str
    headers: dict
    body: bytes


class Https:
    """Answers from `answers`, a dict of path → function of the handler. `edge()` gives a Guard's edge to it.

    The guard sees the addresses of `resolves`; only the very last step, the connection to one it has let
    through, is led here instead. `reached` holds every address that was connected to, `posted` what was brought here.
    """

    def __init__(self):
        self.authority = trustme.CA()
        certificate = self.authority.issue_cert(HOST)
        self.trust = ssl.create_default_context()
        self.authority.configure_trust(self.trust)
        ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(ours)
        self.answers = {}
        self.resolves = ["93.184.216.34"]
        self.fails = 0  # how often its name is not found first
        self.canonical = ""  # the name that its own stands for
        self.reached = []
        self.posted = []
        https = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                https.answers.get(self.path, not_found)(self)

            def do_HEAD(self):
                https.answers.get(self.path, not_found)(self)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                https.posted.append(Post(self.path, dict(self.headers), body))
                https.answers.get(self.path, not_found)(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = ours.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def edge(self):
        import socket

        def resolve(host, port, **_):
            if self.fails:
                self.fails -= 1
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            told = self.canonical
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, told, (address, port)) for address in self.resolves]

        def connect(address, timeout):
            self.reached.append(address)
            return socket.create_connection(self.server.server_address, timeout)

        return {"resolve": resolve, "connect": connect, "trust": self.trust}


class Led(Fetcher):
    """Goes wherever it is sent by the guard, and ends up at `https`: for settings.MEDIA_FETCHER."""

    https: Https

    def __init__(self, **limits):
        super().__init__(**limits, **self.https.edge())


def answer(body=b"", status=200, pause=0.0, **headers):
    """A function that answers with these bytes; `pause` seconds after each of them where that is asked for."""

    def send(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        try:
            for piece in [bytes([byte]) for byte in body] if pause else [body]:
                handler.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            pass  # whoever asked went away

    return send


not_found = answer(status=404)

"""A server of HTTPS on this machine, with a certificate of its own making for whatever name it is reached by."""

import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme

HOST = "files.example.org"


class Https:
    """Answers GET from `answers`, a dict of path → function of the handler. `edge()` gives a Fetcher's edge to it.

    The guard sees the addresses of `resolves`; only the very last step, the connection to one it has let
    through, is led here instead. `reached` holds every address that was connected to.
    """

    def __init__(self):
        authority = trustme.CA()
        certificate = authority.issue_cert(HOST)
        self.trust = ssl.create_default_context()
        authority.configure_trust(self.trust)
        ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(ours)
        self.answers = {}
        self.resolves = ["93.184.216.34"]
        self.reached = []
        https = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
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
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.resolves]

        def connect(address, timeout):
            self.reached.append(address)
            return socket.create_connection(self.server.server_address, timeout)

        return {"resolve": resolve, "connect": connect, "trust": self.trust}


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

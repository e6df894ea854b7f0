"""The HTTP server: who asks, what was asked before with the same key, what goes wrong, what is answered."""

import hashlib
import json
import re
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from . import clocks, portal, schedules  # noqa: F401  (their routes)
from .book import Book, Refused, expanded
from .desk import desk_page, press_desk
from .events import Courier
from .faults import Faults
from .forms import decoded
from .pages import checkout_page, invoice_page, portal_page, press_checkout, press_invoice, press_portal
from .portal import session_at
from .routes import find, route


class Stripe(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Answering)
        self.book = Book(f"http://127.0.0.1:{self.server_port}")
        self.courier = Courier(self.book)
        self.faults = Faults()
        self.answered = {}  # idempotency key → (what was asked, status, body)
        self.story = 0  # how often everything was forgotten
        self.requests = []  # what was asked, for tests: method, path, idempotency key, status


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.work("GET")

    def do_POST(self):
        self.work("POST")

    def do_DELETE(self):
        self.work("DELETE")

    def work(self, method):
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        asked = decoded(f"{address.query}&{body}" if address.query and body else address.query or body)
        if address.path.startswith("/v1/"):
            self.api(method, address.path, asked, body)
        elif address.path.startswith("/_control/"):
            self.control(method, address.path, asked)
        else:
            self.show(method, address.path, asked)

    # The API

    def api(self, method, path, asked, body):
        key = self.headers.get("Idempotency-Key") if method == "POST" else None
        fault = self.server.faults.next_for(method, path)
        noted = {"method": method, "path": path, "key": key, "fault": fault and fault.kind, "status": None}
        self.server.requests.append(noted)
        if fault and fault.kind == "refuse":
            return self.hang_up()
        if fault and fault.kind == "slow":
            story = self.server.story
            time.sleep(fault.seconds)
            if self.server.story != story:  # whoever asked is long gone, and so is everything it knew
                return self.hang_up()
        if fault and fault.kind == "500":
            status, answer = 500, {"error": {"type": "api_error", "message": "An unknown error occurred"}}
        elif fault and fault.kind == "429":
            error = {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests."}
            status, answer = 429, {"error": error}
        else:
            status, answer = self.answer_once(method, path, asked, key, body)
        noted["status"] = status
        if fault and fault.kind == "cut":
            return self.hang_up()
        return self.send(status, json.dumps(answer).encode(), "application/json", {"Request-Id": f"req_{id(noted):x}"})

    def answer_once(self, method, path, asked, key, body):
        """Work on a request, or repeat what was answered to its key. Source: docs.stripe.com/api/idempotent_requests"""
        secret = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if not re.match(r"(sk|rk)_(test|live)_", secret):
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided."}}
        digest = hashlib.sha256(f"{method} {path} {body}".encode()).hexdigest()
        with self.server.book.lock:
            if key in self.server.answered:
                before, status, answer = self.server.answered[key]
                if before != digest:
                    words = "Keys for idempotent requests can only be used with the same parameters."
                    return 400, {"error": {"type": "idempotency_error", "message": words}}
                return status, answer
            status, answer = self.answer(method, path, asked)
            answer = json.loads(json.dumps(answer))
            if key and status not in (400, 404):  # what was not begun is not kept
                self.server.answered[key] = (digest, status, answer)
        return status, answer

    def answer(self, method, path, asked):
        found = find(method, path)
        if found is None:
            words = f"Unrecognized request URL ({method}: {path})."
            return 404, {"error": {"type": "invalid_request_error", "message": words}}
        function, ids = found
        paths = asked.pop("expand", [])
        try:
            answer = function(self.server.book, asked, *ids)
            return 200, expanded(self.server.book, answer, paths)
        except Refused as refused:
            return refused.status, refused.body
        except KeyError as missing:
            words = f"Missing required param: {missing.args[0]}."
            return 400, {"error": {"type": "invalid_request_error", "message": words, "param": missing.args[0]}}

    def hang_up(self):
        """Close the line as a crash would: with a reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    # For tests

    def control(self, method, path, asked):
        server = self.server
        if path == "/_control/requests":
            return self.send_json(200, server.requests)
        if path == "/_control/events":
            return self.send_json(200, server.book.events)
        if path == "/_control/deliveries":
            return self.send_json(200, server.courier.deliveries)
        if path == "/_control/forget":
            with server.book.lock:
                server.story += 1
                server.book.forget()
                server.faults.clear()
                server.answered.clear()
                server.requests.clear()
                server.courier.deliveries.clear()
                server.courier.held = False
        elif path == "/_control/faults":
            if asked.get("kind"):
                given = {"times": int(asked.get("times", 1)), "seconds": float(asked.get("seconds", 30))}
                server.faults.set(asked["kind"], path=asked.get("path", ""), **given)
            else:
                server.faults.clear()
        elif path == "/_control/webhook":
            server.courier.url = asked.get("url", server.courier.url)
            server.courier.held = asked.get("held", server.courier.held)
        elif path == "/_control/deliver":
            body = json.dumps(server.book.get(asked["event"], "event"), indent=2)
            return self.send_json(200, {"status": server.courier.deliver(asked["event"], body)})
        else:
            with server.book.lock:
                status, answer = self.answer(method, path, asked)
            return self.send_json(status, answer)
        return self.send_json(200, {})

    # Pages

    def show(self, method, path, form):
        try:
            with self.server.book.lock:
                address, page = self.page(method, path, form)
        except Refused as refused:
            return self.send(refused.status, str(refused).encode(), "text/plain; charset=utf-8")
        if address:
            return self.send(303, b"", "text/html", {"Location": address})
        return self.send(200, page.encode(), "text/html; charset=utf-8")

    def page(self, method, path, form):
        """(where to go, page to show), one of them None."""
        book, pressed = self.server.book, method == "POST"
        if path == "/":
            return None, desk_page(book, self.server.courier)
        if path == "/favicon.ico":
            return None, ""
        if path == "/desk" and pressed:
            press_desk(book, form)
            return "/", None
        if match := re.fullmatch(r"/c/pay/(\w+)", path):
            if pressed:
                return press_checkout(book, match[1], form)
            return None, checkout_page(book, book.get(match[1], "checkout.session"))
        if match := re.fullmatch(r"/p/session/(\w+)", path):
            shown = press_portal(book, match[1], form) if pressed else portal_page(book, session_at(book, match[1]))
            return None, shown
        if match := re.fullmatch(r"/invoices/(\w+)(/pdf)?", path):
            if pressed:
                return None, press_invoice(book, match[1], form)
            return None, invoice_page(book, book.get(match[1], "invoice"))
        raise Refused(404, "There is no such page.")

    def send_json(self, status, answer):
        self.send(status, json.dumps(answer).encode(), "application/json")

    def send(self, status, body, kind, headers=None):
        """One write: header and body apart would wait for each other's acknowledgement."""
        lines = [f"HTTP/1.1 {status} {self.responses.get(status, ('',))[0]}", f"Content-Type: {kind}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()] + [f"Content-Length: {len(body)}"]
        try:
            self.wfile.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        except OSError:
            self.close_connection = True  # whoever asked went away

    def log_message(self, *_):
        pass


@route("GET", "/v1/account")
def account(book, params):
    return {"id": "acct_practice", "object": "account", "country": "FR", "default_currency": "eur"}

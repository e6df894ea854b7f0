"""A server of S3 on this machine: moto's, a process of its own that keeps objects in memory, behind a gate.

moto believes everybody. The gate does not: it checks the signature of each address that was signed (Signature Version
4), for how long it is good, and the policy of a form, and answers as AWS does where one is wrong; it also knows how to
be broken. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

import base64
import hashlib
import hmac
import http.client
import json
import re
import subprocess
import sys
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

import boto3

from runwayweb.supervisor.tether import tethered
from tests.servers.ports import free_port, wait_for

KEY_ID, SECRET = "AKIARUNWAYWEB", "only/for+tests"
REGION = "us-east-1"
HOP = {"connection", "transfer-encoding", "host", "content-length", "date", "server"}


class S3:
    """`broken`: None, "refuses" (503), "hangs up" (no answer) or "is slow" (by `seconds`); `only` methods named there.

    `ahead`: how far its clock is. `origins`: those that a bucket lets browsers come from. `asked`: (method, path)s.
    """

    def __init__(self):
        self.port = free_port()
        self.process = subprocess.Popen(
            tethered([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        s3 = self

        class Gate(_Gate):
            server_of = s3

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.well()
        wait_for(self.port, seconds=60)

    def well(self):
        """As it is when nothing is wrong."""
        self.broken, self.only, self.seconds = None, (), 0.0
        self.ahead = timedelta()
        self.origins: set[str] = set()
        self.asked: list[tuple[str, str]] = []

    def breaks(self, how, *methods, seconds=0.0):
        self.broken, self.only, self.seconds = how, methods, seconds

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.process.terminate()
        self.process.wait(10)

    def client(self):
        keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
        return boto3.client("s3", endpoint_url=self.url, region_name=REGION, **keys)

    def new_bucket(self):
        """The environment of a studio that keeps its files in a new bucket."""
        name = f"films-{uuid.uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name)
        return {
            "S3_BUCKET": name,
            "S3_ENDPOINT": self.url,
            "S3_ACCESS_KEY_ID": KEY_ID,
            "S3_SECRET_ACCESS_KEY": SECRET,
            "S3_PREFIX": "studio",
            "SECRET_KEY": "the same on every machine, and long enough for anybody who looks",
        }

    def keys(self, bucket):
        """What all its objects are called."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {entry["Key"] for page in pages for entry in page.get("Contents", ())}


class _Gate(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: S3

    def _pass(self):
        s3 = self.server_of
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        s3.asked.append((self.command, urlsplit(self.path).path))
        if s3.broken and (not s3.only or self.command in s3.only):
            if s3.broken == "refuses":
                return self._refuse(503, "SlowDown")
            if s3.broken == "hangs up":
                self.close_connection = True
                return None
            time.sleep(s3.seconds)
        if self.command == "OPTIONS":
            return self._answer(200 if self.headers.get("Origin") in s3.origins else 403, {}, b"")
        if why := self._wrong(body):
            return self._refuse(403, why)
        there = http.client.HTTPConnection("127.0.0.1", s3.port, timeout=60)
        there.request(self.command, self.path, body, dict(self.headers.items()))
        answer = there.getresponse()
        # Who may come from where is the gate's matter: moto lets everybody.
        kept = {name: value for name, value in answer.getheaders() if not name.lower().startswith("access-control-")}
        return self._answer(answer.status, kept, answer.read())

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = _pass

    def _wrong(self, body):
        """Why whoever asks may not; None where nothing speaks against it."""
        query = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if "X-Amz-Signature" in query:
            return self._wrong_address(query)
        if self.headers.get("Content-Type", "").startswith("multipart/form-data"):
            return self._wrong_form(body)
        ours = f"AWS4-HMAC-SHA256 Credential={KEY_ID}/"
        return None if self.headers.get("Authorization", "").startswith(ours) else "AccessDenied"

    def _wrong_address(self, query):
        given = query.pop("X-Amz-Signature")
        signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        names = query["X-Amz-SignedHeaders"].split(";")
        told = "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))
        headers = "".join(f"{name}:{(self.headers.get(name) or '').strip()}\n" for name in names)
        path = urlsplit(self.path).path
        request = "\n".join([self.command, path, told, headers, ";".join(names), "UNSIGNED-PAYLOAD"])
        day = query["X-Amz-Date"][:8]
        scope = f"{day}/{REGION}/s3/aws4_request"
        digest = hashlib.sha256(request.encode()).hexdigest()
        expected = _signature(day, "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, digest]))
        if not hmac.compare_digest(given, expected):
            return "SignatureDoesNotMatch"
        until = signed_at + timedelta(seconds=int(query["X-Amz-Expires"]))
        return "AccessDenied" if self._now() > until else None

    def _wrong_form(self, body):
        """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html"""
        fields = dict(re.findall(rb'name="([\w-]+)"\r\n\r\n(.*?)\r\n--', body, re.S))
        policy, given = fields.get(b"policy", b""), fields.get(b"x-amz-signature", b"").decode()
        day = fields.get(b"x-amz-date", b"").decode()[:8]
        if not policy or not hmac.compare_digest(given, _signature(day, policy.decode())):
            return "AccessDenied"
        told = json.loads(base64.b64decode(policy))
        if self._now() > datetime.fromisoformat(told["expiration"]):
            return "AccessDenied"
        file = re.search(rb'name="file".*?\r\n\r\n(.*)\r\n--', body, re.S)
        for condition in told["conditions"]:
            if isinstance(condition, dict):
                (name, value), *_none = condition.items()
                if name != "bucket" and fields.get(name.encode(), b"").decode() != value:
                    return "AccessDenied"
            elif condition[0] == "content-length-range" and file:
                least, most = condition[1:]
                if not least <= len(file[1]) <= most:
                    return "EntityTooLarge"
        return None

    def _now(self):
        return datetime.now(UTC) + self.server_of.ahead

    def _refuse(self, status, code):
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>No.</Message></Error>'
        self._answer(status, {"Content-Type": "application/xml"}, body.encode())

    def _answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in HOP:
                self.send_header(name, value)
        origin = self.headers.get("Origin")
        if origin in self.server_of.origins:
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Methods", "GET, HEAD, PUT, POST")
            self.send_header("Access-Control-Allow-Headers", "*")
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(body))
        if status not in (204, 304):
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def _signature(day, text):
    key = f"AWS4{SECRET}".encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()

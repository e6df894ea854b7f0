"""Every line of the log says which request, run and attempt it belongs to; errors and spans leave without a word of
what was asked for."""

import json
import logging
import os
import subprocess
import sys
import threading
from gzip import decompress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from generation.attempt import Attempt
from generation.models import Event
from generation.pulse import Pulse
from runwayweb import trail
from runwayweb.json_lines import JsonFormatter
from runwayweb.masking import KeyFilter
from tests.factories import make_generation, make_project, make_user

KEY = "rwk_" + "a1B2" * 10
PROMPT = "a very secret dragon"


@pytest.fixture
def lines():
    """What the log says as JSON, an object a line."""
    found = []

    class Kept(logging.Handler):
        def emit(self, record):
            found.append(json.loads(self.format(record)))

    handler = Kept()
    handler.setFormatter(JsonFormatter())
    handler.addFilter(KeyFilter())
    handler.addFilter(trail.TrailFilter())
    logging.getLogger().addHandler(handler)
    yield found
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def project(transactional_db):
    return make_project(make_user("ada"))


def test_a_request_has_an_id_that_its_answer_and_its_line_tell(client, db, lines, settings):
    settings.LOG_FORMAT = "json"
    answers = [client.get("/healthz"), client.get("/v1/organization")]
    ids = [answer["X-Request-Id"] for answer in answers]
    told = [line for line in lines if line["logger"] == "runwayweb.requests"]
    assert [line["request_id"] for line in told] == ids and len(set(ids)) == 2
    assert told[0]["message"].startswith("GET healthz 503 in ")
    assert trail.request_id.get() == ""


@pytest.mark.parametrize(("given", "kept"), [("ab12" * 8, True), ("x" * 33, False), ("a b", False), ("é" * 16, False)])
def test_the_id_of_a_trusted_proxy_is_kept_where_it_is_one(client, db, settings, given, kept):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert (client.get("/healthz", headers={"x-request-id": given})["X-Request-Id"] == given) == kept
    settings.SECURE_PROXY_SSL_HEADER = None
    assert client.get("/healthz", headers={"x-request-id": given})["X-Request-Id"] != given


def test_a_uuid_of_a_proxy_is_kept_in_the_32_characters_that_runs_have_for_it(client, db, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    given = "4B9be0d6-1c9e-4ec6-9f0e-3f6a9f1d2c3b"
    assert client.get("/healthz", headers={"x-request-id": given})["X-Request-Id"] == given.replace("-", "")
    for wrong in (given + "0", given.replace("-", "", 1), given[:-1] + "g"):
        assert client.get("/healthz", headers={"x-request-id": wrong})["X-Request-Id"][:8] != given[:8]


def test_the_id_travels_to_the_run_its_events_and_the_lines_of_its_worker(project, lines):
    trail.request_id.set("ab12" * 8)
    run = make_generation(project)
    trail.request_id.set("")
    Attempt.run_next(Pulse("gpu"))
    run.refresh_from_db()
    assert run.request_id == "ab12" * 8
    assert set(Event.objects.values_list("request_id", flat=True)) == {"ab12" * 8}
    told = next(line for line in lines if "succeeded after" in line["message"])
    assert (told["request_id"], told["generation_id"], told["attempt"]) == ("ab12" * 8, str(run.pk), 1)
    assert trail.generation_id.get() == "" and trail.attempt.get() == 0


def test_a_line_is_one_object_and_masks_keys(lines):
    try:
        raise ValueError(f"not\nwith {KEY}")
    except ValueError:
        logging.getLogger("somewhere").exception("with %s\nand more", KEY)
    (line,) = lines
    assert KEY not in json.dumps(line) and "rwk_…" in line["message"] and "ValueError" in line["exception"]
    assert "request_id" not in line, "what is empty is left out"


def test_an_unknown_format_keeps_it_from_starting():
    answer = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"], env=os.environ | {"LOG_FORMAT": "xml"},
        cwd=settings.BASE_DIR, capture_output=True, text=True,
    )  # fmt: skip
    assert "LOG_FORMAT is 'xml'. Set it to text or to json." in answer.stderr


class Receiver:
    """Takes whatever is posted, as Sentry and OpenTelemetry do."""

    def __init__(self):
        self.posted = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler):
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                if handler.headers.get("Content-Encoding") == "gzip":
                    body = decompress(body)
                self.posted.append((handler.path, body))
                handler.send_response(200)
                handler.end_headers()

            def log_message(handler, *arguments): ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def at(self, part):
        return [body for path, body in self.posted if part in path]


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


# A worker's attempt at a run whose prompt is in the way of an error, and one that succeeds; then a page that breaks.
STORY = """
import logging, sys, django
django.setup()
from django.test import Client
from generation import attempt
from generation.attempt import Attempt
from generation.models import Generation
from generation.pulse import Pulse
from projects.views import home

pulse = Pulse("gpu")
assert Attempt.run_next(pulse)
def breaks(self, card):
    prompt = self.generation.request["prompt"]
    raise RuntimeError(f"cannot draw {prompt} with {sys.argv[1]}")
Attempt._make = breaks
assert Attempt.run_next(pulse)
logging.getLogger("somewhere").error("about %s and %s", Generation.objects.first().request["prompt"], sys.argv[1])
print(Client(SERVER_NAME="localhost").get("/healthz?key=" + sys.argv[1])["X-Request-Id"])
"""


@pytest.mark.slow
def test_errors_and_spans_arrive_with_their_ids_and_without_words(project, receiver, database_url):
    trail.request_id.set("cd34" * 8)
    runs = [make_generation(project, prompt=PROMPT), make_generation(project, prompt=PROMPT, seed=8)]
    trail.request_id.set("")
    elsewhere = {
        "DATABASE_URL": database_url,
        "SENTRY_DSN": receiver.url.replace("://", "://public@") + "/1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
    }
    told = subprocess.run(
        [sys.executable, "-c", STORY, KEY], env=os.environ | elsewhere, cwd=settings.BASE_DIR, capture_output=True,
        text=True, timeout=120,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    request_id = told.stdout.strip()

    errors = [body.decode() for body in receiver.at("/api/1/envelope")]
    broken = next(error for error in errors if "RuntimeError" in error)
    assert str(runs[1].pk) in broken and "cd34" * 8 in broken and '"attempt":"1"' in broken.replace(" ", "")
    assert "about %s and %s" in "".join(errors)
    spans = {}
    for body in receiver.at("/v1/traces"):
        for span in ExportTraceServiceRequest.FromString(body).resource_spans[0].scope_spans[0].spans:
            attributes = {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
            spans[attributes.get("generation.id") or attributes["request.id"]] = span.name, attributes
    assert spans[str(runs[0].pk)][1]["generation.status"] == "succeeded"
    assert spans[str(runs[1].pk)][1]["generation.failure_code"] == "INTERNAL.ENGINE"
    assert spans[str(runs[0].pk)][1]["request.id"] == "cd34" * 8
    assert spans[request_id][0] == "GET healthz"
    everything = b"".join(body for _path, body in receiver.posted)
    for secret in (PROMPT, KEY, KEY[:12], settings.SECRET_KEY, "ada@example.org"):
        assert secret.encode() not in everything, secret


def test_what_is_not_installed_is_said(monkeypatch, settings):
    from django.core.exceptions import ImproperlyConfigured

    from runwayweb import telemetry

    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    settings.SENTRY_DSN = "https://public@sentry.example.org/1"
    with pytest.raises(ImproperlyConfigured, match="pip install -r requirements-telemetry.txt"):
        telemetry.start()

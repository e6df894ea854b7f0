"""Errors to Sentry and spans to OpenTelemetry, where an operator named such a place; otherwise nothing of it is loaded.

What leaves says which code failed, where, and for which request and run. It never says what was asked for: no values of
variables, no bodies, headers or addresses, no words of an exception, for those may quote a prompt or a key.
"""

from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

import runwayweb

HOW_TO_ADD = "It is not installed: .venv/bin/pip install -r requirements-telemetry.txt"
_tracer = None


def start():
    """Once a process, at its start. Raises ImproperlyConfigured where something is asked for that is not installed."""
    if settings.SENTRY_DSN:
        _start_sentry()
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _start_opentelemetry()


class _Nothing:
    """A span where nobody wants any."""

    def set_attribute(self, name, value): ...
    def update_name(self, name): ...


@contextmanager
def span(name, **attributes):
    """The time that what is inside takes. Of an exception only its kind is told."""
    if _tracer is None:
        yield _Nothing()
        return
    from opentelemetry.trace import StatusCode

    with _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as found:
        try:
            yield found
        except BaseException as error:
            found.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def _start_sentry():
    try:
        import sentry_sdk
    except ImportError:
        raise ImproperlyConfigured(f"SENTRY_DSN is set and sentry-sdk is missing. {HOW_TO_ADD}") from None
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=runwayweb.__version__,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=True,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=None,
        before_send=without_words,
    )


def without_words(event, hint):
    """An event with where it happened and for which request and run, and nothing that somebody wrote."""
    from runwayweb import trail

    for name in ("request", "extra", "breadcrumbs", "user", "modules", "server_name"):
        event.pop(name, None)
    entry = event.get("logentry") or {}
    if entry:  # the sentence as it stands in the code, without what was put into it
        event["logentry"] = {"message": entry.get("message", "")}
    event.pop("message", None)
    for value in (event.get("exception") or {}).get("values", ()):
        value["value"] = ""
    ids = {"request_id": trail.request_id.get(), "generation_id": trail.generation_id.get()}
    ids["attempt"] = str(trail.attempt.get() or "")
    event["tags"] = {name: value for name, value in ids.items() if value}
    event["contexts"] = {name: told for name, told in (event.get("contexts") or {}).items() if name == "runtime"}
    return event


def _start_opentelemetry():
    global _tracer
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise ImproperlyConfigured(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is missing. {HOW_TO_ADD}"
        ) from None
    resource = Resource.create({"service.name": "runwayweb", "service.version": runwayweb.__version__})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # it reads the address and headers itself
    _tracer = provider.get_tracer("runwayweb")

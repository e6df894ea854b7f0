"""The door of `/metrics`: for whoever has METRICS_TOKEN, or without one for this machine alone."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from runwayweb.metrics import kept
from runwayweb.metrics.standing import Standing


@never_cache
@require_safe
def metrics(request):
    """Prometheus' text format. To everybody else this address does not exist, whoever they are."""
    if not _may_read(request):
        raise Http404
    found = kept.registry()
    found.register(Standing())
    return HttpResponse(generate_latest(found), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(request):
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return constant_time_compare(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # Behind a proxy on this machine everybody comes from it: whoever came through one is not this machine.
    through = {"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"}
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not through & set(request.headers)

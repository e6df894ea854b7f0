"""`/healthz`: whether this installation can make clips, for people who watch it from outside."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import runwayweb
from generation.models import Worker
from runwayweb.valkey import valkey_answers

OK = "ok"
NO_ANSWER = "no answer"


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, 503 naming those that do not. Waits 2 s at most for each of two neighbours.

    Says nothing else: whoever asks need not be known.
    """
    parts = health()
    well = all(state == OK for state in parts.values())
    status = {"status": OK if well else "down", "version": runwayweb.__version__}
    return JsonResponse(status | parts, status=200 if well else 503)


def health() -> dict[str, str]:
    """Each part, with "ok" or a short reason. Three queries and one PING."""
    return {
        "database": database(),
        "queue": OK if valkey_answers(settings.VALKEY_URL, seconds=2) else NO_ANSWER,
        "gpu_worker": worker(Worker.Kind.GPU),
        "media_worker": worker(Worker.Kind.MEDIA),
        "dispatcher": worker(Worker.Kind.DISPATCHER),
    }


def database() -> str:
    return _asked(lambda: OK if connection.introspection.table_names() else "empty")


def worker(kind: Worker.Kind) -> str:
    """Whether any worker of this kind, on any machine, gave a sign of life lately."""
    lately = timedelta(seconds=3 * settings.BEAT_SECONDS + 5)
    return _asked(lambda: OK if Worker.objects.beating(kind, lately).exists() else "none is running")


def _asked(question: Callable[[], str]) -> str:
    try:
        return question()
    except DatabaseError:
        return NO_ANSWER

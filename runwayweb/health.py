"""`/healthz`: whether this installation can make clips and tell of them, for people who watch it from outside."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import runwayweb
from generation import moderation
from generation.models import Worker
from runwayweb.assets import storage
from runwayweb.valkey import valkey_answers

OK = "ok"
WORKERS = {
    "gpu_worker": Worker.Kind.GPU,
    "media_worker": Worker.Kind.MEDIA,
    "dispatcher": Worker.Kind.DISPATCHER,
    "webhooks": Worker.Kind.WEBHOOKS,
}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, 503 naming those that do not. Waits 2 s at most for each of its neighbours.

    Says nothing else: whoever asks need not be known.
    """
    parts = health()
    well = all(state == OK for state in parts.values())
    status = {"status": OK if well else "down", "version": runwayweb.__version__}
    return JsonResponse(status | parts | {"pictures": moderation.state()}, status=200 if well else 503)


def health() -> dict[str, str]:
    """Each part, with "ok" or a short reason. One query, one PING and, where files are in a bucket, one HEAD of it
    every few seconds."""
    asked = {"queue": valkey_answers(settings.VALKEY_URL, seconds=2)}
    if bucket := storage.bucket():
        asked["storage"] = bucket.answers()
    return _database_and_workers() | {name: OK if answers else "no answer" for name, answers in asked.items()}


def _database_and_workers() -> dict[str, str]:
    """The workers of every machine tell the database that they live, so without it they are unknown."""
    lately = timedelta(seconds=3 * settings.BEAT_SECONDS + 5)
    try:
        kinds = set(Worker.objects.filter(beat_at__gt=Now() - lately).values_list("kind", flat=True))
    except DatabaseError:
        return {"database": "no answer"} | dict.fromkeys(WORKERS, "unknown")
    return {"database": OK} | {name: OK if kind in kinds else "none is running" for name, kind in WORKERS.items()}

"""The first page: whether all is well, what needs somebody now, and the figures of the day."""

import platform
import shutil
from datetime import timedelta

import django
import django_rq
from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q, Sum
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

import runwayweb
from generation import backlog
from generation.models import Generation
from runwayweb.api.models import Delivery, Endpoint
from runwayweb.console.attention import PARTS, needs
from runwayweb.console.fleet import WORKING, fleet
from runwayweb.health import health
from runwayweb.subscriptions.models import Wallet

DAY = timedelta(days=1)


@require_safe
def overview(request):
    workers = fleet()
    disk = shutil.disk_usage(settings.DATA_DIR)
    told = {
        "needs": needs(),
        "parts": [(PARTS.get(part, part), state) for part, state in health().items()],
        "models": backlog.by("model"),
        "workers": workers,
        "at_work": sum(worker.state == WORKING for worker in workers),
        "day": _day(),
        "codes": _codes(),
        "held": Wallet.objects.aggregate(held=Sum("held", default=0))["held"],
        "webhooks": _webhooks(),
        "disk": disk,
        "disk_used": round(100 * disk.used / disk.total),
        "versions": _versions(),
    }
    return render(request, "console/overview.html", told)


def _ended():
    return Generation.objects.filter(finished_at__gt=timezone.now() - DAY, copied_from=None).order_by()


def _day():
    """{status: how many ended so since yesterday at this time}, and what was charged. One query."""
    states = {state: Count("pk", filter=Q(status=state)) for state in ("succeeded", "failed", "cancelled")}
    return _ended().aggregate(**states, charged=Sum("charged", default=0))


def _codes():
    """[(code, how many)] of what failed since then, the most first. One query."""
    failed = _ended().filter(status=Generation.Status.FAILED).values_list("failure_code")
    return list(failed.annotate(n=Count("pk")).order_by("-n", "failure_code"))


def _webhooks():
    waiting = Delivery.objects.waiting().filter(endpoint__disabled_at=None)
    return waiting.aggregate(n=Count("pk"), oldest=Min("created_at")) | {
        "failing": Endpoint.objects.enabled().exclude(failing_since=None).count()
    }


def _versions():
    """[(what, version)]; Valkey's is left out while it is away."""
    found = [
        ("Runwayweb", runwayweb.__version__),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        (connection.Database.__name__.partition(".")[0], ".".join(map(str, connection.get_database_version()))),
    ]
    try:
        told = django_rq.get_connection("media").info("server")
    except (RedisError, OSError):
        return found
    return [*found, (told.get("server_name", "redis").title(), told.get("valkey_version") or told["redis_version"])]


urlpatterns = [path("", overview, name="overview")]

"""What needs a person now. Each part of the studio has a function here that looks and says so in a sentence."""

import os
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation import backlog
from generation.history import in_short
from generation.models import Generation, Review, Worker
from projects.models import Report
from runwayweb.accounts import flags
from runwayweb.api.models import Endpoint
from runwayweb.checkup import ENOUGH_DISK_BYTES
from runwayweb.console.fleet import SILENT, fleet, lately
from runwayweb.health import OK, health

LONG_WAIT = timedelta(minutes=15)
MANY_FAILURES = 0.2  # of the runs that ended in an hour
FEW = 5  # runs, of which nothing can be said


@dataclass(frozen=True)
class Need:
    """`is_urgent`: something does not work; else it should be looked at. `route`: where to."""

    sentence: str
    route: str
    is_urgent: bool = False


def needs():
    """Every Need there is, the urgent ones first."""
    found = [need for look in LOOKED_AT for need in look()]
    return sorted(found, key=lambda need: not need.is_urgent)


def of_health():
    for part, state in health().items():
        if state != OK:
            yield Need(_("%(part)s: %(state)s") % {"part": PARTS.get(part, part), "state": state}, "overview", True)


def of_workers():
    silent = sum(worker.state == SILENT for worker in fleet())
    if silent:
        told = ngettext("%(n)d worker gives no sign of life.", "%(n)d workers give no sign of life.", silent)
        yield Need(told % {"n": silent}, "workers", True)
    working = Worker.objects.beating(Worker.Kind.GPU, lately())
    if working.exists() and not working.at_work().exists():
        yield Need(_("Every GPU worker rests: nothing is begun."), "workers")


def of_the_queue():
    for one in backlog.by("model"):
        if one.waiting and (why := backlog.obstacle(one.of)):
            yield Need(_("%(model)s waits in vain: %(why)s") % {"model": one.of, "why": why}, "queue", True)
        elif one.queued and one.oldest and (waited := timezone.now() - one.oldest) > LONG_WAIT:
            told = {"model": one.of, "time": in_short(waited.total_seconds())}
            yield Need(_("A run of %(model)s has waited for %(time)s.") % told, "queue")


def of_failures():
    since = timezone.now() - timedelta(hours=1)
    ended = Generation.objects.filter(finished_at__gt=since, copied_from=None)
    all_of_them = ended.exclude(status=Generation.Status.CANCELLED).count()
    failed = ended.filter(status=Generation.Status.FAILED, failure_code__startswith="INTERNAL").count()
    if all_of_them >= FEW and failed > MANY_FAILURES * all_of_them:
        told = {"n": failed, "all": all_of_them}
        yield Need(_("%(n)d of the %(all)d runs of the last hour broke.") % told, "generations", True)


def of_webhooks():
    failing = Endpoint.objects.enabled().exclude(failing_since=None).count()
    if failing:
        told = ngettext("%(n)d webhook takes nothing.", "%(n)d webhooks take nothing.", failing)
        yield Need(told % {"n": failing}, "webhooks")


def of_reviews():
    """Appeals are told apart: somebody waits for an answer."""
    waiting = Review.objects.to_decide()
    appeals = waiting.exclude(appealed_at=None).count()
    others = waiting.count() - appeals
    if appeals:
        told = ngettext("%(n)d appeal waits for an answer.", "%(n)d appeals wait for an answer.", appeals)
        yield Need(told % {"n": appeals}, "moderation")
    if others:
        told = ngettext("%(n)d blocked run was not looked at.", "%(n)d blocked runs were not looked at.", others)
        yield Need(told % {"n": others}, "moderation")


def of_reports():
    waiting = Report.objects.to_decide()
    if n := waiting.count():
        is_grave = waiting.filter(category=Report.Category.CHILD).exists()
        told = ngettext("%(n)d report of a film waits.", "%(n)d reports of films wait.", n)
        yield Need(told % {"n": n}, "reports", is_grave)


def of_disks():
    media = Path(settings.MEDIA_ROOT)
    there = next(folder for folder in (media, *media.parents) if folder.exists())  # the rest is made when it is needed
    if not settings.S3 and not os.access(there, os.W_OK | os.X_OK):
        yield Need(_("The folder of the media cannot be written to: every run fails."), "overview", True)
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < ENOUGH_DISK_BYTES:
        yield Need(_("The disk has %(size)s left.") % {"size": filesizeformat(free)}, "overview", True)


def of_flags():
    if not flags.is_on("new-work"):
        yield Need(_("No new work is taken: the flag is off."), "flags")


PARTS = {
    "database": gettext_lazy("Database"),
    "gpu_worker": gettext_lazy("GPU worker"),
    "media_worker": gettext_lazy("Media worker"),
    "dispatcher": gettext_lazy("Dispatcher"),
    "webhooks": gettext_lazy("Webhooks"),
    "queue": "Valkey",
    "storage": gettext_lazy("Storage"),
}
LOOKED_AT = [of_health, of_workers, of_the_queue, of_failures, of_webhooks, of_reviews, of_reports, of_disks, of_flags]

"""What a workspace's credits were spent on: by day, model, film and person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from generation.engine import catalogue
from generation.models import Generation
from projects.models import Project

MOST_DAYS = 400

# Where the room above adds how programs used a workspace: called as handler(workspace, since, until), both included;
# gives (day, key, used) with `name` and `shown` of a key and `requests`, `generations`, `credits` that were used.
by_key: list[Callable] = []


@dataclass(frozen=True)
class Line:
    """Credits and runs under one name. `share`: of the most in its list, in percent."""

    name: str
    credits: int
    runs: int
    share: float = 0


class Usage:
    """Runs of a workspace that ended between two days, both included; of one film, model, or person alone."""

    def __init__(self, workspace, since, until, *, project=None, model="", member=None):
        self.workspace, self.since, self.until = workspace, since, until
        self.runs = Generation.objects.filter(
            workspace=workspace, copied_from=None, finished_at__gte=_day(since), finished_at__lt=_day(until, 1)
        )
        if project:
            self.runs = self.runs.filter(project=project)
        if model:
            self.runs = self.runs.filter(model=model)
        if member:
            self.runs = self.runs.filter(requested_by=member)

    def totals(self):
        """Credits, runs that were charged and runs that were not. One query."""
        return self.runs.aggregate(
            credits=Sum("charged", default=0),
            paid=Count("pk", filter=Q(charged__gt=0)),
            free=Count("pk", filter=Q(charged=0)),
        )

    def by_day(self):
        """Every day of the time, also those without a run: (day, credits)."""
        rows = self._charged().annotate(day=TruncDate("finished_at")).values("day").annotate(credits=Sum("charged"))
        spent = {row["day"]: row["credits"] for row in rows.order_by("day")}
        days = (self.until - self.since).days + 1
        return [(day, spent.get(day, 0)) for day in (self.since + timedelta(days=n) for n in range(days))]

    def by_model(self):
        return self._lines("model", model_name)

    def by_project(self):
        names = dict(Project.objects.filter(workspace=self.workspace).values_list("pk", "name"))
        return self._lines("project", lambda pk: names.get(pk, _("a film that is gone")))

    def by_member(self):
        rows = (
            self._charged()
            .values_list("requested_by__name", "requested_by__email")
            .annotate(credits=Sum("charged"), runs=Count("pk"))
        )
        return _shared([Line(name or email or _("somebody who left"), credits, runs)
                        for name, email, credits, runs in rows.order_by("-credits")])  # fmt: skip

    def rows(self):
        """Every run, newest first, for a table elsewhere: dicts, read as they are asked for."""
        told = self.runs.order_by("-finished_at").annotate(
            film=F("project__name"), email=F("requested_by__email"), seconds=F("asset__duration_seconds")
        )
        yield from told.values(
            "finished_at", "film", "email", "model", "status", "seconds", "cost", "charged", "pk"
        ).iterator(chunk_size=500)

    def _charged(self):
        return self.runs.filter(charged__gt=0).order_by()

    def _lines(self, column, name):
        rows = self._charged().values_list(column).annotate(credits=Sum("charged"), runs=Count("pk"))
        return _shared([Line(name(key), credits, runs) for key, credits, runs in rows.order_by("-credits")])


def model_name(model):
    """What people call a model; its short name where it is not here any more."""
    try:
        return catalogue.card(model).name
    except catalogue.ModelNotFound:
        return model


def _shared(lines):
    most = max((line.credits for line in lines), default=0) or 1
    return [Line(line.name, line.credits, line.runs, round(100 * line.credits / most, 1)) for line in lines]


def _day(day, later=0):
    """The moment a day begins, in the time zone in use."""
    begins = timezone.datetime.combine(day + timedelta(days=later), timezone.datetime.min.time())
    return timezone.make_aware(begins)

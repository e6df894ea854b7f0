"""What keys were used for, day by day. Days are those of UTC, as for everything else that programs are told."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce, TruncDate

from generation.models import Generation
from runwayweb.api.models import Begun, Key, Run, Task, Use


@dataclass
class Used:
    """`requests` counted, `generations` begun, `credits` charged."""

    requests: int = 0
    generations: int = 0
    credits: int = 0


def begun_today(workspace):
    """How many generations of each model were begun by API since the day began: {name: number}. A name that stands for
    a model shares its number. Two queries."""
    begun = Begun.objects.today(workspace)
    asked_for = Task.objects.filter(workspace=workspace, created_at__gte=_begin(datetime.now(UTC).date())).order_by()
    names = dict(asked_for.values_list("model", "generation__model").distinct())
    return begun | {name: begun[card] for name, card in names.items() if card in begun}


def by_model(workspace, since, before):
    """Credits charged from the day `since` until before the day `before`: {(day, model as it was asked for): credits}.
    One query."""
    rows = (
        Generation.objects.filter(workspace=workspace, charged__gt=0, copied_from=None)
        .filter(finished_at__gte=_begin(since), finished_at__lt=_begin(before))
        .order_by()
        .annotate(
            day=TruncDate("finished_at", tzinfo=UTC),
            asked_for=Coalesce("api_task__model", "api_step__chain__task__model", "model"),
        )
        .values_list("day", "asked_for")
        .annotate(credits=Sum("charged"))
    )
    return {(day, model): credits for day, model, credits in sorted(rows)}


def by_key(workspace, since, before):
    """What each key was used for on each of these days: {(day, key's id): Used}. Five queries."""
    used = {}

    def of(day, key):
        return used.setdefault((day, key), Used())

    mine = Task.objects.filter(workspace=workspace).exclude(key=None).order_by()
    begun = mine.filter(created_at__gte=_begin(since), created_at__lt=_begin(before))
    for day, key, number in _by_day(begun, "created_at").annotate(number=Count("pk")):
        of(day, key).generations = number
    for work in ("generation", "chain"):
        ended = {f"{work}__finished_at__gte": _begin(since), f"{work}__finished_at__lt": _begin(before)}
        rows = _by_day(mine.filter(**ended, **{f"{work}__charged__gt": 0}), f"{work}__finished_at")
        for day, key, credits in rows.annotate(credits=Sum(f"{work}__charged")):
            of(day, key).credits += credits
    rows = Run.objects.filter(key__workspace=workspace, settled_at__gte=_begin(since), settled_at__lt=_begin(before))
    for day, key, credits in _by_day(rows.order_by(), "settled_at").annotate(credits=Sum("charged")):
        of(day, key).credits += credits
    rows = Use.objects.filter(key__workspace=workspace, day__gte=since, day__lt=before)
    for day, key, requests in rows.values_list("day", "key", "requests"):
        of(day, key).requests = requests
    return dict(sorted(used.items()))


def table(workspace, since, until):
    """The same for a page, newest first, both days included: [(day, Key, Used)]. One query where there is no key."""
    keys = {key.pk: key for key in Key.objects.filter(workspace=workspace)}
    used = by_key(workspace, since, until + timedelta(days=1)) if keys else {}
    return [(day, keys[key], one) for (day, key), one in sorted(used.items(), reverse=True)]


def _by_day(tasks, moment):
    return tasks.annotate(day=TruncDate(moment, tzinfo=UTC)).values_list("day", "key")


def _begin(day):
    return datetime.combine(day, time.min, UTC)

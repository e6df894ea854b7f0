"""How much a key was used, and how much of each model was begun by API, day by day (UTC)."""

from datetime import UTC, date, datetime

from django.db import models, transaction
from django.db.models import F, Q

from runwayweb.api.errors import ApiError
from runwayweb.subscriptions import limits

REQUESTS = "api:requests"  # a hash in Valkey: {day/key: requests} that are not in the database yet
TAKEN = "api:requests:taken"  # the same while it is on its way there
TURN = "api:requests:turn"  # whose turn it is to bring it
TURN_SECONDS = 30


class UseQuerySet(models.QuerySet):
    def take_in(self, valkey):
        """Bring what was counted in Valkey here; how many requests. Raises RedisError.

        One at a time: whoever comes meanwhile does nothing. What one that was killed left behind the next takes along.
        """
        if not valkey.set(TURN, 1, nx=True, ex=TURN_SECONDS):
            return 0
        try:
            if not valkey.exists(TAKEN) and not (valkey.exists(REQUESTS) and valkey.rename(REQUESTS, TAKEN)):
                return 0
            counted = {name.decode(): int(number) for name, number in valkey.hgetall(TAKEN).items()}
            self._add(counted)
            valkey.delete(TAKEN)
        finally:
            valkey.delete(TURN)
        return sum(counted.values())

    @transaction.atomic
    def _add(self, counted):
        from .key import Key

        told = {tuple(name.split("/")): number for name, number in counted.items()}
        known = set(Key.objects.filter(pk__in={int(key) for _day, key in told}).values_list("pk", flat=True))
        for (day, key), number in told.items():
            if int(key) in known:
                use, made = self.get_or_create(
                    key_id=int(key), day=date.fromisoformat(day), defaults={"requests": number}
                )
                if not made:
                    self.filter(pk=use.pk).update(requests=F("requests") + number)


class Use(models.Model):
    """The requests of a key on one day. What it made and spent its tasks tell."""

    key = models.ForeignKey("api.Key", on_delete=models.CASCADE, related_name="uses")
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0)

    objects = UseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="use_once_a_day")]

    def __str__(self):
        return f"{self.key}: {self.requests} on {self.day}"


class BegunQuerySet(models.QuerySet):
    def count(self, models, caller):
        """Count a generation by each of these models that `caller` is about to begin, in the transaction that does.
        Raises ApiError 429 where that is more than their plan allows on a day."""
        for model in sorted(models):  # in one order, or two that count the same would wait for each other
            self._count_one(caller.workspace, model, caller.plan)

    def _count_one(self, workspace, model, plan):
        today, most = datetime.now(UTC).date(), plan.generations_a_day
        mine = self.filter(workspace=workspace, model=model, day=today)
        within = Q() if most is None else Q(generations__lt=most)
        if mine.filter(within).update(generations=F("generations") + 1):
            return
        if most != 0:
            row, made = self.get_or_create(workspace=workspace, model=model, day=today, defaults={"generations": 1})
            if made:
                return
            if most is None or row.generations < most:  # somebody made it meanwhile
                return self._count_one(workspace, model, plan)
        raise ApiError(429, str(limits.reached_by_api("generations_a_day", plan)), Retry_After=_seconds_of_today_left())

    def today(self, workspace):
        """{model: generations that were begun today}. One query."""
        rows = self.filter(workspace=workspace, day=datetime.now(UTC).date())
        return dict(rows.values_list("model", "generations"))


class Begun(models.Model):
    """The generations of one model, by its name in the catalogue, that a workspace began by API on one day."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    model = models.CharField(max_length=100)
    day = models.DateField()
    generations = models.PositiveIntegerField(default=0)

    objects = BegunQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "model", "day"], name="begun_once_a_day")]

    def __str__(self):
        return f"{self.generations} × {self.model} on {self.day}"


def _seconds_of_today_left():
    now = datetime.now(UTC)
    return 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)

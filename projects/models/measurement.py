"""That a take was measured against the sheets of its cast, or still wants to be."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from generation.queues import MEDIA_TIMEOUT_SECONDS

TRIES = 3
YOUNG = timedelta(seconds=5)  # a job of its own is on its way
LONGEST = timedelta(seconds=MEDIA_TIMEOUT_SECONDS + 60)  # that a try takes before its worker is stopped
LATELY = timedelta(minutes=15)  # every few seconds takes are looked for that ended since, every few minutes all
FORGOTTEN = timedelta(days=2)  # nobody looks for takes that ended longer ago


class Measurement(models.Model):
    """`done`: its scores are there, or nothing could be measured. `tries`: a take that breaks this often is left."""

    take = models.OneToOneField("projects.Take", on_delete=models.CASCADE, related_name="measurement")
    tries = models.PositiveSmallIntegerField(default=0)
    done = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["tries"], condition=Q(done=False), name="measurements_to_do")]

    def __str__(self):
        return f"{self.take}: {'done' if self.done else 'to do'}"

    @classmethod
    def claim(cls, take):
        """Count a try; the row, or None when the take was tried often enough or is done."""
        row, _new = cls.objects.get_or_create(take=take)
        open_rows = cls.objects.filter(pk=row.pk, done=False, tries__lt=TRIES)
        return row if open_rows.update(tries=F("tries") + 1, changed_at=timezone.now()) else None

    @classmethod
    def wanted(cls, takes, *, within=FORGOTTEN):
        """Of some takes those that ended well within this time and are not measured, and those whose measurement is to
        be made again; young ones left out. Reads the runs that ended since then, and what is to be made again."""
        before, since = timezone.now() - YOUNG, timezone.now() - within
        ended = {"generation__finished_at__lt": before, "generation__finished_at__gt": since}
        fresh = takes.model.objects.filter(generation__status="succeeded", measurement=None, **ended).order_by()
        again = cls.objects.filter(done=False, tries__lt=TRIES, changed_at__lt=before)
        open_ones = fresh.values("pk").union(again.values("take"))
        return takes.filter(pk__in=open_ones, generation__request__prompt__icontains="@")

    @classmethod
    def forget(cls, entity):
        """The sheet of an entity changed: takes that were measured against it want to be again."""
        cls.objects.filter(take__scores__entity=entity).update(done=False, tries=0, changed_at=timezone.now())

    @property
    def is_given_up(self):
        """Whether it broke as often as it may: nobody comes back to it, and the last try is over."""
        return not self.done and self.tries >= TRIES and self.changed_at < timezone.now() - LONGEST

    def put_off(self):
        """The try does not count: it was the storage's fault."""
        Measurement.objects.filter(pk=self.pk, tries__gt=0).update(tries=F("tries") - 1, changed_at=timezone.now())

    def finish(self):
        self.done = True
        self.save(update_fields=["done", "changed_at"])

"""A pursuit: a shot is taken again and again until somebody in it looks enough like their sheet, or a limit is met."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation import pricing
from generation.engine import catalogue
from generation.engine.request import InvalidRequest
from generation.models.status import IN_PROGRESS
from generation.models.status import Status as RunStatus
from runwayweb.accounts.models import Belonging
from runwayweb.subscriptions.refused import Refused

MOST_TAKES, MOST_CREDITS = 50, 10_000
FAILURES = 2  # in a row, after which it gives up


class Status(models.TextChoices):
    RUNNING = "running", gettext_lazy("Taking again")
    REACHED = "reached", gettext_lazy("Reached")
    SPENT = "spent", gettext_lazy("Limit met")
    STOPPED = "stopped", gettext_lazy("Stopped")


class PursuitQuerySet(Belonging, models.QuerySet):
    to_workspace = "shot__project__workspace"

    def in_sight(self):
        return self.filter(shot__project__deleted_at=None)

    def running(self):
        return self.filter(status=Status.RUNNING)

    def end_work_of(self, workspace, user):
        """Stop those that somebody began who may not make films there any more; None: whoever began them."""
        began = {"requested_by": user} if user else {}
        for pursuit in self.running().filter(shot__project__workspace=workspace, **began):
            pursuit.stop()


class Pursuit(models.Model):
    """`entity` None: everybody who is scored must come so far. `best`: the highest value so far.

    Its takes are `takes`; `current` is the one it waits for. `said`: why it ended, a sentence.
    """

    Status = Status

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shot = models.ForeignKey("projects.Shot", on_delete=models.CASCADE, related_name="pursuits")
    entity = models.ForeignKey("projects.Entity", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    goal = models.FloatField(validators=[MinValueValidator(0.01), MaxValueValidator(1)])
    most_takes = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(MOST_TAKES)])
    most_credits = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(MOST_CREDITS)])
    began_with = models.ForeignKey("projects.Take", on_delete=models.CASCADE, related_name="pursuits")
    current = models.ForeignKey("projects.Take", on_delete=models.SET_NULL, null=True, related_name="+")
    takes = models.ManyToManyField("projects.Take", related_name="+")
    failures = models.PositiveSmallIntegerField(default=0)
    best = models.FloatField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.RUNNING)
    said = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    began_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PursuitQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(fields=["shot"], condition=Q(status="running"), name="one_pursuit_of_a_shot"),
        ]

    def __str__(self):
        return f"{self.shot}: {self.goal:.2f}"

    # Questions

    @property
    def is_running(self):
        return self.status == Status.RUNNING

    @property
    def credits(self):
        """What its takes cost so far: those that were made, and what is held for the one that is being made."""
        paid = Q(generation__status__in=(*IN_PROGRESS, RunStatus.SUCCEEDED))
        return self.takes.filter(paid).aggregate(sum=Sum("generation__cost"))["sum"] or 0

    @property
    def count(self):
        return self.takes.count()

    # Verbs

    @classmethod
    @transaction.atomic
    def begin(cls, take, *, goal, most_takes, most_credits, by, entity=None):
        """Begin with another take like `take`.

        Raises InvalidRequest, Refused, ModelNotFound; PursuedAlready where the shot is being taken again.
        """
        if cls.objects.running().filter(shot=take.shot).exists():
            raise PursuedAlready(_("This shot is being taken again already."))
        pursuit = cls.objects.create(
            shot=take.shot,
            entity=entity,
            goal=goal,
            most_takes=most_takes,
            most_credits=most_credits,
            began_with=take,
            requested_by=by,
        )
        if not pursuit._reaches_for_more():
            raise InvalidRequest("most_credits", pursuit.said)
        return pursuit

    @transaction.atomic
    def stop(self):
        """No take more; the one that is being made is cancelled. True if this call did it."""
        stopped = self._end(Status.STOPPED, _("Stopped."))
        if stopped and self.current:
            self.current.generation.cancel()
        return stopped

    @transaction.atomic
    def go_on(self):
        """Look at the take it waits for, once that ended and was measured: end, or take again. True if it did either.

        Safe to call at any time and from anywhere: the row is locked while it looks.
        """
        locked = Pursuit.objects.select_for_update().filter(pk=self.pk, status=Status.RUNNING).first()
        if locked is None:
            return False
        return locked._looked_at_current()

    def _looked_at_current(self):
        take = self.current
        if take is None or self.shot.deleted_at or take.generation.deleted_at:
            return self._end(Status.STOPPED, _("Its take was deleted."))
        status = take.generation.status
        if status in IN_PROGRESS:
            return False
        if status == RunStatus.CANCELLED:
            return self._end(Status.STOPPED, _("Its take was cancelled."))
        if status == RunStatus.FAILED:
            self.failures += 1
            self.save(update_fields=["failures"])
            if self.failures >= FAILURES:
                return self._end(Status.SPENT, take.generation.failure)
            return self._reaches_for_more() or True
        if take.stays_unmeasured:
            return self._end(Status.SPENT, _("Its take could not be measured."))
        if not take.is_measured:
            return False
        value = self._value_of(take)
        if value is None:
            return self._end(Status.SPENT, _("Nobody of the cast could be measured in it."))
        self.failures, self.best = 0, max(value, self.best or 0)
        self.save(update_fields=["failures", "best"])
        if value >= self.goal:
            return self._end(
                Status.REACHED, _("Take %(number)d came to %(value).2f.") % {"number": take.number, "value": value}
            )
        return self._reaches_for_more() or True

    def _value_of(self, take):
        """Of the one it is about, or of whoever came least far; None where nobody was measured."""
        scores = [score.value for score in take.scores.all() if self.entity_id in (None, score.entity_id)]
        return min(scores, default=None)

    def _reaches_for_more(self):
        """Request the next take; False where a limit is met, which ends it."""
        said = self._why_no_more()
        if said:
            self._end(Status.SPENT, said)
            return False
        try:
            with transaction.atomic():
                self.current = (self.current or self.began_with).again(by=self.requested_by)
        except Refused as error:
            if self.current is None:
                raise
            self._end(Status.SPENT, str(error))
            return False
        except (InvalidRequest, catalogue.ModelNotFound) as error:
            if self.current is None:
                raise
            self._end(Status.SPENT, str(error))
            return False
        self.takes.add(self.current)
        self.save(update_fields=["current"])
        return True

    def _why_no_more(self):
        if self.count >= self.most_takes:
            return _("All %(n)d takes were made.") % {"n": self.most_takes}
        if self.credits + self._price() > self.most_credits:
            return _("Another take would cost more than the %(n)d credits it may.") % {"n": self.most_credits}
        return ""

    def _price(self):
        card = catalogue.card(self.began_with.generation.model)
        request = self.began_with.generation.request
        return pricing.credits_for_seconds(card, request["num_frames"] / request["fps"])

    def _end(self, status, said):
        ended = Pursuit.objects.running().filter(pk=self.pk).update(status=status, said=said, ended_at=timezone.now())
        if ended:
            self.refresh_from_db()
        return bool(ended)


class PursuedAlready(Exception):
    """The shot is being taken again until something is reached; the message is a sentence."""

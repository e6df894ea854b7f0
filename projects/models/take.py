"""A take: one run of the engine, laid into a shot."""

import secrets
import uuid
from datetime import timedelta

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.engine.tags import mentioned, written_out
from runwayweb.accounts.models import Belonging

from .again import NEW_SEEDS, TakenAgain
from .measurement import FORGOTTEN
from .shooting import why_stale

STARS = 5
MEASURED_WITHIN = timedelta(minutes=1)  # a page that waits for longer waits in vain


class Origin(models.TextChoices):
    """How a take came to be from its parent."""

    FRESH = "", gettext_lazy("From the shot")
    BRANCH = "branch", gettext_lazy("Branched")
    CAMERA = "camera", gettext_lazy("From another camera")
    WORLD = "world", gettext_lazy("In another world")
    AFTER = "after", gettext_lazy("Goes on")
    BEFORE = "before", gettext_lazy("Leads up")
    EDIT = "edit", gettext_lazy("Edited")
    FINISH = "finish", gettext_lazy("Finished")


class TakeQuerySet(Belonging, models.QuerySet):
    to_workspace = "shot__project__workspace"

    def stand_in(self, before, after):
        """Let a run stand where another was a take, which keeps its number; True if it was one."""
        return bool(self.filter(generation=before).update(generation=after))

    def in_sight(self):
        """Without those whose run, shot or project was deleted."""
        return self.live().filter(shot__project__deleted_at=None)

    def live(self):
        return self.filter(generation__deleted_at=None, shot__deleted_at=None)

    def lay_beside(self, source, made, origin):
        """Where a generation is a take, so is what was made of it: the new Take, or None."""
        parent = self.filter(generation=source).select_related("shot__project").first()
        return parent and parent.shot.lay_in(made, parent=parent, origin=origin)


class Take(TakenAgain, models.Model):
    """`number` counts from 1 in its shot and is never given again. `rating` is 0 for none, or 1 to STARS.

    `asked` is what the shot asked for when it was made, as `Shot.asked()` says it: a take whose shot would ask for
    something else today is stale. Where somebody is called otherwise since, "called" in it tells so.
    """

    Origin = Origin

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shot = models.ForeignKey("projects.Shot", on_delete=models.CASCADE, related_name="takes")
    number = models.PositiveIntegerField()
    generation = models.OneToOneField("generation.Generation", on_delete=models.PROTECT, related_name="take")
    rating = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(STARS)])
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="branches")
    origin = models.CharField(max_length=8, choices=Origin, blank=True, default=Origin.FRESH)
    asked = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TakeQuerySet.as_manager()

    class Meta:
        ordering = ["shot", "number"]
        constraints = [
            models.UniqueConstraint(fields=["shot", "number"], name="take_number_once_in_a_shot"),
            models.CheckConstraint(condition=models.Q(rating__lte=STARS), name="take_rating_in_stars"),
        ]

    def __str__(self):
        return _("%(shot)s, take %(number)d") % {"shot": self.shot.number, "number": self.number}

    @transaction.atomic
    def retry(self, *, by):
        """The Take that asks for the very same once more, of everybody as they were then: with a new seed, or its clip
        would come again. One that has no clip keeps its seed.

        Raises Refused, InvalidRequest, ModelNotFound.
        """
        seed = None if self.generation.asset_id is None else secrets.randbelow(NEW_SEEDS)
        made = self.generation.retry(by=by, seed=seed)
        return self.shot.lay_in(made, parent=self, origin=Origin.BRANCH)

    @property
    def stale_because(self):
        """What changed since it was asked for, in words; [] where nothing did."""
        return why_stale(self.asked, self.shot.asked())

    @property
    def called(self):
        """{name: today's}, both in small letters, of whom its run calls otherwise than the film does today."""
        return self.asked.get("called", {})

    def today(self, name):
        """What the film calls somebody today whom its run calls so, in small letters."""
        return self.called.get(name.lower(), name.lower())

    @property
    def names(self):
        """Whom the prompt of its run calls, by today's names."""
        return {self.today(name) for name in self._said}

    @property
    def _said(self):
        return [name.lower() for name in mentioned(self.generation.request.get("prompt", ""))]

    @property
    def is_chosen(self):
        return self.shot.chosen_id == self.pk

    def rate(self, stars):
        """Give it so many stars, or none; more than there are is as many as there are."""
        self.rating = max(0, min(stars, STARS))
        self.save(update_fields=["rating"])

    def call_otherwise(self, was, tag):
        """Somebody of the film who `was` called so is called `tag` from now on: no reason to be stale. The run's own
        words stay. True if it speaks of them."""
        was, now = was.lower(), tag.lower()
        asked = dict(self.asked)
        if called := {name: now for name in self._said if self.today(name) == was}:
            asked["called"] = self.called | called
        if "prompt" in asked:
            asked["prompt"] = written_out(asked["prompt"], {was: f"@{tag}"})
        if "cast" in asked:
            asked["cast"] = {now if name == was else name: one for name, one in asked["cast"].items()}
        if asked == self.asked:
            return False
        self.asked = asked
        self.save(update_fields=["asked"])
        return True

    @property
    def scores_shown(self):
        """What its cast scored, without those who are not in the film any more."""
        return [score for score in self.scores.all() if score.entity.deleted_at is None]

    @property
    def pursuit(self):
        """The newest pursuit that began with it, or None."""
        return next(iter(self.pursuits.all()), None)

    @property
    def is_being_measured(self):
        """Whether it ended a moment ago, calls somebody by name and has not been compared with the sheets yet."""
        run = self.generation
        if run.status != "succeeded" or self.is_measured or "@" not in run.request.get("prompt", ""):
            return False
        return bool(run.finished_at and timezone.now() - run.finished_at < MEASURED_WITHIN)

    @property
    def is_measured(self):
        """Whether it was compared with the sheets of its cast."""
        measurement = getattr(self, "measurement", None)
        return measurement is not None and measurement.done

    @property
    def stays_unmeasured(self):
        """Whether nobody will compare it any more: each try broke, or none was made in the time for it."""
        if measurement := getattr(self, "measurement", None):
            return measurement.is_given_up
        ended = self.generation.finished_at
        return ended is not None and ended < timezone.now() - FORGOTTEN

"""What was blocked here, what its creator says against that, and what the operator made of it."""

import io
from datetime import timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from generation import hooks
from runwayweb.accounts.models import AuditEntry, Belonging
from runwayweb.assets.named import NamedFile, NamesFiles
from runwayweb.assets.storage import discard_folder, store

BLOCKED = "SAFETY."  # how the codes of what may not be used or shown begin
UNSURE = "SAFETY.UNAVAILABLE"  # nobody could say: no strike, and nothing to decide
FOLDER = "blocked"  # of the storage
LONGEST_SIDE = 640  # pixels of a still that the operator looks at


class Decision(models.TextChoices):
    WAITING = "waiting", gettext_lazy("Not looked at")
    KEPT = "kept", gettext_lazy("Stays blocked")
    RELEASED = "released", gettext_lazy("Released")
    BANNED = "banned", gettext_lazy("Workspace suspended")


class ReviewQuerySet(Belonging, models.QuerySet):
    def open_for(self, generation):
        """The row of a run that failed because something of it was blocked; None for any other end of a run.

        In the transaction in which the run fails. So many strikes within their time, and the workspace is suspended,
        once that is through: its other runs must not be waited for with its wallet in hand.
        """
        code = generation.failure_code
        if not code.startswith(BLOCKED) or code == UNSURE:
            return None
        review = self.create(generation=generation, workspace=generation.workspace, code=code)
        most = settings.MODERATION_STRIKES
        if most and self.strikes_of(generation.workspace) >= most:
            told = _("The studio stopped this workspace by itself: %(n)d things that may not be made were asked for in "
                     "%(days)g days.")  # fmt: skip
            told %= {"n": most, "days": settings.MODERATION_STRIKE_DAYS}
            transaction.on_commit(lambda: generation.workspace.suspend(told), robust=True)
        return review

    def strikes(self):
        """Those that count against their workspaces: of the last days, and not released."""
        since = timezone.now() - timedelta(days=settings.MODERATION_STRIKE_DAYS)
        return self.filter(created_at__gt=since).exclude(decision=Decision.RELEASED)

    def strikes_of(self, workspace):
        """How many count against a workspace."""
        return self.strikes().filter(workspace=workspace).count()

    def to_decide(self):
        """Those that wait for somebody, appeals first, each the oldest first."""
        waiting = self.filter(decision=Decision.WAITING)
        return waiting.order_by(models.F("appealed_at").asc(nulls_last=True), "created_at")


class Review(NamesFiles, models.Model):
    """Of one blocked run. `stills`: how many pictures of what was blocked are kept for the operator; no address of the
    studio but the console's leads to them. `released_as`: the run that was made of it after all."""

    NAMED_IN = ("generation", "stills")
    Decision = Decision

    generation = models.OneToOneField("generation.Generation", on_delete=models.CASCADE, related_name="review")
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="reviews")
    code = models.CharField(max_length=64)
    stills = models.PositiveSmallIntegerField(default=0)
    decision = models.CharField(max_length=16, choices=Decision, default=Decision.WAITING)
    appeal = models.TextField(blank=True)
    appealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    appealed_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    released_as = models.ForeignKey(
        "generation.Generation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["decision", "created_at"], name="review_to_decide"),
            models.Index(fields=["workspace", "-created_at"], name="review_strikes"),
        ]

    def __str__(self):
        return f"{self.code}: {self.generation}"

    # Questions

    @property
    def is_open(self):
        return self.decision == Decision.WAITING

    @property
    def may_be_appealed(self):
        """Whether its creator may still say something, once."""
        return self.is_open and self.appealed_at is None

    @property
    def whom_to_answer(self):
        return self.appealed_by or self.generation.requested_by

    def still(self, number):
        """The bytes (JPEG) of a still, counted from 1. Raises OSError where it is away."""
        with default_storage.open(self._place(number)) as file:
            return file.read()

    def named_files(self):
        """Each file of the storage that it tells of."""
        for number in range(1, self.stills + 1):
            yield NamedFile(f"still {number}", self._place(number))

    # Verbs

    def keep_stills(self, pictures):
        """Keep what was blocked, uint8 (H, W, 3) each, for the operator to look at."""
        for number, picture in enumerate(pictures, 1):
            image, data = Image.fromarray(picture), io.BytesIO()
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            image.save(data, "JPEG", quality=85)
            store(data.getvalue(), self._place(number))
        self.stills = len(pictures)
        self.save(update_fields=["stills"])

    def say(self, words, *, by):
        """The creator's words against it, once; True if this call laid them down."""
        may = Review.objects.filter(pk=self.pk, decision=Decision.WAITING, appealed_at=None)
        said = may.update(appeal=words, appealed_by=by, appealed_at=timezone.now())
        self.refresh_from_db()
        return bool(said)

    @transaction.atomic
    def keep(self, answer, *, by):
        """It stays blocked; True if this call decided."""
        return self._decide(Decision.KEPT, answer, by)

    @transaction.atomic
    def ban(self, answer, *, by):
        """It stays blocked, and its workspace is suspended; True if this call decided."""
        decided = self._decide(Decision.BANNED, answer, by)
        if decided:
            self.workspace.suspend(answer, by=by)
        return decided

    @transaction.atomic
    def release(self, answer, *, by):
        """Make what was asked for after all, without asking the check again: the same request with the same seed. It
        is charged as any run, or not where the first was. True if this call decided. Raises Refused, InvalidRequest,
        ModelNotFound, where it cannot be made just now.

        The run that failed stays as it ended; where it was a take, the new one stands in its place.
        """
        if not self._decide(Decision.RELEASED, answer, by):
            return False
        again = self.generation.make_after_all()
        self.released_as = again
        self.save(update_fields=["released_as"])
        for handler in hooks.released:
            handler(self.generation, again)
        return True

    def forget_stills(self):
        """Remove the pictures: nobody has anything to decide any more."""
        discard_folder(f"{FOLDER}/{self.generation_id}")
        self.stills = 0
        self.save(update_fields=["stills"])

    # Private

    def _decide(self, decision, answer, by):
        mine = Review.objects.filter(pk=self.pk, decision=Decision.WAITING)
        decided = mine.update(decision=decision, answer=answer, decided_at=timezone.now())
        if decided:
            self.refresh_from_db()
            told = {"decision": decision.value, "code": self.code, "answer": answer}
            AuditEntry.objects.record(self.workspace, by, "operator.decided", about=self.generation.words[:200], **told)
            transaction.on_commit(self.forget_stills)
        return bool(decided)

    def _place(self, number):
        return f"{FOLDER}/{self.generation_id}/{number}.jpg"

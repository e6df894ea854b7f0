"""The verbs of a run for the worker that works on it: take it, live, end it well or badly, put it back."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generation import pricing
from generation.faults import fenced

from .event import Event
from .review import Review
from .status import Status
from .turn import Turn

ATTEMPTS = 3  # a run that kills its worker this often is given up
OUT_OF_MEMORY = "INTERNAL.OUT_OF_MEMORY"
RETRYABLE = {OUT_OF_MEMORY: 2, "INTERNAL.GPU": 2}  # failure code → attempts before it is final
BLOCKED_OUTPUT = "SAFETY.OUTPUT."  # how the codes of what was made and may not be shown begin


class Working:
    """What is written here carries the attempt it is of: an attempt that is over changes nothing."""

    @transaction.atomic
    def _claim(self, worker):
        claimed = self._move(
            Status.QUEUED,
            to=Status.RUNNING,
            attempt=F("attempt") + 1,
            worker=worker,
            lease_until=lease_end(),
            started_at=Now(),
            step=0,
            steps=0,
        )
        if claimed:
            Turn.objects.was_served(self)
            Event.objects.record("generation.running", self)
        return claimed

    def renew_lease(self, attempt, **progress):
        """Keep the row for another lease, with the progress made; False once it is somebody else's or nobody's."""
        rows = type(self).objects.filter(pk=self.pk, status=Status.RUNNING, attempt=attempt)
        if not fenced():
            rows = type(self).objects.filter(pk=self.pk)
        return bool(rows.update(lease_until=lease_end(), **progress))

    @transaction.atomic
    def succeed(self, attempt, *, asset, clip):
        """Lay the clip or the sound in and charge for it; False when the attempt is no longer the row's (nothing is
        changed)."""
        asset.save(force_insert=True)
        finished = self._move(
            Status.RUNNING,
            to=Status.SUCCEEDED,
            attempt_is=attempt,
            asset=asset,
            understood=clip.understood,
            recipe=clip.recipe,
            charged=pricing.credits_for_made(self, clip),
            step=F("steps"),
            finished_at=Now(),
            lease_until=None,
        )
        if not finished:
            transaction.set_rollback(True)
            return False
        asset.tell(self.told)
        self._settle()
        Event.objects.record("generation.succeeded", self)
        self._tell_ended()
        return True

    @transaction.atomic
    def fail(self, attempt, *, code, message):
        """End it with a sentence for the creator and give the credits back; False when the attempt is not the row's.

        Whoever set CHARGE_BLOCKED_OUTPUT keeps those of what was made and may not be shown.
        """
        blocked = settings.CHARGE_BLOCKED_OUTPUT and code.startswith(BLOCKED_OUTPUT)
        failed = self._move(
            Status.RUNNING,
            to=Status.FAILED,
            attempt_is=attempt,
            failure_code=code,
            failure=message,
            charged=self.cost if blocked else 0,
            finished_at=Now(),
            lease_until=None,
        )
        if failed:
            self._settle()
            Review.objects.open_for(self)
            Event.objects.record("generation.failed", self)
            self._tell_ended()
        return failed

    @transaction.atomic
    def requeue(self, attempt, *, counted=True, smaller=False):
        """Put it back in the queue; an attempt that is not `counted` was handed back by a stopping worker.

        `smaller`: it ran out of memory or the GPU failed, so the next one takes a smaller memory plan.
        """
        handed_back = F("handed_back") + (0 if counted else 1)
        requeued = self._move(
            Status.RUNNING,
            to=Status.QUEUED,
            attempt_is=attempt,
            in_line_at=Now(),
            handed_back=handed_back,
            smaller_plans=F("smaller_plans") + (1 if smaller else 0),
            lease_until=None,
            loading_at=None,
            worker=None,
            step=0,
            steps=0,
        )
        if requeued:
            Turn.objects.was_put_back(self)
            Event.objects.record("generation.queued", self)
            transaction.on_commit(self.wake_a_worker)
        return requeued

    @transaction.atomic
    def give_up_attempt(self, attempt):
        """After an attempt that ended without a word: another one, or the end after three. True if this call did it.

        Nothing happens to one that renewed its lease since it was looked at, say after the database was held up.
        """
        if not type(self).objects.expired().select_for_update().filter(pk=self.pk, attempt=attempt).exists():
            return False
        if self.attempts_spent < ATTEMPTS:
            return self.requeue(attempt)
        return self.fail(
            attempt,
            code="INTERNAL.WORKER_LOST",
            message=_("The machine that drew this stopped %(attempts)d times. Try again, or shorter or smaller.")
            % {"attempts": ATTEMPTS},
        )

    @transaction.atomic
    def give_up_for_memory(self, attempt):
        """After an attempt whose process the kernel ended for the memory it took: another one with a smaller plan, or
        the end after two. True if this call did it."""
        if self.attempts_spent < RETRYABLE[OUT_OF_MEMORY]:
            return self.requeue(attempt, smaller=True)
        message = _("The machine ran out of memory. Try shorter or smaller.")
        return self.fail(attempt, code=OUT_OF_MEMORY, message=message)


def lease_end():
    """When a lease taken now ends, by the database's clock: workers' own clocks may be wrong."""
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)

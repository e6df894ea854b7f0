"""Answers that are given again to whoever asks again with the same Idempotency-Key."""

import hashlib
from datetime import timedelta

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from runwayweb.api.errors import ApiError

KEPT = timedelta(hours=48)
LONGEST_NAME = 255
OTHER_BODY = "Keys for idempotent requests can only be used with the same parameters they were first used with."


class AnswerQuerySet(models.QuerySet):
    def given(self, workspace, name, digest):
        """The answer that was given under a name, or None. Raises ApiError where that was to something else."""
        try:
            found = self.get(workspace=workspace, name=name)
        except self.model.DoesNotExist:
            return None
        if found.digest != digest:
            raise ApiError(400, OTHER_BODY)
        return found

    def claim(self, workspace, name, digest):
        """A row for the answer that the caller's transaction is about to give, or None where another call was first.

        On SQLite there is one writer at a time; PostgreSQL waits at the constraint for the other to end.
        """
        try:
            with transaction.atomic():
                return self.create(workspace=workspace, name=name, digest=digest)
        except IntegrityError:
            return None

    def sweep(self):
        """Forget those that are too old to be asked for again."""
        return self.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


class Answer(models.Model):
    """Only answers that made something are kept: whatever was refused may be tried again under the same name."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=LONGEST_NAME)
    digest = models.CharField(max_length=64)  # of the address and the body
    status = models.PositiveSmallIntegerField(default=200)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="answer_once_under_a_name")]

    def __str__(self):
        return f"{self.workspace_id} {self.name[:20]}"

    def keep(self, status, body):
        self.status, self.body = status, body
        self.save(update_fields=["status", "body"])


def digest_of(request):
    """What tells one call from another: where it goes, and what it brings, byte for byte."""
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()

"""What happened in a workspace, in order: the log that a browser catches up from."""

from django.db import models, transaction
from django.db.models import F

from generation import hints
from runwayweb import trail


class EventCounter(models.Model):
    """The last sequence number given out in a workspace. Its row is locked while an event is written."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, related_name="event_counter")
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self):
        return f"{self.workspace_id}: {self.last}"


class EventQuerySet(models.QuerySet):
    @transaction.atomic(savepoint=False)  # whoever tells of something cannot go on without having told
    def record(self, kind, generation):
        """Write the next event of the generation's workspace, and hint at it once that is committed."""
        workspace_id = generation.workspace_id
        counted = EventCounter.objects.filter(workspace_id=workspace_id).update(last=F("last") + 1)
        if not counted:
            EventCounter.objects.get_or_create(workspace_id=workspace_id)
            EventCounter.objects.filter(workspace_id=workspace_id).update(last=F("last") + 1)
        event = self.create(
            workspace_id=workspace_id,
            sequence=EventCounter.objects.values_list("last", flat=True).get(workspace_id=workspace_id),
            kind=kind,
            generation_id=generation.pk,
            project_id=generation.project_id,
            status=generation.status,
            request_id=trail.request_id.get() or generation.request_id,
        )
        transaction.on_commit(lambda: hints.send(workspace_id, event.as_message()))
        return event

    def after(self, sequence, generation_id):
        """What happened to a generation, or to whatever else events tell of by this id, after that number."""
        return self.filter(generation_id=generation_id, sequence__gt=sequence).order_by("sequence")

    def last_sequence(self, workspace):
        """The newest number of a workspace; 0 when nothing has happened. One query."""
        return EventCounter.objects.filter(workspace=workspace).values_list("last", flat=True).first() or 0


class Event(models.Model):
    """`sequence` counts from 1 in each workspace without gaps."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="events")
    sequence = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=40)
    generation_id = models.UUIDField()
    project_id = models.UUIDField()
    status = models.CharField(max_length=16)
    # Of the HTTP request that it came of: that which did it, else that which asked for the run.
    request_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["workspace", "sequence"]
        constraints = [models.UniqueConstraint(fields=["workspace", "sequence"], name="event_sequence_once")]
        indexes = [models.Index(fields=["generation_id", "sequence"], name="events_of_a_generation")]

    def __str__(self):
        return f"{self.sequence} {self.kind}"

    def as_message(self):
        """What a browser is told: enough to know what to fetch."""
        return {
            "type": "event",
            "sequence": self.sequence,
            "kind": self.kind,
            "generation": str(self.generation_id),
            "project": str(self.project_id),
            "status": self.status,
        }

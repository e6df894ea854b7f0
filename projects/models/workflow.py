"""A workflow: tasks that go into each other, drawn once and run as often as wanted."""

import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.workflows.graph import EMPTY, read_draft, read_graph
from runwayweb.accounts.models import Belonging

NAME, DESCRIPTION = 100, 500  # letters


def nothing():
    return dict(EMPTY)


class WorkflowQuerySet(Belonging, models.QuerySet):
    def in_sight(self):
        return self.filter(deleted_at=None)

    def published(self):
        return self.in_sight().filter(versions__isnull=False).distinct()

    @transaction.atomic
    def make(self, workspace, *, name, by, graph=None, description=""):
        """A new one, not published yet. `graph`: a JSON document, see `projects.workflows.graph`."""
        return self.create(
            workspace=workspace, name=name, description=description, draft=graph or nothing(), created_by=by
        )


class Workflow(models.Model):
    """`draft`: its graph as it is edited, which need not be whole. What is published is a version and never changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.PROTECT, related_name="workflows")
    name = models.CharField(gettext_lazy("name"), max_length=NAME)
    description = models.CharField(gettext_lazy("description"), max_length=DESCRIPTION, blank=True)
    draft = models.JSONField(default=nothing)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["workspace", "deleted_at", "-updated_at"])]

    def __str__(self):
        return self.name

    # Questions

    @property
    def newest(self):
        """Its newest version, or None."""
        return self.versions.order_by("-number").first()

    @property
    def graph(self):
        """The graph of its draft, as far as it can be read."""
        return read_draft(self.draft)[0]

    @property
    def is_changed(self):
        """Whether its draft is another than what is published."""
        newest = self.newest
        return newest is None or newest.graph != self.draft

    # Verbs

    def rename(self, name, description):
        self.name, self.description = name, description
        self.save(update_fields=["name", "description"])

    def draw(self, graph):
        """Keep a Graph as its draft."""
        self.draft, self.updated_at = graph.as_json(), timezone.now()
        self.save(update_fields=["draft", "updated_at"])

    @transaction.atomic
    def publish(self, *, by):
        """Freeze the draft as a version; the newest one where it is the same. Raises BadGraph."""
        graph = read_graph(self.draft).as_json()
        Workflow.objects.select_for_update().get(pk=self.pk)  # two at once would be of the same number
        newest = self.newest
        if newest and newest.graph == graph:
            return newest
        self.draft, self.updated_at = graph, timezone.now()
        self.save(update_fields=["draft", "updated_at"])
        number = (self.versions.aggregate(most=Max("number"))["most"] or 0) + 1
        return self.versions.create(number=number, graph=graph, created_by=by)

    def copy(self, *, by):
        """The same once more, not published yet."""
        name = _("%(name)s (copy)") % {"name": self.name[:90]}
        return Workflow.objects.make(self.workspace, name=name, by=by, graph=self.draft, description=self.description)

    def delete_softly(self):
        """Hide it, also from the API; its runs go on. True if this call did it."""
        return self._stamp(Q(deleted_at=None), deleted_at=timezone.now())

    def restore(self):
        """Bring it back; True if this call did it."""
        return self._stamp(Q(deleted_at__isnull=False), deleted_at=None)

    def _stamp(self, still, **stamps):
        changed = Workflow.objects.filter(still, pk=self.pk).update(**stamps)
        if changed:
            self.refresh_from_db()
        return bool(changed)


class VersionQuerySet(Belonging, models.QuerySet):
    to_workspace = "workflow__workspace"

    def in_sight(self):
        return self.filter(workflow__deleted_at=None)


class WorkflowVersion(models.Model):
    """What was published of a workflow. `number` counts from 1."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    graph = models.JSONField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["workflow", "-number"]
        constraints = [models.UniqueConstraint(fields=["workflow", "number"], name="workflow_version_number_once")]

    def __str__(self):
        return f"{self.workflow} {self.number}"

    @property
    def read(self):
        """Its Graph."""
        return read_draft(self.graph)[0]

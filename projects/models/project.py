"""A film in the making."""

import uuid

from django.db import models, transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models import Generation
from runwayweb.accounts.models import Belonging

from .budget import Budgeted
from .duplication import Duplication


class ProjectQuerySet(Belonging, models.QuerySet):
    def in_sight(self):
        return self.filter(deleted_at=None)

    def with_cards(self):
        """What a project card shows: how many generations, the newest clip, when it was last worked on. Each is looked
        up by itself, along an index: joined, a film of thousands of runs would be sorted for every page."""
        shown = Generation.objects.filter(project=OuterRef("pk"), deleted_at=None)
        newest = shown.order_by("-created_at")
        with_poster = newest.exclude(asset=None).exclude(asset__poster="").values("asset")[:1]
        number = shown.order_by().values("project").annotate(number=Count("pk")).values("number")
        return self.annotate(
            generation_count=Coalesce(Subquery(number), 0),
            updated_at=Coalesce(Subquery(newest.values("created_at")[:1]), "created_at"),
            poster_asset=Subquery(with_poster, output_field=models.UUIDField()),
        ).order_by("-updated_at")


class Project(Budgeted, models.Model):
    """Holds what a film is made of. Deleting hides it, so that it can be brought back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.PROTECT, related_name="projects")
    name = models.CharField(gettext_lazy("name"), max_length=100)
    shows_prompts = models.BooleanField(default=False)  # to whoever verifies one of its files
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "deleted_at", "archived_at"])]

    def __str__(self):
        return self.name

    @cached_property
    def cast(self):
        """The entities of its world with their sheets. Two queries, once."""
        return list(self.entities.live().with_sheets())

    def rename(self, name):
        self.name = name
        self.save(update_fields=["name"])

    def show_prompts(self, shown):
        """Show its prompts to whoever verifies one of its files, or do not."""
        self.shows_prompts = shown
        self.save(update_fields=["shows_prompts"])

    def archive(self):
        """Put it out of the way; True if this call did it."""
        return self._stamp(archived_at=timezone.now(), only=Q(archived_at=None))

    @transaction.atomic
    def delete_softly(self):
        """Hide it until it is brought back; what it still had waiting or running is cancelled."""
        deleted = self._stamp(deleted_at=timezone.now(), only=Q(deleted_at=None))
        if deleted:
            # All rows first, then the wallet: a worker that ends one of them locks in this order too.
            for generation in self.generations.in_progress().select_for_update().order_by("pk"):
                generation.cancel()
            self.generations.settle_assets()
        return deleted

    @transaction.atomic
    def restore(self):
        """Bring it back from deletion, or else from the archive; True if this call did either."""
        restored = self._stamp(deleted_at=None, only=Q(deleted_at__isnull=False))
        if restored:
            self.generations.settle_assets()
        return restored or self._stamp(archived_at=None, only=Q(archived_at__isnull=False))

    def duplicate(self):
        """A new project with the same film and its finished clips. The files are shared, nothing is made or charged."""
        return Duplication(self).make(_("%(name)s (copy)") % {"name": self.name[:90]})

    def _stamp(self, only, **stamps):
        changed = Project.objects.filter(only, pk=self.pk).update(**stamps)
        if changed:
            self.refresh_from_db()
        return bool(changed)

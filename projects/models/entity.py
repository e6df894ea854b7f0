"""Who and what the film's world holds: characters, places, objects and its style."""

import re
import uuid

from django.db import models, transaction
from django.db.models import Max
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy

from generation.engine.tags import mentioned, written_out
from runwayweb.accounts.models import Belonging, Right

VIEWS = 12  # of a sheet, at most


class Kind(models.TextChoices):
    CHARACTER = "character", gettext_lazy("Character")
    PLACE = "place", gettext_lazy("Place")
    OBJECT = "object", gettext_lazy("Object")
    STYLE = "style", gettext_lazy("Style")


class EntityQuerySet(Belonging, models.QuerySet):
    to_workspace = "project__workspace"

    def in_sight(self):
        return self.live()

    def owned_by(self, user, right=Right.SEE):
        return super().owned_by(user, right).filter(project__deleted_at=None)

    def live(self):
        return self.filter(deleted_at=None)

    def with_sheets(self):
        """Their views and the views' pictures, in one query more."""
        return self.prefetch_related(models.Prefetch("views", View.objects.select_related("asset")))

    @transaction.atomic
    def put_in_order(self, ids):
        """Give these entities the order of their ids; ids of others are left out."""
        known = {str(entity.pk): entity for entity in self}
        moved = [known[str(id)] for id in ids if str(id) in known]
        for position, entity in enumerate(moved):
            entity.position = position
        self.model.objects.bulk_update(moved, ["position"])


class Entity(models.Model):
    """`tag` is what prompts call it, without the @: 3 to 16 letters, digits and _, a letter first; once in a film.

    Its reference sheet are its `views`; `voice` is the key of the voice it speaks with, see
    `projects.voices`.
    """

    Kind = Kind

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="entities")
    kind = models.CharField(gettext_lazy("kind"), max_length=16, choices=Kind, default=Kind.CHARACTER)
    tag = models.CharField(gettext_lazy("name for prompts"), max_length=16)
    name = models.CharField(gettext_lazy("name"), max_length=60)
    description = models.TextField(gettext_lazy("description"), max_length=500, blank=True)
    voice = models.CharField(gettext_lazy("voice"), max_length=100, blank=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = EntityQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "position", "created_at"]
        constraints = [
            models.UniqueConstraint(
                "project", Lower("tag"), condition=models.Q(deleted_at=None), name="entity_tag_once_in_a_film"
            ),
        ]

    def __str__(self):
        return f"@{self.tag}"

    def asked(self):
        """What a take is asked to show of it, as JSON: two answers differ when the entity was changed between them.

        One query, or none with `views` fetched before.
        """
        return {
            "kind": self.kind,
            "name": self.name,
            "description": self.description,
            "views": [str(view.asset_id) for view in self.views.all()],
        }

    # Questions

    @property
    def sheet(self):
        """Its views, in their order."""
        return list(self.views.all())

    @property
    def first_view(self):
        return next(iter(self.views.all()), None)

    @property
    def is_style(self):
        return self.kind == Kind.STYLE

    @property
    def is_shown(self):
        """Whether an engine that looks at references can be given it; a style is only ever said."""
        return not self.is_style and self.first_view is not None

    @property
    def words(self):
        """What its name means to an engine that is shown no picture of it."""
        return " ".join((self.description or self.name).split()).rstrip(".")

    @property
    def is_scored(self):
        """Whether takes can be measured against it."""
        return self.kind in (Kind.CHARACTER, Kind.OBJECT) and self.first_view is not None

    # Verbs

    def save_new(self):
        """Keep a new one, after the others of its kind."""
        last = self.project.entities.filter(kind=self.kind).aggregate(last=Max("position"))["last"]
        self.position = 0 if last is None else last + 1
        self.save(force_insert=True)

    @transaction.atomic
    def change(self, was):
        """Keep what was changed of it. Where it is called otherwise than it `was`, so it is in the shots' prompts, and
        no take is stale for that."""
        self.save(update_fields=["kind", "tag", "name", "description", "voice"])
        if was.lower() == self.tag.lower():
            return
        for shot in self.project.shots.prefetch_related("takes__generation"):
            for take in shot.takes.all():
                take.call_otherwise(was, self.tag)
            if was.lower() in (name.lower() for name in mentioned(shot.prompt)):
                shot.prompt = written_out(shot.prompt, {was.lower(): f"@{self.tag}"})
                shot.save(update_fields=["prompt"])

    def delete_softly(self):
        """Hide it; True if this call did."""
        return bool(Entity.objects.live().filter(pk=self.pk).update(deleted_at=timezone.now()))

    @transaction.atomic
    def restore(self):
        """Bring it back, under a name with a number where another has its name by now; True if this call did."""
        if self.deleted_at is None:
            return False
        self.tag, self.deleted_at = free_tag(self.tag, self.project), None
        self.save(update_fields=["tag", "deleted_at"])
        return True

    def add_view(self, asset, label=""):
        """A picture more on its sheet, behind the others; None where it is there already or the sheet is full."""
        there = list(self.views.values_list("asset_id", "position"))
        if len(there) >= VIEWS or asset.pk in (id for id, _ in there):
            return None
        position = max((position for _, position in there), default=-1) + 1
        return self.views.create(asset=asset, label=label[:40], position=position)

    def order_views(self, ids):
        """Put its views into the order of these ids; the first is shown on cards."""
        known = {str(view.pk): view for view in self.views.all()}
        moved = [known.pop(str(id)) for id in ids if str(id) in known]
        for position, view in enumerate([*moved, *known.values()]):
            view.position = position
            view.save(update_fields=["position"])


def free_tag(wanted, project):
    """`wanted` where nobody in the film is called so, else with a number behind it."""
    taken = {tag.lower() for tag in project.entities.live().values_list("tag", flat=True)}
    if wanted.lower() not in taken:
        return wanted
    stem = re.sub(r"\d+$", "", wanted)[:13]
    return next(f"{stem}{n}" for n in range(2, 1000) if f"{stem}{n}".lower() not in taken)


class View(models.Model):
    """One picture of an entity's reference sheet: from the front, from aside, its face; the first is shown on cards."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="views")
    asset = models.ForeignKey("assets.Asset", on_delete=models.PROTECT, related_name="views")
    label = models.CharField(gettext_lazy("label"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["entity", "asset"], name="view_once_in_a_sheet")]

    def __str__(self):
        return f"{self.entity}: {self.label or self.position + 1}"

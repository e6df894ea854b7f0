"""Who and what the film's world holds: characters, places, objects and its style."""

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy


class Kind(models.TextChoices):
    CHARACTER = "character", gettext_lazy("Character")
    PLACE = "place", gettext_lazy("Place")
    OBJECT = "object", gettext_lazy("Object")
    STYLE = "style", gettext_lazy("Style")


class EntityQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The entities of `user`'s films, deleted ones and those of deleted projects left out."""
        if not user.is_authenticated:
            return self.none()
        return self.live().filter(project__workspace__memberships__user=user, project__deleted_at=None)

    def live(self):
        return self.filter(deleted_at=None)


class Entity(models.Model):
    """`tag` is what prompts call it, without the @: 3 to 16 letters, digits and _, a letter first; once in a film.

    Its reference sheet are its `views`; `voice` names the voice it speaks with.
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

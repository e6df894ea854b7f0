"""A scene of a film: one place, one time, the shots it is told in."""

import uuid

from django.db import models, transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy

from runwayweb.accounts.models import Belonging


class SceneQuerySet(Belonging, models.QuerySet):
    to_workspace = "project__workspace"

    def in_sight(self):
        return self.filter(project__deleted_at=None)


class Scene(models.Model):
    """`position` orders the scenes of a film, from 0. `heading` and `text` are the script's, where there is one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="scenes")
    position = models.PositiveIntegerField()
    heading = models.CharField(gettext_lazy("heading"), max_length=200)
    text = models.TextField(blank=True)
    script_key = models.CharField(max_length=64, blank=True)  # which scene of the script it is; empty: made by hand
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SceneQuerySet.as_manager()

    class Meta:
        ordering = ["position", "created_at"]
        indexes = [models.Index(fields=["project", "position"])]

    def __str__(self):
        return self.heading

    @property
    def number(self):
        """What it is called on the board: counted from 1."""
        return self.position + 1

    @transaction.atomic
    def add(self):
        """Keep a new one, behind the others of its film."""
        last = self.project.scenes.aggregate(last=Max("position"))["last"]
        self.position = 0 if last is None else last + 1
        self.save(force_insert=True)
        return self

    @transaction.atomic
    def move(self, position):
        """Put it before the scene of its film that has this position now; the others close up."""
        scenes = list(self.project.scenes.exclude(pk=self.pk))
        scenes.insert(max(0, min(position, len(scenes))), self)
        for place, scene in enumerate(scenes):
            if scene.position != place:
                Scene.objects.filter(pk=scene.pk).update(position=place)
                scene.position = place

    @transaction.atomic
    def remove(self):
        """Away with it; the scenes behind it move up. Its deleted shots go to the scene before, or the one after."""
        others = self.project.scenes.exclude(pk=self.pk)
        heir = others.filter(position__lt=self.position).last() or others.first()
        if heir is None and self.shots.exists():
            return False  # deleted shots can still be brought back, and would have nowhere to be
        self.shots.update(scene=heir)
        self.delete()
        others.filter(position__gt=self.position).update(position=F("position") - 1)
        return True

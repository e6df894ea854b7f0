"""A shot: one planned view of the film's world, taken as often as wanted."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy

from generation.engine.request import CAMERA_MOVES, OWN_PATH, PROMPT_UNITS


class ShotQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The shots of `user`'s films, deleted ones and those of deleted projects left out."""
        if not user.is_authenticated:
            return self.none()
        return self.live().filter(project__workspace__memberships__user=user, project__deleted_at=None)

    def live(self):
        return self.filter(deleted_at=None)


class Shot(models.Model):
    """`position` orders the shots of a scene, from 0; `chosen` is the take that stands in the film.

    Everything else is what its next take is asked for. An empty `model` is the studio's default, an empty `camera` what
    the prompt says. `follows` is the shot whose chosen take's last frame is this one's first.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="shots")
    scene = models.ForeignKey("projects.Scene", on_delete=models.CASCADE, related_name="shots")
    position = models.PositiveIntegerField()
    title = models.CharField(gettext_lazy("title"), max_length=100, blank=True)
    prompt = models.TextField(gettext_lazy("prompt"), max_length=PROMPT_UNITS, blank=True)
    negative_prompt = models.TextField(max_length=PROMPT_UNITS, blank=True)
    camera = models.CharField(max_length=16, blank=True, choices=[(move, move) for move in (*CAMERA_MOVES, OWN_PATH)])
    camera_path = models.JSONField(default=list, blank=True)
    duration_seconds = models.FloatField(default=3)
    width = models.PositiveIntegerField(default=512)
    height = models.PositiveIntegerField(default=288)
    model = models.CharField(max_length=100, blank=True)
    follows = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="followed_by")
    chosen = models.ForeignKey("projects.Take", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    script_text = models.TextField(blank=True)  # the lines of the script it tells; empty: planned by hand
    script_key = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ShotQuerySet.as_manager()

    class Meta:
        ordering = ["scene__position", "position", "created_at"]
        indexes = [models.Index(fields=["scene", "position"]), models.Index(fields=["project", "deleted_at"])]

    def __str__(self):
        return f"{self.number} {self.title or self.prompt[:40]}".strip()

    @property
    def number(self):
        """What it is called on the board: “2.4” is the fourth shot of the second scene."""
        return f"{self.scene.number}.{self.position + 1}"

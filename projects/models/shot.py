"""A shot: one planned view of the film's world, taken as often as wanted."""

import uuid

from django.db import models, transaction
from django.db.models import Count, F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from generation.engine.request import CAMERA_MOVES, OWN_PATH, PROMPT_UNITS
from generation.models.status import IN_PROGRESS
from projects.cameras import camera_label
from runwayweb.accounts.models import Belonging, Right

from .pictured import Pictured
from .shooting import Shooting

SHORTEST_CLIP = 0.25  # seconds; less than a form of the studio lets one ask for


class ShotQuerySet(Belonging, models.QuerySet):
    to_workspace = "project__workspace"

    def in_sight(self):
        return self.live()

    def owned_by(self, user, right=Right.SEE):
        return super().owned_by(user, right).filter(project__deleted_at=None)

    def live(self):
        return self.filter(deleted_at=None)

    def with_what_boards_show(self):
        """Their scenes, chosen takes and how many takes there are, in one query; the newest run of each is asked for
        where none is chosen."""
        return self.select_related(
            "scene", "chosen__generation__asset", "follows__chosen__generation", "follows__scene"
        ).annotate(
            take_count=Count("takes", filter=Q(takes__generation__deleted_at=None)),
            running_count=Count("takes", filter=Q(takes__generation__status__in=IN_PROGRESS)),
        )


class Shot(Pictured, Shooting, models.Model):
    """`position` orders the shots of a scene, from 0; `chosen` is the take that stands in the film.

    Everything else is what its next take is asked for. An empty `model` is the studio's default, an empty `camera` what
    the prompt says. `given` holds its pictures, see `Pictured`. `follows` is the shot whose chosen take's last frame is
    this one's first.
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
    given = models.JSONField(default=list, blank=True)
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
    def camera_label(self):
        return camera_label(self.camera)

    @property
    def number(self):
        """What it is called on the board: “2.4” is the fourth shot of the second scene."""
        return f"{self.scene.number}.{self.position + 1}"

    @property
    def is_still(self):
        """Whether it is planned as a picture: no clip that can be asked for is so short."""
        return self.duration_seconds < SHORTEST_CLIP

    @property
    def awaits_poster(self):
        """Whether its chosen take is there, and what is shown of it on boards is not yet."""
        asset = self.chosen and self.chosen.generation.asset
        return bool(asset) and not asset.is_prepared

    @transaction.atomic
    def add(self):
        """Keep a new one, behind the others of its scene."""
        last = self.scene.shots.live().aggregate(last=Max("position"))["last"]
        self.position = 0 if last is None else last + 1
        self.project_id = self.scene.project_id
        self.save(force_insert=True)
        return self

    @transaction.atomic
    def move(self, *, scene, position):
        """Put it into a scene of its film before the shot that has this position now; the others close up."""
        there = list(scene.shots.live().exclude(pk=self.pk))
        there.insert(max(0, min(position, len(there))), self)
        if self.scene_id != scene.pk:
            left = list(self.scene.shots.live().exclude(pk=self.pk))
            self.scene = scene
            self.save(update_fields=["scene"])
            _in_order(left)
        _in_order(there)

    @transaction.atomic
    def duplicate(self):
        """The same plan once more, right behind it, without takes."""
        behind = self.scene.shots.live().filter(position__gt=self.position)
        behind.update(position=F("position") + 1)
        copied = (
            "project", "scene", "title", "prompt", "negative_prompt", "camera", "camera_path", "duration_seconds",
            "width", "height", "model", "given", "follows", "script_text", "script_key",
        )  # fmt: skip
        return Shot.objects.create(position=self.position + 1, **{name: getattr(self, name) for name in copied})

    @transaction.atomic
    def delete_softly(self):
        """Hide it; True if this call did. The others close up."""
        deleted = Shot.objects.live().filter(pk=self.pk).update(deleted_at=timezone.now())
        _in_order(self.scene.shots.live())
        return bool(deleted)

    @transaction.atomic
    def restore(self):
        """Bring it back, behind the others of its scene; True if this call did."""
        restored = Shot.objects.filter(pk=self.pk).exclude(deleted_at=None).update(deleted_at=None)
        if restored:
            self.refresh_from_db()
            self.move(scene=self.scene, position=10**6)
        return bool(restored)


def _in_order(shots):
    for position, shot in enumerate(shots):
        if shot.position != position:
            Shot.objects.filter(pk=shot.pk).update(position=position)
            shot.position = position

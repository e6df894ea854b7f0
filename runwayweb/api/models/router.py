"""Routing rules that a workspace keeps under a name, and what was decided by them."""

import uuid
from datetime import timedelta

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from runwayweb.accounts.models import Belonging
from runwayweb.api.errors import ApiError

MOST_ROUTERS = 100  # of a workspace
KEPT = timedelta(days=30)  # of decisions
SCHEMA_VERSION = 1


class RouterQuerySet(Belonging, models.QuerySet):
    def add(self, workspace, *, slug, name, description, settings):
        """A new router. Raises ApiError where the slug is taken or there are too many."""
        if self.filter(workspace=workspace).count() >= MOST_ROUTERS:
            raise ApiError(400, f"A workspace has at most {MOST_ROUTERS} routers. Delete one that is not used.")
        try:
            with transaction.atomic():
                return self.create(
                    workspace=workspace, slug=slug, name=name or slug, description=description, settings=settings
                )
        except IntegrityError:
            raise ApiError(
                409, f"A router is called “{slug}” already. Choose another slug, or change that one."
            ) from None


class Router(models.Model):
    """`settings` as the wire has them; `version` counts their changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="routers")
    slug = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, null=True)
    settings = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RouterQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["workspace", "slug"], name="router_slug_once")]

    def __str__(self):
        return self.slug

    @property
    def optimize_for(self):
        return self.settings.get("optimizeFor", "cost")

    @property
    def falls_back(self):
        """Whether a model whose places are taken is passed over."""
        return bool(self.settings.get("fallback", {}).get("onCapacity"))

    def ceiling(self, modality):
        """The most credits that a run of "video", "image" or "audio" may cost; None: no such limit."""
        return (self.settings.get("maxCreditsPerGeneration") or {}).get(modality)

    def allows(self, names):
        """Whether a model that goes by any of these names may be chosen."""
        told = self.settings.get("models")
        if not told:
            return True
        named = bool(set(told["ids"]) & set(names))
        return named if told["mode"] == "allowlist_only" else not named

    def change(self, *, settings=None, **told):
        """Set what is told; other settings make a new version."""
        if settings is not None and settings != self.settings:
            self.settings, self.version = settings, self.version + 1
        for name, value in told.items():
            setattr(self, name, value)
        self.save()


class DecisionQuerySet(models.QuerySet):
    def sweep(self):
        return self.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


class Decision(models.Model):
    """One request that came to a router, and how a model was found for it, or why none was."""

    class Status(models.TextChoices):
        ROUTED = "routed"
        NO_MODEL = "no_eligible_model"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    router = models.ForeignKey(Router, on_delete=models.CASCADE, related_name="decisions")
    request_id = models.CharField(max_length=32)
    status = models.CharField(max_length=32, choices=Status)
    model = models.CharField(max_length=100, null=True)
    provider = models.CharField(max_length=100, null=True)
    reason = models.CharField(max_length=255, null=True)
    reason_code = models.CharField(max_length=32, null=True)
    estimated_credits = models.PositiveIntegerField(null=True)
    pipeline = models.JSONField(default=list)
    emptied_by = models.JSONField(default=list)
    task = models.ForeignKey("api.Task", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["router", "-created_at", "-id"], name="decision_newest_first")]

    def __str__(self):
        return f"{self.status} {self.model or ''}".strip()

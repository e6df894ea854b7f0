"""A link by which somebody outside looks at a film: until it expires or is taken back, perhaps behind a password."""

import uuid

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy

from runwayweb.accounts.models import AuditEntry, Belonging
from runwayweb.assets.models import Asset

from .export import Export
from .shot import Shot
from .take import Take
from .timeline import Timeline

SIGNER = signing.Signer(salt="projects.share")
MOST = 50  # open links of a film
EXPORTS = 6  # finished films that a link shows; the newest


class ShareQuerySet(Belonging, models.QuerySet):
    to_workspace = "project__workspace"

    def in_sight(self):
        return self.filter(project__deleted_at=None)

    def open(self):
        """Those that show their film now."""
        return self.in_sight().filter(
            revoked_at=None,
            taken_down_at=None,
            expires_at__gt=timezone.now(),
            project__workspace__suspended_at=None,
        )

    def of_link(self, token):
        """The row that a link was made for, whatever became of it; None where it is none."""
        try:
            id = uuid.UUID(SIGNER.unsign(token))
        except (signing.BadSignature, ValueError):
            return None
        return self.filter(pk=id).select_related("project__workspace").first()

    @transaction.atomic
    def make(self, project, *, by, expires_at, name="", password=""):
        """A link to a film. `password`: what it asks for, kept as a hash; empty: nothing."""
        hashed = make_password(password) if password else ""
        share = self.create(project=project, by=by, name=name, password=hashed, expires_at=expires_at)
        share._record("share.made", by)
        return share


class Share(models.Model):
    """`name` is for whoever made it: whom the link is for. What it shows is what the film is today."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="shares")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(gettext_lazy("name"), max_length=80, blank=True)
    password = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    taken_down_at = models.DateTimeField(null=True, blank=True)  # by the operator
    looks = models.PositiveIntegerField(default=0)
    looked_at = models.DateTimeField(null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return self.name or f"{self.project}, {self.created_at:%Y-%m-%d}"

    # Questions

    @property
    def token(self):
        """What its link says. It can be said again, so that it can be copied again."""
        return SIGNER.sign(self.pk.hex)

    @property
    def is_open(self):
        project = self.project
        closed = self.revoked_at or self.taken_down_at or project.deleted_at or project.workspace.is_suspended
        return not closed and self.expires_at > timezone.now()

    @property
    def key(self):
        """What a browser keeps that knew the password; another password is another key."""
        return salted_hmac("projects.share", f"{self.pk}{self.password}", algorithm="sha256").hexdigest()

    def knows(self, password):
        return check_password(password, self.password)

    @property
    def shots(self):
        """The shots of the film whose chosen take is there to be looked at, in its order. One query."""
        shots = Shot.objects.live().filter(project=self.project_id, chosen__generation__deleted_at=None)
        shots = shots.filter(
            chosen__generation__asset__in=Asset.objects.live(), chosen__generation__asset__state="ready"
        )
        return shots.select_related("scene", "chosen__generation__asset").order_by(
            "scene__position", "scene__created_at", "position", "created_at"
        )

    @property
    def exports(self):
        """The newest finished films. One query."""
        exports = Export.objects.filter(project=self.project_id, status=Export.Status.SUCCEEDED)
        exports = exports.filter(
            asset__in=Asset.objects.live(), asset__state="ready", asset__media_type__startswith="video/"
        )
        return exports.select_related("asset")[:EXPORTS]

    def assets(self):
        """Whatever of the film is looked at through it; nothing once it is closed."""
        return self.shown_assets() if self.is_open else Asset.objects.none()

    def shown_assets(self):
        """What it shows, or would if it were open."""
        shown = Q(pk__in=self.shots.order_by().values("chosen__generation__asset"))
        return Asset.objects.live().filter(shown | Q(pk__in=[export.asset_id for export in self.exports]))

    def material(self):
        """What its finished films were made of, whichever takes the shots have now; nothing that another film has too,
        as a piece of music may be."""
        made_of = {pk for export in self.exports for pk in export.sources.values()}
        others = Timeline.objects.of_films(self.project.workspace_id).exclude(project=self.project_id)
        takes = Take.objects.live().exclude(shot__project=self.project_id).filter(generation__asset__in=made_of)
        return Asset.objects.filter(pk__in=made_of - others.files()).exclude(pk__in=takes.values("generation__asset"))

    # Verbs

    @transaction.atomic
    def revoke(self, *, by):
        """Show nothing any more, at once; True if this call did it."""
        revoked = Share.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now())
        if revoked:
            self._record("share.revoked", by)
        return bool(revoked)

    def look(self):
        """Somebody looks at the film."""
        Share.objects.filter(pk=self.pk).update(looks=F("looks") + 1, looked_at=timezone.now())

    def _record(self, action, by):
        AuditEntry.objects.record(self.project.workspace, by, action, self.project.name, link=self.name or "–")

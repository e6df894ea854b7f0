"""The film's cut, kept with a version so that two windows never overwrite each other."""

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.cut import BadCut, Cut, Source, read_cut
from runwayweb.assets.models import Asset

from .shot import Shot
from .take import Take


class Conflict(Exception):
    """Another window saved the cut first; `version` is what it stands at now."""

    def __init__(self, version):
        super().__init__(f"The cut is at version {version}.")
        self.version = version


class TimelineQuerySet(models.QuerySet):
    def of(self, project):
        """The timeline of a project, made when it is first asked for."""
        return self.get_or_create(project=project, defaults={"document": Cut().as_document()})[0]

    def of_films(self, workspace):
        """Those of a workspace's films that are not in the trash."""
        return self.filter(project__workspace=workspace, project__deleted_at=None)

    def files(self):
        """The ids, as text, of the files that these cuts have by themselves and not as a shot's. One query."""
        return {source.id for timeline in self for source in timeline.sources if source.kind == "asset"}


class Timeline(models.Model):
    """`document` is a Cut as JSON; `version` counts its savings."""

    project = models.OneToOneField("projects.Project", on_delete=models.CASCADE, related_name="timeline")
    document = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(auto_now_add=True)

    objects = TimelineQuerySet.as_manager()

    def __str__(self):
        return f"{self.project}, version {self.version}"

    @property
    def cut(self):
        return read_cut(self.document)

    @property
    def sources(self):
        """The Sources in the cut; none of one that cannot be read."""
        try:
            return self.cut.sources()
        except BadCut:
            return set()

    def save_cut(self, document, *, version, by):
        """Keep a cut that was made from `version`. Raises BadCut, or Conflict when somebody saved in between."""
        cut = read_cut(document)
        self.check_sources(cut)
        saved = Timeline.objects.filter(pk=self.pk, version=version).update(
            document=cut.as_document(), version=version + 1, saved_by=by, saved_at=timezone.now()
        )
        self.refresh_from_db()
        if not saved:
            raise Conflict(self.version)
        return cut

    def assemble(self, *, by):
        """Lay the chosen takes of all shots into the first video track, one after the other, in the film's order.

        What lay there before goes; the other tracks stay. How many clips there are now. Raises Conflict.
        """
        shots = Shot.objects.live().filter(project=self.project_id).select_related("chosen__generation__asset")
        document, at, clips = self.cut.as_document(), 0, []
        for shot in shots:
            asset = shot.chosen and shot.chosen.generation.asset
            if asset is None or asset.is_sound:
                continue
            frames = max(1, round((asset.duration_seconds or shot.duration_seconds) * document["fps"]))
            source = {"kind": "shot", "id": str(shot.pk)}
            clips.append({"id": f"shot-{len(clips)}", "at": at, "frames": frames, "source": source})
            at += frames
        track = next((track for track in document["tracks"] if track["kind"] == "video"), None)
        if track is None:
            track = {"id": "v1", "kind": "video", "name": "V1"}
            document["tracks"].insert(0, track)
        track["clips"] = clips
        self.save_cut(document, version=self.version, by=by)
        return len(clips)

    def check_sources(self, cut):
        """Raises BadCut where a clip's source is not of this film, or not of its workspace's library. Three queries."""
        for source in cut.sources() - set(self.assets_of(cut.sources(), strict=False)):
            raise BadCut(
                _("The %(kind)s of a clip is not in this film any more. Take the clip out.") % {"kind": source.kind}
            )

    @transaction.atomic
    def assets_of(self, sources, *, strict=True):
        """{Source: Asset or None}: what each shows or plays today; None for a shot without a chosen take.

        With `strict`, raises KeyError for a source that is not of this film. Three queries at most.
        """
        ids = {kind: [source.id for source in sources if source.kind == kind] for kind in ("shot", "take", "asset")}
        film = {"project": self.project_id}
        shots = Shot.objects.filter(pk__in=ids["shot"], **film).select_related("chosen__generation__asset")
        takes = Take.objects.filter(pk__in=ids["take"], shot__project=self.project_id).select_related(
            "generation__asset"
        )
        library = Asset.objects.filter(pk__in=ids["asset"], workspace=self.project.workspace_id)
        found = {
            **{Source("shot", str(shot.pk)): shot.chosen and shot.chosen.generation.asset for shot in shots},
            **{Source("take", str(take.pk)): take.generation.asset for take in takes},
            **{Source("asset", str(asset.pk)): asset for asset in library},
        }
        if strict:
            return {source: found[source] for source in sources}
        return found

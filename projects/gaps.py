"""A gap in the cut, filled by a new shot of exactly its length between the frames on both its sides."""

import secrets
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from projects.cut import BadCut, Clip, Cut
from projects.inputs import engine_for
from projects.models import Shot, Timeline
from runwayweb.assets.models import Asset


@dataclass(frozen=True)
class Gap:
    """Frames of a video track from `at` on where nothing lies, between two clips or before the first."""

    track: str
    at: int
    frames: int
    before: Clip | None
    after: Clip


@dataclass(frozen=True)
class Filled:
    """The shot that is to be taken, and the pictures it is given to begin and end with where there are some."""

    shot: Shot
    first_frame: Asset | None
    last_frame: Asset | None


def gap_at(cut: Cut, track_id: str, at: int) -> Gap:
    """The gap in which a frame of a track lies. Raises BadCut where there is none."""
    track = next((track for track in cut.tracks if track.id == track_id and track.kind == "video"), None)
    clips = track.clips if track else ()
    before = next((clip for clip in reversed(clips) if clip.at <= at), None)
    after = next((clip for clip in clips if clip.at > at), None)
    begins = before.end if before else 0
    if after is None or begins > at:
        raise BadCut(_("There is no gap here any more. Load the page again."))
    return Gap(track_id, begins, after.at - begins, before, after)


@transaction.atomic
def fill(timeline: Timeline, track_id: str, at: int, *, by) -> Filled:
    """Plan a shot for a gap of the cut as it was saved, and lay it in: the clip follows whichever take is chosen.

    Raises BadCut, Conflict, and what `Asset.keep_frame` raises.
    """
    cut = timeline.cut
    gap = gap_at(cut, track_id, at)
    neighbours = [clip.source for clip in (gap.before, gap.after) if clip and clip.source]
    assets = timeline.assets_of(neighbours, strict=False)
    frames = [_frame(cut, assets, gap.before, -1), _frame(cut, assets, gap.after, 0)]
    shot = _planned(timeline, gap, neighbours, cut, frames)
    document = cut.as_document()
    track = next(track for track in document["tracks"] if track["id"] == track_id)
    source = {"kind": "shot", "id": str(shot.pk)}
    track["clips"].append({"id": f"gap-{secrets.token_hex(4)}", "at": gap.at, "frames": gap.frames, "source": source})
    timeline.save_cut(document, version=timeline.version, by=by)
    return Filled(shot, *frames)


def _frame(cut, assets, clip, k):
    """The picture that is seen at frame `k` of a clip, from its end where that is negative; None where nothing is."""
    asset = assets.get(clip.source) if clip else None
    if asset is None or asset.is_sound or not asset.file:
        return None
    return asset.keep_frame(clip.source_frame(k % clip.frames, asset.fps or cut.fps, cut.fps))


def _planned(timeline, gap, neighbours, cut, frames):
    beside = _shots(timeline, neighbours)
    scene = beside[0].scene if beside else timeline.project.scenes.last()
    if scene is None:
        scene = timeline.project.scenes.create(position=0, heading=_("Scene"))
    kept = (
        {name: getattr(beside[0], name) for name in ("prompt", "negative_prompt", "width", "height")} if beside else {}
    )
    shot = Shot(
        scene=scene,
        title=_("Between %(shots)s") % {"shots": " – ".join(shot.number for shot in beside)} if beside else "",
        duration_seconds=round(gap.frames / cut.fps, 3),
        model=engine_for("first_frame", "last_frame") or "",
        given=[
            {"role": role, "asset": str(frame.pk)}
            for role, frame in zip(("first_frame", "last_frame"), frames, strict=True)
            if frame
        ],
        **kept,
    ).add()
    if beside and gap.before:
        shot.move(scene=scene, position=beside[0].position + 1)
    return shot


def _shots(timeline, sources):
    """The shots that sources are of, in the sources' order."""
    shots = []
    for source in sources:
        found = Shot.objects.live().filter(project=timeline.project_id).select_related("scene")
        if source.kind == "shot":
            shots += found.filter(pk=source.id)
        elif source.kind == "take":
            shots += found.filter(takes=source.id)
    return shots

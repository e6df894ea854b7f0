"""A gap in the cut, filled by a new shot as long as it is between the frames on both its sides."""

import math
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from generation.engine import catalogue
from generation.engine.card import ModelCard
from projects.cut import BadCut, Clip, Cut
from projects.forms import LENGTH_SECONDS
from projects.inputs import engine_for
from projects.models import Shot, Timeline
from projects.models.shooting import default_card
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
class Length:
    """How long a take for a gap is, and of how many frames of the cut the clip: never more than the gap has.

    `told` is a sentence where a take cannot be just as long as the gap, else empty.
    """

    seconds: float
    frames: int
    told: str = ""


@dataclass(frozen=True)
class Filled:
    """The shot that is to be taken, and the pictures it is given to begin and end with where there are some."""

    shot: Shot
    first_frame: Asset | None
    last_frame: Asset | None
    length: Length


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
    model = engine_for("first_frame", "last_frame") or ""
    length = length_for(gap.frames, cut.fps, catalogue.card(model) if model else default_card())
    reaches = length.frames == gap.frames  # as far as the clip after it
    first = _frame(cut, assets, gap.before, -1)
    last = _frame(cut, assets, gap.after, 0) if reaches else None
    shot = _planned(timeline, gap, neighbours, length.seconds, model, (first, last))
    document = cut.as_document()
    track = next(track for track in document["tracks"] if track["id"] == track_id)
    source = {"kind": "shot", "id": str(shot.pk)}
    track["clips"].append(
        {"id": f"gap-{secrets.token_hex(4)}", "at": gap.at, "frames": length.frames, "source": source}
    )
    timeline.save_cut(document, version=timeline.version, by=by)
    return Filled(shot, first, last, length)


def length_for(frames: int, fps: int, card: ModelCard) -> Length:
    """The Length of a take of an engine for so many frames of a cut.

    A take has whole frames of its engine's rate: no fewer than the gap needs, so that the clip shows nothing but take.
    """
    least, most = (
        math.ceil(LENGTH_SECONDS[0] * card.fps),
        math.floor(min(LENGTH_SECONDS[1], card.max_seconds) * card.fps),
    )
    needed = -(-frames * card.fps // fps)
    count = min(max(needed, least), most)
    told = {
        "gap": number_format(f"{frames / fps:.3g}"),
        "take": number_format(f"{count / card.fps:.3g}"),
        "model": card.name,
        "fps": card.fps,
    }
    said = ""
    if needed > most:
        frames = count * fps // card.fps
        said = _(
            "The gap is %(gap)s seconds long, and a take at most %(take)s: it fills the beginning. Fill the rest, too."
        )
    elif needed < least:
        said = _("A take is at least %(take)s seconds long, and the gap %(gap)s: the cut shows the beginning of it.")
    elif count * fps != frames * card.fps:
        said = _(
            "%(model)s draws %(fps)d frames a second: a take has %(take)s seconds, and the cut shows %(gap)s of them."
        )
    return Length(round(count / card.fps, 3), frames, said % told if said else "")


def _frame(cut, assets, clip, k):
    """The picture that is seen at frame `k` of a clip, from its end where that is negative; None where nothing is."""
    asset = assets.get(clip.source) if clip else None
    if asset is None or asset.is_sound or not asset.file:
        return None
    return asset.keep_frame(clip.source_frame(k % clip.frames, asset.fps or cut.fps, cut.fps))


def _planned(timeline, gap, neighbours, seconds, model, frames):
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
        duration_seconds=seconds,
        model=model,
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

"""A clip of a cut that came back longer than its take: what is missing becomes a shot of its own, laid in behind it."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from generation.models.requested import Joins
from projects.cut import Source, read_cut
from projects.export.comeback import Longer, longer_clips
from projects.export.media import film_media, only_media
from projects.forms import LENGTH_SECONDS
from projects.inputs import engine_to_join
from projects.models import Shot, Take, Timeline

OF_THE_END = ("fade_out", "fade_to_black")


@dataclass(frozen=True)
class GoingOn:
    """A new shot in which a take goes on. `of_the_shot`: an engine here can go on with the very shot, cast and all."""

    shot: Shot
    take: Take
    of_the_shot: bool


def with_their_takes(longer: Iterable[Longer], project) -> list[tuple[Longer, Take]]:
    """The clips that want more of their takes than there is, with those. Two queries."""
    sources = [(one, one.clip.source) for one in longer if one.clip.source]
    ids = {kind: [source.id for _one, source in sources if source.kind == kind] for kind in ("shot", "take")}
    shown = ("shot__scene", "shot__project", "generation__asset")
    takes = Take.objects.filter(shot__project=project, pk__in=ids["take"]).select_related(*shown)
    found: dict[Source, Take | None] = {Source("take", str(take.pk)): take for take in takes}
    shots = Shot.objects.filter(project=project, pk__in=ids["shot"])
    for shot in shots.select_related(*(f"chosen__{name}" for name in shown)):
        found[Source("shot", str(shot.pk))] = shot.chosen
    return [(one, take) for one, source in sources if (take := found.get(source))]


@transaction.atomic
def take_over(timeline: Timeline, document, *, version: int, by, going_on: Collection[str] = ()) -> list[GoingOn]:
    """Keep a cut that came back. Of its clips with the ids `going_on`, those that are longer than their takes end with
    them; behind each a new shot of the missing length is planned and laid in, which begins with the take's last frame.

    Raises BadCut, Conflict, and what `Generation.still` raises.
    """
    cut = read_cut(document)
    document = cut.as_document()
    clips = {clip["id"]: (track["clips"], clip) for track in document["tracks"] for clip in track["clips"]}
    longer = longer_clips(cut, only_media(film_media(timeline)))
    wanted = [one for one in longer if one.clip.id in going_on and one.frames < one.clip.frames]
    planned = []
    for one, take in with_their_takes(wanted, timeline.project):
        going = _planned(take, one.frames / cut.fps)
        _lay_behind(*clips[one.clip.id], one.frames, going.shot)
        planned.append(going)
    timeline.save_cut(document, version=version, by=by)
    return planned


def _planned(take, seconds):
    run = take.generation
    engine, of_the_shot = engine_to_join(run, Joins.AFTER)
    least, most = LENGTH_SECONDS
    shot = Shot(
        scene=take.shot.scene,
        title=_("%(shot)s goes on") % {"shot": take.shot.title[:80] or take.shot.number},
        duration_seconds=round(min(most, max(least, seconds)), 3),
        model=engine or "",
        camera="" if of_the_shot else run.request.get("camera") or "",  # it stays where it came to rest
        **{name: run.request[name] for name in ("prompt", "negative_prompt", "width", "height")},
    )
    if take.is_chosen:
        shot.follows = take.shot
    else:
        shot.given = [{"role": "first_frame", "asset": str(run.still("last").pk)}]
    shot.add()
    take.shot.refresh_from_db(fields=["position"])
    shot.move(scene=take.shot.scene, position=take.shot.position + 1)
    return GoingOn(shot, take, of_the_shot)


def _lay_behind(clips, clip, frames, shot):
    """Let a clip of a document end `frames` earlier, and the shot fill its place; what ended it ends the shot."""
    clip["frames"] -= frames
    if clip["transition"]:
        clip["transition"]["frames"] = min(clip["transition"]["frames"], clip["frames"])
    clip["fade_in"] = min(clip["fade_in"], clip["frames"])
    ends = {name: min(frames, clip.pop(name)) for name in OF_THE_END if name in clip}
    kept = {name: clip[name] for name in ("volume_db", "muted") if name in clip}
    laid = {"id": f"on-{secrets.token_hex(4)}", "at": clip["at"] + clip["frames"], "frames": frames}
    clips.append(laid | kept | ends | {"source": {"kind": "shot", "id": str(shot.pk)}})

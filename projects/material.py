"""What the clips of a cut are made of, as the timeline shows and plays it: JSON for each source."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from projects.cut import Source
from projects.models import Shot, Take, Timeline
from runwayweb.assets.models import Asset

SHELF = 60  # files of the library that are offered at once
NAME = 60  # letters


def material_of(
    timeline: Timeline, sources: Iterable[Source], rewritten: Collection[UUID] = ()
) -> dict[str, dict[str, Any]]:
    """{"shot:<id>": what `material` says} of all that are of this film, so many queries however many there are.

    rewritten: the ids of the shots whose lines are not in the script any more.
    """
    sources = list(sources)
    assets = timeline.assets_of(sources, strict=False)
    shots = _shots(timeline, [source.id for source in sources if source.kind == "shot"])
    takes = _takes(timeline, [source.id for source in sources if source.kind == "take"])
    told = {}
    for source, asset in assets.items():
        told[f"{source.kind}:{source.id}"] = material(
            source, asset, shot=shots.get(source.id), take=takes.get(source.id), rewritten=rewritten
        )
    return told


def material(
    source: Source,
    asset: Asset | None,
    *,
    shot: Shot | None = None,
    take: Take | None = None,
    rewritten: Collection[UUID] = (),
):
    """One source: what it is called, what plays it, and how long it is; `state` says why there is nothing to play.

    `frames` counts those of the file at its own `fps`; both are 0 for what has no pictures or stands still.
    """
    told: dict[str, Any] = {"kind": source.kind, "id": source.id, "name": _name(asset, shot, take), "state": "none"}
    if shot := shot or (take.shot if take else None):
        told |= {"mark": shot.number, "url": reverse("projects:shot", args=[shot.pk])}
        standing = take or shot.chosen
        told["take"] = standing.number if standing else 0
        told["take_id"] = str(standing.pk) if standing else ""
        told["seconds"] = shot.duration_seconds  # as planned, until there is a take
        told["stale"] = bool(standing and standing.stale_because)
        told["rewritten"] = shot.pk in rewritten
        if asset is None and vars(shot).get("running_count"):
            told["state"] = "running"
    if asset is None or not asset.is_ready or not asset.file:
        return told
    frames = asset.frame_count or round(asset.duration_seconds * asset.fps) if asset.is_clip else 0
    return told | {
        "state": "ready",
        "shows": _shows(asset),
        "file": _address(asset, asset.playing),
        "has_sound": asset.is_sound or asset.has_sound,
        "asset": str(asset.pk),
        "fps": asset.fps if asset.is_clip else 0,
        "frames": frames,
        "seconds": asset.duration_seconds,
        "ratio": asset.width / asset.height if asset.width and asset.height else 0,
        "poster": _address(asset, "poster.webp") if asset.poster else "",
        "sprite": _address(asset, "sprite.webp") if asset.sprite else "",
        "columns": asset.sprite_columns,
        "count": asset.sprite_count,
        "peaks": asset.peaks,
        "waveform": _address(asset, "waveform.json") if asset.waveform else "",
    }


def takes_to_lay(timeline: Timeline, rewritten: Collection[UUID] = ()) -> list[dict[str, Any]]:
    """The shots of the film in its order, each {"shot", "material"}: its chosen take stands for it."""
    return [
        {
            "shot": shot,
            "material": material(Source("shot", id), _asset(shot.chosen), shot=shot, rewritten=rewritten),
        }
        for id, shot in _shots(timeline).items()
    ]


def takes_of(timeline: Timeline, shot: Shot) -> list[dict[str, Any]]:
    """The takes of a shot that can be seen, newest first, each {"take", "material"}: a clip of one stays with it."""
    shot.project = timeline.project  # whose cast is looked at once
    told = []
    for take in shot.takes.live().select_related("generation__asset").order_by("-number"):
        shown = material(Source("take", str(take.pk)), _asset(take), take=take)
        if shown["state"] == "ready":
            told.append({"take": take, "material": shown})
    return told


def files_to_lay(project, query="") -> list[dict[str, Any]]:
    """The newest files of the library that a search finds, each {"asset", "material"}."""
    assets = Asset.objects.ready().filter(workspace=project.workspace_id).in_library()
    assets = assets.exclude(origin=Asset.Origin.API)
    if query:
        assets = assets.said(query)
    newest = assets.order_by("-created_at")[:SHELF]
    return [{"asset": asset, "material": material(Source("asset", str(asset.pk)), asset)} for asset in newest]


def _shots(timeline, ids=None) -> Mapping[str, Shot]:
    shots = Shot.objects.live().filter(project=timeline.project_id).with_what_boards_show()
    if ids is not None:
        shots = shots.filter(pk__in=ids)
    found = {}
    for shot in shots.order_by("scene__position", "position", "created_at"):
        shot.project = timeline.project  # whose cast is looked at once
        if shot.chosen:
            shot.chosen.shot = shot
        found[str(shot.pk)] = shot
    return found


def _takes(timeline, ids) -> Mapping[str, Take]:
    if not ids:
        return {}
    takes = Take.objects.filter(pk__in=ids, shot__project=timeline.project_id).select_related(
        "shot__scene", "shot__follows__chosen__generation", "generation"
    )
    found = {}
    for take in takes:
        take.shot.project = timeline.project
        found[str(take.pk)] = take
    return found


def _asset(take):
    return take and take.generation.asset


def _name(asset, shot, take):
    if shot := shot or (take.shot if take else None):
        return Truncator(shot.title or shot.prompt).chars(NAME) or _("Not planned yet")
    return Truncator(asset.name).chars(NAME)


def _shows(asset):
    if asset.is_sound:
        return "sound"
    return "clip" if asset.is_clip else "captions" if asset.is_captions else "picture"


def _address(asset, name):
    return reverse("assets:file", args=[asset.pk, name])

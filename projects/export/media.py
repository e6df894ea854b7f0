"""The files of a film under names that say what they are: for editors' tools, packages and bundles."""

from pathlib import Path

from projects.cut import Source
from projects.export.interchange import Media, safe_name
from projects.models import Shot, Take


def film_media(timeline):
    """{Source: (Asset, Media)} of all that a film can show: its takes, its shots, and what its cut holds besides.

    None for a shot without a chosen take. Five queries, whatever the size of the film.
    """
    project = timeline.project
    takes = Take.objects.live().filter(shot__project=project).exclude(generation__asset=None)
    found = {}
    for take in takes.select_related("shot__scene", "generation__asset"):
        found[Source("take", str(take.pk))] = _of_take(take, timeline.cut.fps)
    shots = Shot.objects.live().filter(project=project).select_related("scene", "chosen__generation__asset")
    for shot in shots:
        if shot.chosen:
            shot.chosen.shot = shot
        shown = shot.chosen and shot.chosen.generation.asset
        found[Source("shot", str(shot.pk))] = _of_take(shot.chosen, timeline.cut.fps) if shown else None
    others = {source for source in timeline.cut.sources() if source not in found}
    for source, asset in timeline.assets_of(others, strict=False).items():
        found[source] = (asset, media_of(asset, Path(asset.name).stem, timeline.cut.fps)) if asset else None
    return found


def only_media(found):
    """The same without the assets."""
    return {source: pair and pair[1] for source, pair in found.items()}


def media_of(asset, name, fps, **facts):
    """How an asset is told to editors' tools, in a cut of `fps`."""
    ending = Path(asset.file_name).suffix
    rate = asset.fps if asset.is_clip else 0
    return Media(
        name=f"{safe_name(name)}-{str(asset.pk)[:8]}{ending}",
        fps=rate,
        frames=max(1, round(asset.duration_seconds * (rate or fps))),
        has_sound=asset.has_sound or asset.is_sound,
        has_picture=not asset.is_sound,
        facts=facts,
    )


def _of_take(take, fps):
    generation = take.generation
    name = f"{take.shot.number}-{take.shot.title or 'shot'}-take-{take.number}"
    facts = {"take": take.number, "model": generation.model, "sha256": generation.asset.sha256}
    facts |= {"request": generation.request, "recipe": generation.recipe}
    return generation.asset, media_of(generation.asset, name, fps, **facts)

"""The files of a film under names that say what they are: for editors' tools, packages and bundles."""

from pathlib import Path

from generation.models import Generation
from projects.cut import Source
from projects.export.interchange import Media, safe_name
from projects.models import Shot, Take


def film_media(timeline, shown=None):
    """{Source: (Asset, Media)} of all that a film can show: its takes, its shots, and what its cut holds besides.

    `shown`: what the cut shows, {Source: Asset}, where that was frozen (`Export.assets`): nothing that was chosen or
    deleted since counts. None for a shot without a chosen take, and for what the operator took down. Six queries,
    whatever the size of the film.
    """
    project, fps = timeline.project, timeline.cut.fps
    takes = Take.objects.live().filter(shot__project=project, generation__asset__taken_down_at=None)
    takes = takes.exclude(generation__asset=None)
    found = {}
    for take in takes.select_related("shot__scene", "generation__asset"):
        found[Source("take", str(take.pk))] = _of_take(take, fps)
    shots = Shot.objects.live().filter(project=project).select_related("scene", "chosen__generation__asset")
    for shot in shots:
        if shot.chosen:
            shot.chosen.shot = shot
        seen = shot.chosen and _seen(shot.chosen.generation.asset)
        found[Source("shot", str(shot.pk))] = _of_take(shot.chosen, fps) if seen else None
    if shown is None:
        others = timeline.assets_of({one for one in timeline.cut.sources() if one not in found}, strict=False)
        return found | _of_assets(others, fps)
    return found | _of_assets(dict.fromkeys(timeline.cut.sources()) | shown, fps, project)


def _of_assets(shown, fps, project=None):
    """The same of what sources show, with the run that made it; under the name of its take where `project` has one."""
    runs = Generation.objects.filter(asset__in=[asset for asset in shown.values() if asset]).order_by("created_at")
    made = {run.asset_id: run for run in runs}
    takes = Take.objects.filter(shot__project=project, generation__asset__in=made) if project else Take.objects.none()
    laid_in = {take.generation.asset_id: take for take in takes.select_related("shot__scene", "generation__asset")}
    found = {}
    for source, asset in shown.items():
        if _seen(asset) is None:
            found[source] = None
        elif asset.pk in laid_in and source.kind != "asset":
            found[source] = _of_take(laid_in[asset.pk], fps)
        else:
            facts = _facts(asset, made.get(asset.pk))
            found[source] = (asset, media_of(asset, Path(asset.name).stem, fps, **facts))
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


def _seen(asset):
    return asset if asset and asset.taken_down_at is None else None


def _of_take(take, fps):
    asset = take.generation.asset
    name = f"{take.shot.number}-{take.shot.title or 'shot'}-take-{take.number}"
    return asset, media_of(asset, name, fps, take=take.number, **_facts(asset, take.generation))


def _facts(asset, run):
    """What travels with a file: its SHA-256; of what a run made the model, the request and the recipe."""
    made = {"model": run.model, "request": run.request, "recipe": run.recipe} if run else {}
    return {"sha256": asset.sha256} | made

"""What the studio itself knows of a file that somebody brings: which takes it came from, one before the other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from generation.engine import catalogue
from generation.models import Generation, Input
from projects.models import Export

STEPS = 100


@dataclass(frozen=True)
class Step:
    """One thing that was made: by what, when, as what. `prompt` is "" where its owner does not show it."""

    what: str
    model: str
    when: datetime | None
    prompt: str = ""


def known_steps(sha256: str) -> list[Step]:
    """How a file of these bytes came to be here, the last step first; [] for what was not made here."""
    export = Export.objects.filter(asset__sha256=sha256).select_related("asset", "project").first()
    if export and export.asset:
        steps = [Step(_("A film, cut and rendered"), "Runwayweb", export.asset.created_at)]
        return steps + _before([asset.pk for asset in export.assets().values()])
    made = Generation.objects.filter(asset__sha256=sha256).order_by("created_at").first()
    return _before([made.asset_id]) if made else []


def _before(assets: list[Any]) -> list[Step]:
    """The runs that made these assets, then those that made what those were given, and so on."""
    steps: list[Step] = []
    seen: set[Any] = set()
    while assets and len(steps) < STEPS:
        runs = Generation.objects.filter(asset__in=assets).select_related("project", "asset").order_by("-created_at")
        seen |= set(assets)
        found, following = set(), []
        for run in runs.prefetch_related("inputs"):
            if run.asset_id in found:  # a copied film shares its files
                continue
            found.add(run.asset_id)
            steps.append(_step(run))
            following += [one.asset_id for one in run.inputs.all() if one.asset_id not in seen]
        assets = following
    return steps[:STEPS]


def _step(run):
    try:
        model = catalogue.card(run.model).name
    except catalogue.ModelNotFound:
        model = run.model
    prompt = run.request.get("prompt", "") if run.project.shows_prompts else ""
    return Step(_what(run), model, run.finished_at, prompt)


def _what(run):
    changed = any(one.role in (Input.Role.VIDEO, Input.Role.SOUND) for one in run.inputs.all())
    if run.asset.is_sound:
        return _("A sound, made from an earlier one") if changed else _("A sound, made with AI")
    if run.asset.is_clip:
        return _("A clip, made from an earlier one") if changed else _("A clip, made with AI")
    return _("A picture, made from an earlier one") if changed else _("A picture, made with AI")

"""Where the files of the library are used: what would miss them if they were deleted for good."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from generation.models import Input
from projects.cut import Source
from projects.models import Shot, Take, Timeline, View


@dataclass(frozen=True)
class Use:
    """One place in words: “shot 2.4 of “The Fox””; and its address."""

    what: str
    url: str


def uses_of(assets):
    """{asset id: its Uses}, of assets of one workspace: takes, cuts, the world, what shots are planned with and runs
    were given. Five queries.

    The clip's own card is none: it goes when its clip does.
    """
    assets = list(assets)
    ids = [asset.pk for asset in assets]
    uses = defaultdict(list)
    if not ids:
        return uses
    takes = Take.objects.live().filter(generation__asset__in=ids, shot__project__deleted_at=None)
    for take in takes.select_related("shot__scene", "shot__project", "generation"):
        chosen = take.shot.chosen_id == take.pk
        words = (
            _("the chosen take of shot %(shot)s in “%(film)s”")
            if chosen
            else _("a take of shot %(shot)s in “%(film)s”")
        )
        uses[take.generation.asset_id].append(_in(take.shot.project, words, shot=take.shot.number))
    sheets = View.objects.filter(asset__in=ids, entity__deleted_at=None, entity__project__deleted_at=None)
    for view in sheets.select_related("entity__project"):
        uses[view.asset_id].append(_in(view.entity.project, _("@%(tag)s in “%(film)s”"), tag=view.entity.tag))
    given = Input.objects.filter(
        asset__in=ids, generation__deleted_at=None, generation__project__deleted_at=None
    ).select_related("generation__project")
    for row in given:
        words = _("“%(prompt)s” in “%(film)s” was made from it")
        prompt = Truncator(row.generation.words).chars(40) or "…"
        uses[row.asset_id].append(_in(row.generation.project, words, prompt=prompt))
    planned = Shot.objects.live().filter(project__workspace=assets[0].workspace_id, project__deleted_at=None)
    for shot in planned.exclude(given=[]).select_related("scene", "project"):
        for id in {one["asset"] for one in shot.given}.intersection(map(str, ids)):
            words = _("shot %(shot)s in “%(film)s” is planned with it")
            uses[UUID(id)].append(_in(shot.project, words, shot=shot.number))
    for timeline in Timeline.objects.of_films(assets[0].workspace_id).select_related("project"):
        sources = timeline.sources
        for id in ids:
            if Source("asset", str(id)) in sources:
                uses[id].append(_in(timeline.project, _("the cut of “%(film)s”")))
    return uses


def in_cuts(workspace):
    """The ids, as text, of the files that a workspace's cuts have by themselves: they are seen though their card is
    gone. One query."""
    return Timeline.objects.of_films(workspace).files()


def told(asset, uses):
    """One sentence about where a file is used; at most three places by name."""
    places = [use.what for use in uses[:3]] + ([_("and elsewhere")] if len(uses) > 3 else [])
    return _("“%(name)s” is in use: %(places)s.") % {
        "name": Truncator(asset.name).chars(40),
        "places": ", ".join(places),
    }


def _in(project, words, **values):
    return Use(words % ({"film": project.name} | values), reverse("projects:project", args=[project.pk]))

"""What a rendered film says of itself: which film it is and what it was cut from, so that it is known when it comes
back."""

import json
from uuid import UUID

from django.utils.translation import ngettext

from projects.models import Export, Project
from runwayweb.assets.recipes import NoRecipe

MOST_SOURCES = 1000  # that a film names: what it says of itself stays short


def film_recipe(export) -> str:
    """The recipe of an export, as JSON: the film, and what its cut shows by id and SHA-256. One query."""
    cut_from = sorted({(str(asset.pk), asset.sha256) for asset in export.assets().values()})
    film = {
        "id": str(export.project_id),
        "made_from": [{"id": id, "sha256": sha256} for id, sha256 in cut_from[:MOST_SOURCES]],
    }
    return json.dumps({"film": film})


def film_of_bytes(sha256, user):
    """The Project that a rendered file of this SHA-256 is of, where this person may see it, or None."""
    known = Export.objects.visible_to(user).filter(asset__sha256=sha256).select_related("project")
    export = known.order_by("created_at").first()
    return export and export.project


def film_of_recipe(told, user):
    """The Project that a recipe with a "film" speaks of. Raises NoRecipe with a sentence where it is not one of this
    person's."""
    film = told["film"]
    try:
        project = Project.objects.visible_to(user).filter(pk=UUID(str(film.get("id")))).first()
    except ValueError:
        project = None
    if project is None:
        made_from = film.get("made_from")
        count = len(made_from) if isinstance(made_from, list) else 0
        raise NoRecipe(
            ngettext(
                "This is a film that was cut from %(n)d file, but none of yours: bring the whole film as a bundle.",
                "This is a film that was cut from %(n)d files, but none of yours: bring the whole film as a bundle.",
                count,
            )
            % {"n": count}
        )
    return project

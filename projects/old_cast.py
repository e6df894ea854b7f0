"""Takes that show somebody as they were before they were changed."""

from collections import defaultdict

from django.db.models import OuterRef, Subquery

from generation.engine import catalogue
from projects.models import Take


def takes_of_old_cast(project):
    """{entity: takes} of the film: of each shot the take that stands in it, else its newest, made of somebody who has
    changed since. Four queries."""
    newest = Take.objects.live().filter(shot=OuterRef("pk"), generation__status="succeeded").order_by("-number")
    shots = project.shots.live().annotate(newest=Subquery(newest.values("pk")[:1]))
    ids = {shot.chosen_id or shot.newest for shot in shots} - {None}
    takes = (
        Take.objects.live()
        .filter(pk__in=ids, generation__status="succeeded")
        .select_related("generation", "shot__scene")
        .prefetch_related("generation__inputs")
    )
    old = defaultdict(list)
    for take in takes:
        for entity in project.cast:
            if shows_as_it_was(take, entity):
                old[entity].append(take)
    return dict(old)


def shows_as_it_was(take, entity):
    """Whether a take was given something else of an entity than it would be today."""
    run = take.generation
    tag = entity.tag.lower()
    if tag not in take.names:
        return False
    given = next((row for row in run.inputs.all() if row.tag and take.today(row.tag) == tag), None)
    said = {take.today(name): words for name, words in run.request.get("names", ())}
    if given is not None:
        view = entity.first_view
        return view is None or (given.asset_id, given.words) != (view.asset_id, entity.description)
    if tag in said:
        return said[tag] != entity.words or (entity.is_shown and _looks_at_pictures(run.model))
    return False


def _looks_at_pictures(model):
    try:
        return catalogue.card(model).most_references > 0
    except catalogue.ModelNotFound:
        return False

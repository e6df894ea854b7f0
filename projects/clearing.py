"""Clearing away takes that nobody wanted, where the operator said after how long."""

import json
import re
from collections import defaultdict
from datetime import timedelta
from itertools import chain

from django.db.models import Exists, OuterRef
from django.utils import timezone

from generation.models import Generation, Input
from projects.models import Shot, Take, Timeline, View, Workflow, WorkflowVersion
from runwayweb.assets.models import Favourite, Retention, Tag

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
AT_ONCE = 200  # the next round goes on


def clear_takes():
    """Put them into the trash, from where they may come back for its whole time. Nothing that a film uses goes."""
    days = Retention.objects.days("takes")
    if days is None:
        return
    of_workspaces = defaultdict(list)
    for take in unwanted(days).select_related("generation", "shot__project"):
        of_workspaces[take.shot.project.workspace_id].append(take)
    left = AT_ONCE
    for workspace, takes in of_workspaces.items():
        spoken_of = _spoken_of(workspace)
        for take in takes:
            if left and not spoken_of & {str(take.pk), str(take.generation.asset_id)}:
                left -= take.generation.delete_softly()


def unwanted(days):
    """Takes that came to an end so long ago, and that nobody chose, rated, marked, filed, or made something else of.

    What cuts hold and shots are planned with is another matter: it stands in JSON.
    """
    asset, run = OuterRef("generation__asset"), OuterRef("generation")
    copies = Generation.objects.filter(asset=asset, deleted_at=None).exclude(pk=run)
    used = [
        Shot.objects.filter(chosen=OuterRef("pk")),
        Favourite.objects.filter(asset=asset),
        Tag.assets.through.objects.filter(asset=asset),
        View.objects.filter(asset=asset),
        View.objects.filter(asset__made_of=asset),
        Input.objects.filter(asset=asset),
        Input.objects.filter(asset__made_of=asset),
        Generation.objects.filter(blocking_of=run),
        copies,
    ]
    old = Take.objects.in_sight().filter(
        generation__status=Generation.Status.SUCCEEDED,
        generation__finished_at__lt=timezone.now() - timedelta(days=days),
        generation__asset__folder=None,
        rating=0,
    )
    return old.exclude(generation__asset=None).filter(*[~Exists(rows) for rows in used])


def _spoken_of(workspace):
    """Every id that cuts and workflows of a workspace hold and its shots are planned with, as text: of takes and files,
    and of whatever else."""
    of_films = {"project__workspace": workspace}
    documents = chain(
        Timeline.objects.filter(**of_films).values_list("document", flat=True),
        Shot.objects.filter(**of_films).exclude(given=[]).values_list("given", flat=True),
        Workflow.objects.filter(workspace=workspace).values_list("draft", flat=True),
        WorkflowVersion.objects.filter(workflow__workspace=workspace).values_list("graph", flat=True),
    )
    return {id for document in documents for id in UUID.findall(json.dumps(document))}

"""Two takes beside each other: what is to be seen of them, and what of their requests differs."""

import uuid
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from generation.models import Generation
from projects.cards import GenerationCard, card_of
from projects.comparison import differences
from projects.models import Take
from runwayweb.accounts.doors import visible

SHOWN = "generation__asset", "generation__blocking_of__asset", "shot__scene", "shot__project", "shot__chosen"


@dataclass(frozen=True)
class Side:
    """One of the two, as the page shows it."""

    letter: str
    take: Take
    card: GenerationCard


@login_required
@require_safe
def comparison(request, id):
    """A take beside another of its film: the one of `?with=`, else the shot's chosen or newest other one."""
    takes = Take.objects.filter(generation__status=Generation.Status.SUCCEEDED)
    takes = takes.select_related(*SHOWN).prefetch_related("generation__inputs__asset", "scores__entity")
    a = visible(request, takes, pk=id)
    others = takes.visible_to(request.user).filter(shot__project=a.shot.project_id).exclude(pk=a.pk)
    b = _other(a, others, request.GET.get("with"))
    context = {
        "project": a.shot.project,
        "shot": a.shot,
        "sides": [Side(letter, take, card_of(take.generation)) for letter, take in (("A", a), ("B", b)) if take],
        "a": a,
        "b": b,
        "others": others.order_by("shot__scene__position", "shot__position", "number"),
        "differences": differences(a, b) if b else [],
    }
    return render(request, "projects/comparison.html", context)


def _other(a, others, asked):
    if asked:
        return get_object_or_404(others, pk=_id(asked))
    beside = others.filter(shot=a.shot_id)
    return beside.filter(pk=a.shot.chosen_id).first() or beside.order_by("-number").first()


def _id(text):
    try:
        return uuid.UUID(text)
    except ValueError:
        return None

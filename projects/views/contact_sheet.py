"""The contact sheet of a shot: takes that differ by their seeds, small and side by side, to choose from."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from generation.engine import catalogue
from generation.engine.request import InvalidRequest
from generation.models import Generation
from projects.cards import card_of
from projects.inputs import told
from projects.models import Take
from projects.views.shots import find_shot, tiles_of
from runwayweb.accounts.doors import opened, visible
from runwayweb.subscriptions.models import Wallet
from runwayweb.subscriptions.refused import Refused

SEEDS = (4, 9, 16)


class SeedsForm(forms.Form):
    """How many seeds."""

    seeds = forms.TypedChoiceField(coerce=int, choices=[(n, str(n)) for n in SEEDS])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request, id):
    """The sheet; a POST asks for more takes: all of them, or none when the credits do not reach."""
    shot = find_shot(request, id, opened)
    refused = ""
    if request.method == "POST":
        form = SeedsForm(request.POST)
        try:
            if form.is_valid():
                shot.request_seeds(form.cleaned_data["seeds"], by=request.user)
            else:
                refused = str(form.errors["seeds"][0])
        except (Refused, InvalidRequest, catalogue.ModelNotFound) as error:
            refused = told(error) if isinstance(error, InvalidRequest) else str(error)
        if refused:
            messages.error(request, refused)
        return redirect("projects:shot-sheet", shot.pk)
    context = {
        "project": shot.project,
        "shot": shot,
        "tiles": tiles_of(shot),
        "offers": _offers(shot),
        "available": Wallet.objects.of(shot.project.workspace).available,
    }
    return render(request, "projects/contact_sheet.html", context)


@login_required
@require_safe
def tile(request, id):
    """One take of it, for a page on which it is being made."""
    take = visible(request, Take.objects.select_related("shot__project", "shot__scene"), pk=id)
    generation = Generation.objects.with_what_cards_show().get(pk=take.generation_id)
    generation.take = take
    return render(request, "projects/contact_sheet.html#tile", {"generation": card_of(generation), "shot": take.shot})


def _offers(shot):
    """(how many seeds, what they cost) of what can be asked for; [] where the engine is not there any more."""
    try:
        each = shot.credits_for_a_seed
    except catalogue.ModelNotFound:
        return []
    return [(count, count * each) for count in SEEDS]

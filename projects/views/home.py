"""The front door, and the strip every page keeps fresh."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from generation import machines
from generation.engine import catalogue
from generation.engine.card import HOW_TO_ADD_EXTRAS
from generation.engine.tasks import TASKS


@require_safe
def home(request):
    """What this is, for a visitor; straight to the desk for somebody signed in."""
    if request.user.is_authenticated:
        return redirect("projects:project-list")
    return render(request, "landing.html")


@login_required
@require_safe
def studio_status(request):
    """Credits and what is running, as the top bar shows them."""
    return render(request, "_studio_status.html")


@login_required
@require_safe
def abilities(request):
    """Everything that can be made here: which engines do it here, else the command that installs one."""
    cards = catalogue.cards()
    told = []
    for task, what in TASKS.items():
        able = [card for card in cards if task in card.tasks]
        ready = [card for card in able if not card.lacks]
        command = HOW_TO_ADD_EXTRAS if able else catalogue.how_to_serve(task)
        told.append({"what": what, "cards": ready, "lacking": able and not ready and able[0], "command": command})
    small = [(card, why) for card in cards if (why := machines.refusal(card))]
    licensed = [card for card in cards if card.licence]
    return render(request, "projects/abilities.html", {"abilities": told, "small": small, "licensed": licensed})

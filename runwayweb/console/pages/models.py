"""The models of this installation: which are offered, which stands first, where they fit, and what each plan has."""

from pathlib import Path

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from generation import machines, offered
from generation.engine import catalogue, memory, store
from generation.engine.published import PUBLISHED
from generation.models import Worker
from runwayweb.accounts.models import AuditEntry
from runwayweb.console.fleet import lately
from runwayweb.subscriptions.models import Plan
from runwayweb.subscriptions.refused import Refused

FITS = {
    "full": gettext_lazy("as it is"),
    "fp8": gettext_lazy("in fp8"),
    "offload": gettext_lazy("from RAM, slowly"),
    None: gettext_lazy("does not fit"),
}


@require_safe
def models(request):
    hidden, cards = offered.withheld(), catalogue.installed()
    default = catalogue.cards()[0].id
    rooms = _rooms()
    told = {
        "models": [
            {
                "card": card,
                "is_offered": card.id not in hidden,
                "is_default": card.id == default,
                "size_bytes": _size_of(card),
                "pinned": store.is_pinned(card.id),
                "revision": (store.revision_of(card.id) or "")[:8],
                "has_files": bool(card.location and Path(card.location).is_dir()),
                "fits": [(host, *_fit(card, room)) for host, room in rooms],
            }
            for card in cards
        ],
        "others": [card for card in PUBLISHED if card.id not in {one.id for one in cards}],
        "plans": [(plan, [(card, plan.allows_model(card.id)) for card in cards]) for plan in Plan.objects.all()],
    }
    return render(request, "console/models.html", told)


def _rooms():
    """[(host, Room)] of the GPU workers that live, the largest of each host. One query."""
    found = {}
    for worker in Worker.objects.beating(Worker.Kind.GPU, lately()).order_by("host"):
        if worker.room and (worker.host not in found or worker.room.gpu > found[worker.host].gpu):
            found[worker.host] = worker.room
    return list(found.items())


def _fit(card, room):
    """(how a model fits a machine, in words; whether it does)."""
    needs = machines.known_needs(card)
    if why := machines.why_too_small(card, needs, [room]):
        return why, False
    if not needs or not room.gpu:
        return _("as it is"), True
    plan = memory.fit(needs, memory.Gpu("", room.gpu))
    return FITS[plan], plan is not None


def _size_of(card):
    """Bytes of a model's files on this machine; 0 for one that has none of its own."""
    folder = Path(card.location) if card.location else None
    if folder is None or not folder.is_dir():
        return 0
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _known(model):
    if model not in {card.id for card in catalogue.installed()}:
        raise Http404


@require_POST
def model_offer(request, model):
    """On with `on`, else off."""
    _known(model)
    on = "on" in request.POST
    try:
        offered.offer(model, on, by=request.user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        told = _("%(model)s is offered.") if on else _("%(model)s is not offered any more; what waits is still made.")
        messages.success(request, told % {"model": model})
    return redirect("console:models")


@require_POST
def model_first(request, model):
    _known(model)
    try:
        offered.put_first(model, by=request.user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(model)s is the default now.") % {"model": model})
    return redirect("console:models")


@require_POST
def plan_models(request, plan):
    """`model`: those that whoever is on the plan may use; all of them, or none: every one, also those to come."""
    plan = get_object_or_404(Plan, slug=plan)
    known = [card.id for card in catalogue.installed()]
    chosen = [model for model in known if model in request.POST.getlist("model")]
    # What is not installed just now stays as it was.
    allowed = (
        [] if len(chosen) in (0, len(known)) else [*chosen, *(one for one in plan.allowed_models if one not in known)]
    )
    if allowed != plan.allowed_models:
        with transaction.atomic():
            plan.allowed_models = allowed
            plan.save(update_fields=["allowed_models"])
            named = ", ".join(allowed) or "*"
            AuditEntry.objects.record(None, request.user, "operator.plan_models", about=plan.name, models=named)
        messages.success(request, _("The plan %(plan)s is changed.") % {"plan": plan.name})
    return redirect("console:models")


urlpatterns = [
    path("models/", models, name="models"),
    path("models/<str:model>/offer/", model_offer, name="model-offer"),
    path("models/<str:model>/first/", model_first, name="model-first"),
    path("models/plans/<slug:plan>/", plan_models, name="plan-models"),
]

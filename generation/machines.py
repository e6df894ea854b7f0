"""Whether the machines here are large enough for a model, by what their workers say they have."""

import math
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from generation.engine import catalogue, memory
from generation.engine.card import ModelCard
from generation.engine.memory import Needs, Room
from generation.engine.weights import ModelRefused
from runwayweb.subscriptions.refused import Refused


class TooSmall(Refused):
    """No machine here could run the model that was asked for."""


def check(card: ModelCard) -> None:
    """Raises TooSmall for a model that is too large for every worker that lives. One query."""
    if why := refusal(card):
        raise TooSmall(why)


def refusal(card: ModelCard) -> str:
    """Why no worker that lives could run a model, a sentence; "" where one could, or nobody knows. One query."""
    needs = known_needs(card)
    return why_too_small(card, needs, _rooms()) if needs else ""


def beyond(worker) -> list[str]:
    """The ids of the models that are too large for a worker, where another that lives is large enough."""
    if worker.room is None:
        return []
    others = None
    found = []
    for card in catalogue.cards():
        if memory.too_small(needs := known_needs(card), worker.room):
            others = _rooms() if others is None else others
            if not why_too_small(card, needs, others):
                found.append(card.id)
    return found


def why_too_small(card: ModelCard, needs: Needs | None, machines: Sequence[Room]) -> str:
    """Why none of some machines is large enough for a model, a sentence; "" where one is, or there are none."""
    lacking = [(machine, least) for machine in machines if (least := memory.too_small(needs, machine))]
    if not lacking or len(lacking) < len(machines):
        return ""
    has, least = max(lacking, key=lambda pair: (pair[0].gpu, pair[0].ram))
    told = {"model": card.name, "ram": _gigabytes(least.ram), "has_ram": f"{has.ram:.0f}"}
    if not has.gpu:
        on_gpu = _gigabytes(needs.of_gpu(memory.PLANS[-1]) / (1 - memory.LEFT_FREE)) if needs else 0
        return _(
            "There is no GPU here: without one, %(model)s needs at least %(ram)s GB of RAM, and there are %(has_ram)s. "
            "A GPU would need at least %(gpu)s GB."
        ) % (told | {"gpu": on_gpu})
    if least.gpu > has.gpu:
        told |= {"gpu": _gigabytes(least.gpu), "has_gpu": f"{has.gpu:.0f}"}
        return (
            _(
                "No GPU here is large enough: %(model)s needs at least %(gpu)s GB of GPU memory, and the largest has "
                "%(has_gpu)s."
            )
            % told
        )
    return _("%(model)s needs at least %(ram)s GB of RAM beside its GPU, and there are %(has_ram)s.") % told


def known_needs(card: ModelCard) -> Needs | None:
    """What a model needs as its card or its files here say; None where that is not known, or it is small."""
    try:
        here = card.needs or (card.location and Path(card.location).is_dir())
        return catalogue.needs(card) if here else None
    except ModelRefused:
        return None


def _rooms() -> list[Room]:
    """What each worker that lives says it has; nothing where one of them does not say, for it may have enough."""
    from generation.models import Worker

    lately = timedelta(seconds=3 * settings.BEAT_SECONDS + 5)
    rooms = [worker.room for worker in Worker.objects.beating(Worker.Kind.GPU, lately)]
    return [] if None in rooms else rooms


def _gigabytes(least: float) -> str:
    return f"{math.ceil(least)}"

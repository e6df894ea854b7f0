"""Which machines can run a model, by what their workers say they have: its files, and memory enough."""

import math
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext as _

from generation import history
from generation.engine import catalogue, memory
from generation.engine.card import ModelCard
from generation.engine.memory import Needs, Room
from generation.engine.weights import ModelRefused
from runwayweb.subscriptions.refused import Refused

MOMENT = 3  # looks of the dispatcher that a run is left to an idle worker which has its model loaded
LONG_TO_LOAD = 5.0  # seconds; what loads faster is not waited for


class TooSmall(Refused):
    """No machine here could run the model that was asked for."""


def check(card: ModelCard) -> None:
    """Raises TooSmall for a model that no worker that lives has, or that is too large for each that has. One query."""
    if why := refusal(card):
        raise TooSmall(why)


def refusal(card: ModelCard) -> str:
    """Why no worker that lives could run a model, a sentence; "" where one could, or nobody knows, or none lives that
    has it and some come when it is needed. One query."""
    workers = living()
    having = [worker for worker in workers if worker.has(card.id)]
    if workers and not having and card.id not in settings.MODELS_ON_CALL:
        return _("%(model)s is not installed on any machine that works here now.") % {"model": card.name}
    needs = known_needs(card)
    return why_too_small(card, needs, _rooms(having)) if needs else ""


def able(workers, card: ModelCard):
    """Those of some workers that can run a model: it is installed where they run, and fits."""
    needs = known_needs(card)
    return [
        worker
        for worker in workers
        if worker.has(card.id) and not (needs and worker.room and memory.too_small(needs, worker.room))
    ]


def left_to_others(pulse) -> Q:
    """Which queued runs a worker leaves to others, by its Pulse: those of models that are not installed where it runs,
    or too large for it where another is large enough; and for a moment those of a model that takes long to load, where
    another has it loaded and nothing to do.

    A run whose model nobody has waits MODEL_AWAY_SECONDS for a machine that has; then it is taken, to fail with a
    reason. Four queries, and one for each model that an idle worker has loaded and this one has not.
    """
    worker = pulse.worker
    others = [other for other in living() if other.pk != worker.pk]
    leaves = Q(model__in=beyond(worker, others))
    if worker.installed is not None:
        leaves |= ~Q(model__in=[*worker.installed, *_missed(pulse, others)])
    return leaves | _for_idle_ones(worker, others)


def beyond(worker, others) -> list[str]:
    """The ids of the models that are too large for a worker, where another that has it is large enough."""
    if worker.room is None:
        return []
    return [
        card.id
        for card in catalogue.installed()
        if memory.too_small(needs := known_needs(card), worker.room)
        and not why_too_small(card, needs, _rooms([worker, *(other for other in others if other.has(card.id))]))
    ]


def _missed(pulse, others) -> list[str]:
    """The ids of the models which runs wait for and no machine has had for MODEL_AWAY_SECONDS, as far as this worker
    knows."""
    from generation.models import Generation
    from generation.models.status import Status

    wanted = set(Generation.objects.filter(status=Status.QUEUED).order_by().values_list("model", flat=True).distinct())
    nowhere = {model for model in wanted if not any(one.has(model) for one in (pulse.worker, *others))}
    now = time.monotonic()
    pulse.missing_since = {model: pulse.missing_since.get(model, now) for model in nowhere}
    return [model for model, since in pulse.missing_since.items() if now - since >= settings.MODEL_AWAY_SECONDS]


def _for_idle_ones(worker, others) -> Q:
    from generation.models import Generation, Worker
    from generation.models.status import Status

    loaded_there = [other for other in others if set(other.warm or ()) - set(worker.warm or ())]
    if not loaded_there:
        return Q(pk__in=())
    at_work = set(Worker.objects.at_work().values_list("pk", flat=True))  # not those that an operator lets rest
    idle = at_work - set(Generation.objects.filter(status=Status.RUNNING).values_list("worker", flat=True))
    models = {model for other in loaded_there if other.pk in idle for model in other.warm}
    slow = [m for m in models - set(worker.warm or ()) if (history.load_seconds(m) or 0.0) >= LONG_TO_LOAD]
    moment = timedelta(seconds=MOMENT * settings.DISPATCH_SECONDS)
    return Q(GreaterThan(Coalesce("in_line_at", "queued_at"), Now() - moment), model__in=slow)


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


def living():
    """The workers that run models and gave a sign of life lately. One query."""
    from generation.models import Worker

    return list(Worker.objects.living().filter(kind=Worker.Kind.GPU))


def _rooms(workers) -> list[Room]:
    """What each worker says it has; nothing where one of them does not say, for it may have enough."""
    rooms = [worker.room for worker in workers]
    return [] if None in rooms else rooms


def _gigabytes(least: float) -> str:
    return f"{math.ceil(least)}"

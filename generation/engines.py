"""The engines a worker keeps warm: loading one takes long, so it stays until another needs its memory."""

from functools import cache
from typing import Any

from generation import machines
from generation.engine import catalogue, memory
from generation.engine.clip import EngineError

TOO_SMALL = "INTERNAL.MACHINE_TOO_SMALL"

# What is set aside for an engine whose card tells no needs, because they are small.
SMALL = memory.Needs(denoiser=0.1, block=0.1, encoders=0.0, autoencoder=0.0, working=0.5)

_warm: dict[tuple[str, int], Any] = {}  # model id and memory plan → engine, the one used last at the end
_group: Any = None  # the `parallel.Group` of processes this one leads, if it does


def lead(group):
    """From now on, load and draw together with a group of processes what can be shared."""
    global _group
    _group = group


def is_warm(card, smaller=0):
    """Whether the engine of `card` is loaded."""
    return (card.id, smaller) in _warm


def loaded():
    """The ids of the models that are loaded."""
    return {model for model, _plan in list(_warm)}  # asked by the thread that beats, too


def told():
    """What a worker says of itself at every beat: the models that are installed here, those that are loaded, and how
    much of its GPU is taken."""
    return {"installed": sorted(catalogue.here()), "warm": sorted(loaded()), "gpu_used_gb": memory.gpu_used()}


def warm(card, smaller=0):
    """The engine of `card`, loaded if it is not, `smaller` memory plans below the usual one.

    Others stay loaded as long as this one finds free what it needs; those that were not used for longest go first.
    Raises EngineError, before anything is loaded, where this machine could not hold it at all.
    """
    needs = _needs(card)
    if why := machines.why_too_small(card, needs, [memory.whole()]):
        raise EngineError(why, TOO_SMALL)
    plan = _plan(needs, smaller)
    if is_warm(card, smaller):
        _warm[card.id, smaller] = _warm.pop((card.id, smaller))
        _make_room(needs.to_draw(plan), staying=1)
    else:
        for loaded in [loaded for loaded in _warm if loaded[0] == card.id]:
            _drop(*loaded)  # under another plan
        _make_room(needs.to_load(plan))
        load = _group.load if _group and _group.can_share(card) else catalogue.load_engine
        _warm[card.id, smaller] = load(card, smaller=smaller)
    return _warm[card.id, smaller]


@cache  # looking may ask the network
def _needs(card):
    return catalogue.needs(card) or SMALL


def _plan(needs, smaller):
    """The memory plan of a GPU that has nothing else on it; None without one."""
    import torch

    if not torch.cuda.is_available():
        return None
    return memory.plan_for(needs, memory.Gpu("", torch.cuda.mem_get_info()[1] / 1e9), smaller)


def _make_room(needed, staying=0):
    """Drop engines until so much is free, or only the `staying` last ones are left."""
    while len(_warm) > staying and not _is_free(needed):
        _drop(*next(iter(_warm)))


def _is_free(needed):
    """Before most runs it is, and nobody has to tidy up for them."""
    return memory.free(tidy=False).takes(needed) or memory.free().takes(needed)


def _drop(model_id, smaller):
    del _warm[model_id, smaller]
    if _group:
        _group.drop(model_id, smaller)

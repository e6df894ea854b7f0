"""A machine that is too small for a model is said before the model is loaded, and leaves the run to a larger one."""

import pytest

from generation import engines, machines
from generation.attempt import Attempt
from generation.engine import catalogue, memory
from generation.engine.clip import EngineError
from generation.engine.memory import Needs, Room
from generation.engine.published import PUBLISHED
from generation.models import Generation
from generation.models.status import Status
from generation.pulse import Pulse
from runwayweb.subscriptions.models import Wallet
from tests.factories import make_generation

LTX = next(card for card in PUBLISHED if card.id == "ltx-2.5")
SMALL, LARGE = Room(8.0, 64.0), Room(85.9, 256.0)
LARGE_NEEDS = Needs(denoiser=30.0, block=1.0, encoders=10.0, autoencoder=1.0, working=7.0)  # from RAM: 10 GB, 40 of RAM


@pytest.fixture
def pulled(monkeypatch, tmp_path):
    """LTX-2.5 lies here; nothing of it will be read."""
    monkeypatch.setenv("RUNWAYWEB_MODELS_FOLDER", str(tmp_path))
    (tmp_path / LTX.id).mkdir()
    (tmp_path / LTX.id / "model_index.json").touch()
    return catalogue.card(LTX.id)


@pytest.fixture
def has(monkeypatch):
    """has(room): what this machine has."""
    monkeypatch.setattr(engines, "_warm", {})
    return lambda room: monkeypatch.setattr(memory, "whole", lambda: room)


@pytest.mark.parametrize(
    ("machine", "least"),
    [
        (Room(11.0, 64.0), None),
        (Room(10.0, 64.0), Room(10.0 / 0.94, 40.0 / 0.94)),  # six parts of a hundred stay free
        (Room(24.0, 0.0), None),  # nobody tells of its RAM
        (Room(24.0, 32.0), Room(10.0 / 0.94, 40.0 / 0.94)),  # fp8 does not fit beside the six parts; from RAM takes 40
        (Room(0.0, 64.0), Room(0.0, 88.0 / 0.94)),  # in float32
        (Room(0.0, 96.0), None),
        (Room(0.0, 0.0), None),
    ],
)
def test_what_a_machine_would_need_to_have(machine, least):
    assert memory.too_small(LARGE_NEEDS, machine) == least
    assert memory.too_small(None, machine) is None


def test_what_this_machine_has_is_known():
    assert memory.whole().ram >= memory.free().ram > 0.1


@pytest.mark.parametrize(
    ("room", "sentence"),
    [
        (SMALL, "LTX-2.5 needs at least 27 GB of GPU memory, and the largest has 8."),
        (Room(0.0, 64.0), "without one, LTX-2.5 needs at least 171 GB of RAM, and there are 64. A GPU would need"),
        (Room(40.0, 16.0), "LTX-2.5 needs at least 73 GB of RAM beside its GPU, and there are 16."),
    ],
)
def test_it_is_said_before_anything_is_loaded(pulled, has, room, sentence):
    has(room)
    with pytest.raises(EngineError) as refusal:
        engines.warm(pulled)
    assert refusal.value.code == engines.TOO_SMALL and sentence in str(refusal.value)
    assert not engines.is_warm(pulled)
    has(LARGE)
    with pytest.raises(EngineError) as refusal:
        engines.warm(pulled)
    assert refusal.value.code == "INTERNAL.MODEL_REFUSED", "now its empty folder is what is wrong"


@pytest.mark.django_db(transaction=True)
def test_a_run_that_no_machine_is_large_enough_for_fails_at_once_and_costs_nothing(project, pulled, has):
    has(SMALL)
    make_generation(project, model=LTX.id)
    generation = Attempt.run_next(Pulse("gpu", room=SMALL)).generation
    generation.refresh_from_db()
    assert (generation.status, generation.failure_code) == (Status.FAILED, engines.TOO_SMALL)
    assert "27 GB of GPU memory" in generation.failure
    assert Wallet.objects.of(generation.workspace).available == 500


@pytest.mark.django_db(transaction=True)
def test_a_small_machine_leaves_it_to_a_larger_one_and_takes_what_fits(project, pulled):
    small, large = Pulse("gpu", room=SMALL), Pulse("gpu", room=LARGE)
    too_large = make_generation(project, model=LTX.id)
    fits = make_generation(project)
    assert machines.beyond(small.worker, [large.worker]) == [LTX.id]
    assert machines.beyond(large.worker, [small.worker]) == []
    assert Attempt.run_next(small).generation == fits
    assert Attempt.run_next(small) is None
    assert Generation.objects.get(pk=too_large.pk).status == Status.QUEUED
    assert Generation.objects.claim_next(large.worker) == too_large

"""Which engines a worker keeps loaded, and which it drops when memory is short."""

import gc
import weakref
from dataclasses import replace

import pytest

from generation import engines
from generation.engine import catalogue, memory
from generation.engine.memory import Needs, Room
from tests.engine.tiny_pipelines import save_tiny_vace, save_tiny_wan

LARGE = Needs(denoiser=2.0, block=0.1, encoders=1.0, autoencoder=0.5, working=1.5)  # 8 GB without a GPU


@pytest.fixture(autouse=True)
def nothing_is_warm(monkeypatch):
    monkeypatch.setattr(engines, "_warm", {})


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Two models that say they need 8 GB each."""
    folder = tmp_path_factory.mktemp("models")
    cards = (
        catalogue.card_for(str(save(folder / name)))
        for name, save in (("wan", save_tiny_wan), ("vace", save_tiny_vace))
    )
    return [replace(card, needs=LARGE) for card in cards]


@pytest.fixture
def free_gb(monkeypatch):
    """So much memory is free before anything is loaded; each of the large models takes the 6.5 GB of its weights."""

    def has(gigabytes):
        def free(tidy=True):
            held = sum(6.5 for model, _ in engines._warm if model != "animatic")
            return Room(0.0, gigabytes - held)

        monkeypatch.setattr(memory, "free", free)
        monkeypatch.setattr(memory, "whole", lambda: Room(0.0, 100.0))

    return has


def warm_ids():
    return [model for model, _ in engines._warm]


def test_engines_stay_warm_beside_each_other_while_there_is_room(models, free_gb):
    free_gb(100)
    cards = [catalogue.ANIMATIC, *models]
    loaded = [engines.warm(card) for card in cards]
    assert [engines.warm(card) for card in cards] == loaded
    assert all(engines.is_warm(card) for card in cards)


def test_the_one_that_was_not_used_for_longest_goes_first(models, free_gb):
    wan, vace = models
    free_gb(14)
    engines.warm(wan)
    engines.warm(catalogue.ANIMATIC)
    engines.warm(vace)  # finds 7.5 GB, and needs 8
    assert warm_ids() == ["animatic", "vace"]
    engines.warm(catalogue.ANIMATIC)
    engines.warm(wan)
    assert warm_ids() == ["animatic", "wan"], "what was used again meanwhile stays"


def test_one_that_is_loaded_finds_room_to_draw_before_it_draws(models, free_gb):
    wan, vace = models
    free_gb(16)
    kept = engines.warm(wan)
    engines.warm(vace)
    assert engines.warm(wan) is kept and warm_ids() == ["vace", "wan"]
    free_gb(14)  # 1 GB is left beside both, and a clip takes 1.5
    assert engines.warm(wan) is kept and warm_ids() == ["wan"]


def test_one_model_is_never_there_twice(models, free_gb):
    free_gb(100)
    wan, _ = models
    engines.warm(wan)
    engines.warm(wan, smaller=1)
    assert (engines.is_warm(wan), engines.is_warm(wan, smaller=1)) == (False, True)


def test_nobody_tidies_up_where_there_is_room(models, free_gb, monkeypatch):
    free_gb(100)
    free, tidied = memory.free, []
    monkeypatch.setattr(memory, "free", lambda tidy=True: tidied.append(tidy) or free(tidy))
    for model in (*models, *models):
        engines.warm(model)
    assert tidied and not any(tidied)
    free_gb(14)
    monkeypatch.setattr(memory, "free", lambda tidy=True, free=memory.free: tidied.append(tidy) or free(tidy))
    engines.warm(models[0])
    assert tidied[-1], "before one is dropped"


def test_what_is_dropped_gives_its_memory_back(models, free_gb):
    free_gb(1)
    wan, vace = models
    dropped = weakref.ref(engines.warm(wan).pipeline.transformer)
    engines.warm(vace)
    gc.collect()
    assert dropped() is None


def test_what_is_free_is_known_here():
    assert memory.free().ram > 0.1


def test_a_model_without_needs_is_taken_by_its_files(tmp_path):
    card = catalogue.card_for(str(save_tiny_wan(tmp_path / "tiny-wan")))
    assert card.needs is None
    assert catalogue.needs(card).denoiser > 0
    assert catalogue.needs(catalogue.ANIMATIC) is None


def test_a_container_has_no_more_than_it_may_take(tmp_path, monkeypatch):
    (tmp_path / "meminfo").write_text("MemTotal: 64000000 kB\nMemAvailable:   50000000 kB\n")
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    assert memory.free_ram() == pytest.approx(51.2)
    (tmp_path / "memory.max").write_text("8000000000\n")
    (tmp_path / "memory.current").write_text("5000000000\n")
    (tmp_path / "memory.stat").write_text("anon 3000000000\ninactive_file 1500000000\n")
    assert memory.free_ram() == pytest.approx(4.5)
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free_ram() == pytest.approx(51.2)
    (tmp_path / "meminfo").unlink()
    assert memory.free_ram() == 0.0
